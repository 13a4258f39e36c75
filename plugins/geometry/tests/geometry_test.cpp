// Tests of what the tools work out, on this machine: `make test`.

#include "../src/geometry.h"

#undef NDEBUG
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <print>
#include <random>
#include <ranges>

using namespace geometry;
namespace tools = exports::samples::geometry::tools;

namespace {

const std::vector<Point> square = {{0, 0}, {4, 0}, {4, 4}, {0, 4}};
const std::vector<Point> arrow = {{0, 0}, {4, 0}, {4, 4}, {2, 1}};
const std::vector<Point> bow_tie = {{0, 0}, {4, 4}, {4, 0}, {0, 4}};
const std::vector<Point> star = {{0, 3}, {-2, -3}, {3, 1}, {-3, 1}, {2, -3}};

bool same(const std::vector<Point>& found, const std::vector<Point>& expected) {
  return std::ranges::equal(found, expected, {}, position, position);
}

// Points with small whole coordinates: many of them are the same or on one line, and integers know the truth.
std::vector<Point> crowd(std::mt19937& random, std::size_t size) {
  std::uniform_int_distribution coordinate(-4, 4);
  std::vector<Point> points(size);
  std::ranges::generate(points,
                        [&] { return Point{double(coordinate(random)), double(coordinate(random))}; });
  return points;
}

void turns_are_told_where_rounding_would_not() {
  const Point a = {0.1, 0.1}, b = {0.3, 0.3}, c = {0.2, 0.2};
  assert(turn(a, b, c) == 0);
  const double next = std::nextafter(0.2, 1);
  assert(turn(a, b, {0.2, next}) > 0 && turn(a, b, {next, 0.2}) < 0);
  assert(turn({0x1p300, 0x1p-300}, {-0x1p300, -0x1p-300}, {0x1p100, 0x1p-500}) == 0);
  assert(turn({0x1p300, 0x1p-300}, {-0x1p300, -0x1p-300}, {0x1p100, 0x1.0000000000001p-500}) < 0);
}

void turns_are_the_same_from_every_corner() {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> far(-1, 1), near(0, 1e-15);
  for (int i = 0; i < 100'000; ++i) {
    const double x = far(random), y = far(random);
    const Point a = {x, y}, b = {x + near(random), y + near(random)},
                c = {x + near(random), y + near(random)};
    const auto sign = [](double turned) { return (turned > 0) - (turned < 0); };
    assert(sign(turn(a, b, c)) == sign(turn(b, c, a)));
    assert(sign(turn(a, b, c)) == -sign(turn(c, b, a)));
  }
}

void a_hull_has_only_corners() {
  assert(
      same(convex_hull(std::vector<Point>{{4, 4}, {0, 0}, {2, 2}, {4, 0}, {2, 0}, {0, 4}, {0, 0}}), square));
  assert(same(convex_hull(std::vector<Point>{{1, 1}, {3, 3}, {2, 2}}), {{1, 1}, {3, 3}}));
  assert(same(convex_hull(std::vector<Point>{{1, 1}, {1, 1}}), {{1, 1}}));
  assert(convex_hull({}).empty());
}

void every_point_is_within_its_hull() {
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    const auto points = crowd(random, 1 + i % 12);
    const auto hull = convex_hull(points);
    for (const Point& point : points) {
      assert(locate(point, hull) != Location::kOutside);
    }
    assert(hull.size() < 3 || measure(hull)->convex);
  }
}

void a_polygon_is_measured() {
  const auto measured = measure(square);
  assert(measured->area == 16 && measured->perimeter == 16);
  assert(measured->centroid.x == 2 && measured->centroid.y == 2);
  assert(measured->orientation == Orientation::kCounterclockwise && measured->convex);
}

void orientation_follows_the_corners() {
  auto turned = square;
  std::ranges::reverse(turned);
  assert(measure(turned)->orientation == Orientation::kClockwise && measure(turned)->area == 16);
}

void what_is_not_convex_is_told() {
  assert(!measure(arrow)->convex);
  assert(!measure(star)->convex);
  assert(measure(std::vector<Point>{{0, 0}, {2, 0}, {4, 0}, {4, 4}, {4, 4}, {0, 4}})->convex);
  assert(!measure(std::vector<Point>{{0, 0}, {4, 0}, {2, 0}, {4, 4}, {0, 4}})->convex);
}

void what_is_flat_has_no_area() {
  assert(!measure({}));
  assert(!measure(std::vector<Point>{{1, 1}}));
  assert(!measure(std::vector<Point>{{0.1, 0.1}, {0.2, 0.2}, {0.3, 0.3}}));
  assert(!measure(bow_tie));
}

void a_polygon_far_away_keeps_its_centroid() {
  auto far = square;
  for (Point& corner : far) corner = {corner.x + 1e9, corner.y - 1e9};
  assert(measure(far)->area == 16 && measure(far)->centroid.x == 1e9 + 2);
}

void points_are_inside_outside_or_between() {
  assert(locate({2, 2}, square) == Location::kInside);
  assert(locate({4, 2}, square) == Location::kBoundary);
  assert(locate({0, 0}, square) == Location::kBoundary);
  assert(locate({5, 0}, square) == Location::kOutside);
  assert(locate({-1, 4}, square) == Location::kOutside);
  assert(locate({2, 2}, arrow) == Location::kOutside);
  assert(locate({0, 0}, star) == Location::kInside);
  assert(locate({std::nextafter(4.0, 0), 2}, square) == Location::kInside);
  assert(locate({1, 1}, {}) == Location::kOutside);
}

void a_line_keeps_what_stands_out() {
  const std::vector<Point> line = {{0, 0}, {1, 0.1}, {2, -0.1}, {3, 5}, {4, 6}, {5, 7}, {6, 8.1}, {7, 9}};
  assert(same(simplify(line, 1), {{0, 0}, {2, -0.1}, {3, 5}, {7, 9}}));
  assert(same(simplify(line, 0), {{0, 0}, {1, 0.1}, {2, -0.1}, {3, 5}, {5, 7}, {6, 8.1}, {7, 9}}));
  assert(same(simplify(line, std::numeric_limits<double>::infinity()), {{0, 0}, {7, 9}}));
}

void lines_without_anything_between_stay() {
  assert(simplify({}, 1).empty());
  assert(same(simplify(std::vector<Point>{{1, 2}}, 1), {{1, 2}}));
  assert(same(simplify(std::vector<Point>{{1, 2}, {1, 2}, {1, 2}}, 0), {{1, 2}, {1, 2}}));
}

void a_ring_is_split_where_it_is_furthest() {
  std::vector<Point> ring = square;
  ring.push_back(ring.front());
  assert(same(simplify(ring, 1), ring));
}

template <class Case>
const auto* as(const Intersection& found) {
  return std::get_if<Case>(&found.variants);
}

void segments_cross_in_a_point() {
  const auto found = intersect({{0, 0}, {4, 4}}, {{0, 4}, {4, 0}});
  const auto* point = as<Intersection::Point>(found);
  assert(point && point->value.x == 2 && point->value.y == 2);
}

void segments_that_touch_share_that_very_point() {
  const auto corner = intersect({{0.1, 0.1}, {0.3, 0.7}}, {{0.3, 0.7}, {9, 1}});
  assert(as<Intersection::Point>(corner)->value.y == 0.7);
  const auto middle = intersect({{0, 0}, {4, 0}}, {{1, 0}, {1, 5}});
  assert(as<Intersection::Point>(middle)->value.x == 1);
}

void segments_on_one_line_overlap() {
  const auto part = intersect({{0, 0}, {4, 4}}, {{6, 6}, {2, 2}});
  const auto* shared = as<Intersection::Overlap>(part);
  assert(shared && shared->value.start.x == 2 && shared->value.end.x == 4);
  assert(as<Intersection::Point>(intersect({{0, 0}, {2, 2}}, {{2, 2}, {3, 3}})));
  assert(as<Intersection::Nothing>(intersect({{0, 0}, {1, 1}}, {{2, 2}, {3, 3}})));
}

void segments_may_be_points() {
  assert(as<Intersection::Point>(intersect({{1, 1}, {1, 1}}, {{0, 0}, {3, 3}})));
  assert(as<Intersection::Nothing>(intersect({{1, 2}, {1, 2}}, {{0, 0}, {3, 3}})));
  assert(as<Intersection::Point>(intersect({{1, 1}, {1, 1}}, {{1, 1}, {1, 1}})));
  assert(as<Intersection::Nothing>(intersect({{1, 1}, {1, 1}}, {{2, 2}, {2, 2}})));
}

void segments_that_almost_touch_do_not() {
  const double short_of = std::nextafter(2.0, 0);
  assert(as<Intersection::Nothing>(intersect({{0, 0}, {short_of, short_of}}, {{0, 4}, {4, 0}})));
}

void intersections_do_not_depend_on_who_is_first() {
  std::mt19937 random(3);
  for (int i = 0; i < 20'000; ++i) {
    const auto ends = crowd(random, 4);
    const Segment first = {ends[0], ends[1]}, second = {ends[2], ends[3]};
    const auto one = intersect(first, second), other = intersect(second, first);
    assert(one.variants.index() == other.variants.index());
    if (const auto* point = as<Intersection::Point>(one)) {
      const Point there = as<Intersection::Point>(other)->value;
      assert(std::hypot(point->value.x - there.x, point->value.y - there.y) < 1e-12);
    }
  }
}

void coordinates_out_of_range_are_refused() {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double coordinate : {nan, 1e101, -1e101, 1e-101, std::numeric_limits<double>::infinity()}) {
    const std::vector<Point> points = {{1, 1}, {2, coordinate}};
    const auto hull = tools::ConvexHull(wit::vector<Point>::from_view(std::span(points)));
    assert(std::get<GeometryError::OutOfRange>(hull.error().variants).value.x == 2);
  }
  assert(tools::IntersectSegments({{0, 0}, {1, -0.0}}, {{1e100, 1e-100}, {3, 3}}).has_value());
}

void a_tolerance_is_a_distance() {
  for (const double tolerance : {-1.0, std::numeric_limits<double>::quiet_NaN()}) {
    const auto line = tools::SimplifyLine(wit::vector<Point>(), tolerance);
    assert(std::holds_alternative<GeometryError::BadTolerance>(line.error().variants));
  }
}

}  // namespace

int main() {
  turns_are_told_where_rounding_would_not();
  turns_are_the_same_from_every_corner();
  a_hull_has_only_corners();
  every_point_is_within_its_hull();
  a_polygon_is_measured();
  orientation_follows_the_corners();
  what_is_not_convex_is_told();
  what_is_flat_has_no_area();
  a_polygon_far_away_keeps_its_centroid();
  points_are_inside_outside_or_between();
  a_line_keeps_what_stands_out();
  lines_without_anything_between_stay();
  a_ring_is_split_where_it_is_furthest();
  segments_cross_in_a_point();
  segments_that_touch_share_that_very_point();
  segments_on_one_line_overlap();
  segments_may_be_points();
  segments_that_almost_touch_do_not();
  intersections_do_not_depend_on_who_is_first();
  coordinates_out_of_range_are_refused();
  a_tolerance_is_a_distance();
  std::println("21 passed, 0 failed");
}
