// Proves that a value has arrived inside.

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <string>
#include <string_view>

#include "type_matrix_cpp.h"

namespace exports::matrix::types::compute {

void Nothing() {}

wit::string Concatenate(wit::string a, wit::string b, wit::string c, wit::string d, wit::string e,
                        wit::string f, wit::string g, wit::string h, wit::string i) {
  std::string all;
  for (const auto* part : {&a, &b, &c, &d, &e, &f, &g, &h, &i}) {
    all += part->get_view();
  }
  return wit::string::from_view(all);
}

uint64_t XorU64(wit::vector<uint64_t> values) {
  return std::ranges::fold_left(values.get_view(), uint64_t{0}, std::bit_xor());
}

wit::vector<uint32_t> ByteLengths(wit::vector<wit::string> texts) {
  auto lengths = wit::vector<uint32_t>::allocate(texts.size());
  std::ranges::transform(texts.get_view(), lengths.data(), &wit::string::size);
  return lengths;
}

uint32_t CodePoint(uint32_t value) { return value; }

Color NextColor(Color value) {
  return value == Color::kBlue ? Color::kRed : Color{static_cast<uint8_t>(std::to_underlying(value) + 1)};
}

Permissions Complement(Permissions value) {
  const auto all = Permissions::kRead | Permissions::kWrite | Permissions::kUse;
  return Permissions{static_cast<uint8_t>(~std::to_underlying(value))} & all;
}

std::expected<std::tuple<Point, Point>, Failure> Bounds(wit::vector<Point> points) {
  if (points.empty()) {
    return std::unexpected(Failure{Failure::Empty{}});
  }
  const auto [left, right] = std::ranges::minmax(points.get_view(), {}, &Point::x);
  const auto [bottom, top] = std::ranges::minmax(points.get_view(), {}, &Point::y);
  return std::tuple{Point{left.x, bottom.y}, Point{right.x, top.y}};
}

wit::string CaseName(Shape value) {
  constexpr std::array<std::string_view, 6> names = {"nothing", "circle", "polygon",
                                                     "tagged",  "code",   "text"};
  return wit::string::from_view(names[value.variants.index()]);
}

std::expected<uint32_t, Failure> Root(int32_t value) {
  if (value < 0) {
    return std::unexpected(Failure{Failure::Negative{value}});
  }
  uint32_t root = 0;
  while (uint64_t{root + 1} * (root + 1) <= static_cast<uint32_t>(value)) {
    ++root;
  }
  return root;
}

std::expected<void, wit::string> Fail(wit::string message) {
  if (message.empty()) {
    return {};
  }
  return std::unexpected(std::move(message));
}

}  // namespace exports::matrix::types::compute
