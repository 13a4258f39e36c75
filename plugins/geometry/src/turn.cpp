// The one question that everything else rests on. Rounding may not answer it: a hull would have dents, and a
// point would be on neither side of an edge.

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "geometry.h"

namespace geometry {
namespace {

// A sum that loses nothing: its parts have no digit in common, and grow.
class ExactSum {
 public:
  // Adds a product: what it rounds to, and what rounding takes away.
  void add_product(double a, double b) {
    const double rounded = a * b;
    add(std::fma(a, b, -rounded));
    add(rounded);
  }

  // The sum, rounded; its sign is exact, for the largest part outweighs all others.
  double rounded() const { return std::accumulate(parts_.begin(), parts_.begin() + count_, 0.0); }

 private:
  void add(double value) {
    for (double& part : std::span(parts_).first(count_)) {
      const double sum = value + part;
      const double part_of_it = sum - value;
      part = (value - (sum - part_of_it)) + (part - part_of_it);
      value = sum;
    }
    parts_[count_++] = value;
  }

  std::array<double, 12> parts_ = {};
  std::size_t count_ = 0;
};

double exact_turn(Point a, Point b, Point c) {
  ExactSum sum;
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, c), std::pair(c, a)}) {
    sum.add_product(from.x, to.y);
    sum.add_product(-from.y, to.x);
  }
  return sum.rounded();
}

}  // namespace

double turn(Point a, Point b, Point c) {
  // The most that rounding takes from the difference below, as a share of what it is the difference of.
  constexpr double rounding = 3.4e-16;
  const double left = (a.x - c.x) * (b.y - c.y);
  const double right = (a.y - c.y) * (b.x - c.x);
  const double rounded = left - right;
  const bool is_certain = std::abs(rounded) > rounding * (std::abs(left) + std::abs(right));
  return is_certain ? rounded : exact_turn(a, b, c);
}

}  // namespace geometry
