// The interface `tools` of wit/world.wit: what comes in is checked, and what is worked out becomes WIT's
// lists.

#include <algorithm>
#include <cmath>
#include <ranges>

#include "geometry.h"

namespace exports::samples::geometry::tools {
namespace {

using ::geometry::Points;

bool is_in_range(double coordinate) {
  const double size = std::abs(coordinate);
  return size == 0 || (size >= 1e-100 && size <= 1e100);
}

// The points, if every coordinate is a number to reckon with.
std::expected<Points, GeometryError> in_range(Points points) {
  const auto wrong = std::ranges::find_if_not(
      points, [](const Point& point) { return is_in_range(point.x) && is_in_range(point.y); });
  if (wrong == points.end()) {
    return points;
  }
  return std::unexpected(GeometryError{GeometryError::OutOfRange{*wrong}});
}

wit::vector<Point> list(Points points) { return wit::vector<Point>::from_view(points); }

}  // namespace

std::expected<wit::vector<Point>, GeometryError> ConvexHull(wit::vector<Point> points) {
  return in_range(points.get_const_view()).transform(::geometry::convex_hull).transform(list);
}

std::expected<PolygonMeasures, GeometryError> MeasurePolygon(wit::vector<Point> polygon) {
  return in_range(polygon.get_const_view()).and_then(::geometry::measure);
}

std::expected<wit::vector<Location>, GeometryError> LocatePoints(wit::vector<Point> points,
                                                                 wit::vector<Point> polygon) {
  const auto corners = in_range(polygon.get_const_view());
  if (!corners) {
    return std::unexpected(corners.error());
  }
  return in_range(points.get_const_view()).transform([&corners](Points points) {
    auto locations = wit::vector<Location>::allocate(points.size());
    std::ranges::transform(points, locations.data(),
                           [&corners](Point point) { return ::geometry::locate(point, *corners); });
    return locations;
  });
}

std::expected<wit::vector<Point>, GeometryError> SimplifyLine(wit::vector<Point> line, double tolerance) {
  if (!(tolerance >= 0)) {
    return std::unexpected(GeometryError{GeometryError::BadTolerance{}});
  }
  return in_range(line.get_const_view())
      .transform([tolerance](Points line) { return ::geometry::simplify(line, tolerance); })
      .transform(list);
}

std::expected<Intersection, GeometryError> IntersectSegments(Segment first, Segment second) {
  const Point ends[] = {first.start, first.end, second.start, second.end};
  return in_range(ends).transform([&](Points) { return ::geometry::intersect(first, second); });
}

}  // namespace exports::samples::geometry::tools
