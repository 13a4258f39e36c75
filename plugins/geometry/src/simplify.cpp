// Lines with fewer points, by Douglas and Peucker: a part of a line that is near enough to its chord becomes
// the chord, and any other is split where it is furthest from it.

#include <cmath>
#include <ranges>

#include "geometry.h"

namespace geometry {
namespace {

// What a part of a line may become.
class Chord {
 public:
  Chord(Point start, Point end)
      : start_(start),
        end_(end),
        width_(end.x - start.x),
        height_(end.y - start.y),
        length_(norm(width_, height_)) {}

  // How far a point is from it.
  double distance(Point point) const {
    const double x = point.x - start_.x, y = point.y - start_.y;
    if (x * width_ + y * height_ <= 0) {
      return norm(x, y);
    }
    const double back_x = end_.x - point.x, back_y = end_.y - point.y;
    if (back_x * width_ + back_y * height_ <= 0) {
      return norm(back_x, back_y);
    }
    return std::abs(x * height_ - y * width_) / length_;
  }

 private:
  // The length of a vector. Its square is in range, which std::hypot has to find out each time.
  static double norm(double x, double y) { return std::sqrt(x * x + y * y); }

  Point start_, end_;
  double width_, height_, length_;
};

}  // namespace

std::vector<Point> simplify(Points line, double tolerance) {
  struct Part {
    std::size_t first, last;
  };
  std::vector<bool> keep(line.size(), line.size() <= 2);
  std::vector<Part> parts;
  if (line.size() > 2) {
    keep.front() = keep.back() = true;
    parts.push_back({0, line.size() - 1});
  }
  while (!parts.empty()) {
    const auto [first, last] = parts.back();
    parts.pop_back();
    const Chord chord(line[first], line[last]);
    double furthest = tolerance;
    std::size_t split = first;
    for (std::size_t at = first + 1; at < last; ++at) {
      if (const double away = chord.distance(line[at]); away > furthest) {
        furthest = away;
        split = at;
      }
    }
    if (split != first) {
      keep[split] = true;
      parts.push_back({first, split});
      parts.push_back({split, last});
    }
  }
  return std::views::zip(line, keep) |
         std::views::filter([](const auto& each) { return std::get<1>(each); }) | std::views::keys |
         std::ranges::to<std::vector>();
}

}  // namespace geometry
