// Convex hulls, by Andrew's monotone chain.

#include <algorithm>
#include <ranges>

#include "geometry.h"

namespace geometry {
namespace {

// Adds half a hull: the points that it turns left at, without the last of all.
void add_chain(std::vector<Point>& hull, auto&& sorted) {
  const auto start = hull.size();
  for (const Point& point : sorted) {
    while (hull.size() >= start + 2 && turn(hull.end()[-2], hull.back(), point) <= 0) {
      hull.pop_back();
    }
    hull.push_back(point);
  }
  hull.pop_back();
}

}  // namespace

std::vector<Point> convex_hull(Points points) {
  std::vector sorted(points.begin(), points.end());
  std::ranges::sort(sorted, {}, position);
  const auto [first, last] = std::ranges::unique(sorted, {}, position);
  sorted.erase(first, last);
  if (sorted.size() < 2) {
    return sorted;
  }
  std::vector<Point> hull;
  add_chain(hull, sorted);
  add_chain(hull, sorted | std::views::reverse);
  return hull;
}

}  // namespace geometry
