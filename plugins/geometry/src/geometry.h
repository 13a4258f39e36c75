// What the tools work out, on points whose coordinates are in range.

#pragma once

#include <span>
#include <vector>

#include "plugin_cpp.h"

namespace geometry {

using exports::samples::geometry::tools::GeometryError;
using exports::samples::geometry::tools::Intersection;
using exports::samples::geometry::tools::Location;
using exports::samples::geometry::tools::Orientation;
using exports::samples::geometry::tools::Point;
using exports::samples::geometry::tools::PolygonMeasures;
using exports::samples::geometry::tools::Segment;

// What there is to see of points that stay where they are.
using Points = std::span<const Point>;

// Twice the area of a triangle: positive if its corners turn left, negative if they turn right, and 0 if and
// only if they lie on a line. The sign is exact; the number is rounded.
double turn(Point a, Point b, Point c);

// The corners of the convex hull, counterclockwise from the leftmost point.
std::vector<Point> convex_hull(Points points);

// Area and all that, or that there is none.
std::expected<PolygonMeasures, GeometryError> measure(Points polygon);

// Where a point is, seen from a polygon.
Location locate(Point point, Points polygon);

// What is left of a line when points within the tolerance are left out.
std::vector<Point> simplify(Points line, double tolerance);

// What two segments have in common.
Intersection intersect(const Segment& first, const Segment& second);

// Orders points from left to right, and from bottom to top where that is the same. So are points on any line.
constexpr auto position = [](const Point& point) { return std::pair(point.x, point.y); };

}  // namespace geometry
