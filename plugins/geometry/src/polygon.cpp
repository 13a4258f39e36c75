// Polygons: what they measure, and what is inside.

#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>

#include "geometry.h"

namespace geometry {
namespace {

// The edges of a polygon, each from a corner to the next, the last to the first.
auto edges(Points polygon) {
  return std::views::iota(std::size_t{0}, polygon.size()) | std::views::transform([polygon](std::size_t at) {
           return Segment{polygon[at], polygon[at + 1 < polygon.size() ? at + 1 : 0]};
         });
}

// Whether all turns are to the same side and the polygon goes from left to right and back only once.
bool is_convex(Points polygon) {
  bool left = false, right = false, forth = false;
  int changes = -1;
  Segment last = {polygon.front(), polygon.front()};
  const auto look = [&](const Segment& edge) {
    if (position(edge.start) == position(edge.end)) {
      return;
    }
    const double side = turn(last.start, last.end, edge.end);
    left |= side > 0;
    right |= side < 0;
    const bool goes_forth = position(edge.start) < position(edge.end);
    changes += changes < 0 || goes_forth != forth;
    forth = goes_forth;
    last = edge;
  };
  std::ranges::for_each(edges(polygon), look);
  std::ranges::for_each(edges(polygon),
                        look);  // the second time round, the first corner has an edge before it
  return !(left && right) && changes <= 4;
}

bool is_on(Point point, const Segment& edge) {
  const auto [left, right] = std::minmax(edge.start.x, edge.end.x);
  const auto [bottom, top] = std::minmax(edge.start.y, edge.end.y);
  return left <= point.x && point.x <= right && bottom <= point.y && point.y <= top &&
         turn(edge.start, edge.end, point) == 0;
}

// How often an edge goes round a point: once if it passes on its right upwards, minus once if downwards.
int winding(Point point, const Segment& edge) {
  const bool starts_below = edge.start.y <= point.y;
  const bool ends_below = edge.end.y <= point.y;
  if (starts_below == ends_below) {
    return 0;
  }
  const double side = turn(edge.start, edge.end, point);
  return starts_below ? side > 0 : -(side < 0);
}

}  // namespace

std::expected<PolygonMeasures, GeometryError> measure(Points polygon) {
  const auto no_area = std::unexpected(GeometryError{GeometryError::NoArea{}});
  if (polygon.empty()) {
    return no_area;
  }
  const Point origin = polygon.front();
  double twice_area = 0, size = 0, perimeter = 0, x = 0, y = 0;
  for (const auto [start, end] : edges(polygon)) {
    const Point a = {start.x - origin.x, start.y - origin.y};
    const Point b = {end.x - origin.x, end.y - origin.y};
    const double part = a.x * b.y - a.y * b.x;
    twice_area += part;
    size += std::abs(a.x * b.y) + std::abs(a.y * b.x);
    x += (a.x + b.x) / 3 * part;
    y += (a.y + b.y) / 3 * part;
    perimeter += std::hypot(end.x - start.x, end.y - start.y);
  }
  // Less than what rounding adds up to is nothing.
  const double rounding = std::numeric_limits<double>::epsilon() * static_cast<double>(polygon.size() + 4);
  if (std::abs(twice_area) <= rounding * size) {
    return no_area;
  }
  return PolygonMeasures{
      .area = std::abs(twice_area) / 2,
      .perimeter = perimeter,
      .centroid = {origin.x + x / twice_area, origin.y + y / twice_area},
      .orientation = twice_area > 0 ? Orientation::kCounterclockwise : Orientation::kClockwise,
      .convex = is_convex(polygon),
  };
}

Location locate(Point point, Points polygon) {
  int windings = 0;
  for (const Segment& edge : edges(polygon)) {
    if (is_on(point, edge)) {
      return Location::kBoundary;
    }
    windings += winding(point, edge);
  }
  return windings == 0 ? Location::kOutside : Location::kInside;
}

}  // namespace geometry
