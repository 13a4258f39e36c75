// What segments have in common.

#include <algorithm>
#include <cmath>

#include "geometry.h"

namespace geometry {
namespace {

Intersection nothing() { return {Intersection::Nothing{}}; }
Intersection point(Point value) { return {Intersection::Point{value}}; }

// The part of a line that two segments on it share. A segment that is a point is on any line through it.
Intersection overlap(const Segment& first, const Segment& second) {
  const auto [first_low, first_high] = std::ranges::minmax({first.start, first.end}, {}, position);
  const auto [second_low, second_high] = std::ranges::minmax({second.start, second.end}, {}, position);
  const Point low = std::ranges::max(first_low, second_low, {}, position);
  const Point high = std::ranges::min(first_high, second_high, {}, position);
  if (position(low) > position(high)) {
    return nothing();
  }
  if (position(low) == position(high)) {
    return point(low);
  }
  return {Intersection::Overlap{Segment{low, high}}};
}

// Whether a point that lies on the line of a segment lies on the segment.
bool is_between(Point middle, const Segment& segment) {
  const auto [low, high] = std::ranges::minmax({segment.start, segment.end}, {}, position);
  return position(low) <= position(middle) && position(middle) <= position(high);
}

}  // namespace

Intersection intersect(const Segment& first, const Segment& second) {
  const double start = turn(second.start, second.end, first.start);
  const double end = turn(second.start, second.end, first.end);
  const double other_start = turn(first.start, first.end, second.start);
  const double other_end = turn(first.start, first.end, second.end);
  if (start == 0 && end == 0 && other_start == 0 && other_end == 0) {
    return overlap(first, second);
  }
  if (start == 0 && is_between(first.start, second)) return point(first.start);
  if (end == 0 && is_between(first.end, second)) return point(first.end);
  if (other_start == 0 && is_between(second.start, first)) return point(second.start);
  if (other_end == 0 && is_between(second.end, first)) return point(second.end);
  if ((start > 0) == (end > 0) || (other_start > 0) == (other_end > 0)) {
    return nothing();
  }
  const double share = start / (start - end);
  return point({std::lerp(first.start.x, first.end.x, share), std::lerp(first.start.y, first.end.y, share)});
}

}  // namespace geometry
