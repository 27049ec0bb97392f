// SPDX-License-Identifier: Apache-2.0
#include "demo/label_layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace {

constexpr double point_radius = 8;

double overlap(const Box& a, const Box& b) {
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

Box around(const Place& p) {
  return {p.x - point_radius, p.y - point_radius, p.x + point_radius, p.y + point_radius};
}

/// The part of the segment inside the box, as a length (by sampling: a picture needs no more).
double covered(const Box& box, const Segment& s) {
  constexpr int samples = 400;
  int inside = 0;
  for (int i = 0; i <= samples; ++i) {
    const double t = static_cast<double>(i) / samples;
    const double x = std::lerp(s.from.x, s.to.x, t), y = std::lerp(s.from.y, s.to.y, t);
    inside += x > box.left && x < box.right && y > box.top && y < box.bottom;
  }
  return std::hypot(s.to.x - s.from.x, s.to.y - s.from.y) * inside / samples;
}

}  // namespace

LabelLayout::LabelLayout(const Box& frame, std::vector<Segment> lines, std::vector<Place> points)
    : frame_(frame), lines_(std::move(lines)), points_(std::move(points)) {}

double LabelLayout::cost(const Box& box) const {
  constexpr double per_line_pixel = 12;
  const double area = (box.right - box.left) * (box.bottom - box.top);
  double sum = 10 * (area - overlap(box, frame_));
  for (const Box& other : taken_) sum += 4 * overlap(box, other);
  for (const Place& point : points_) sum += 4 * overlap(box, around(point));
  for (const Segment& line : lines_) sum += per_line_pixel * covered(box, line);
  return sum;
}

Box LabelLayout::place(const Place& point, double width, double height) {
  constexpr int directions = 16;
  constexpr double per_pixel_away = 3;
  Box best;
  double least = std::numeric_limits<double>::infinity();
  for (double distance = 12; distance < 130; distance += 12) {
    for (int i = 0; i < directions; ++i) {
      const double angle = 2 * std::numbers::pi * i / directions;
      const double dx = std::cos(angle), dy = std::sin(angle);
      // The nearest edge of the box, not its middle, stands at this distance.
      const double x = point.x + dx * (distance + width / 2),
                   y = point.y + dy * (distance + height / 2);
      const Box box = {x - width / 2, y - height / 2, x + width / 2, y + height / 2};
      const double sum = cost(box) + per_pixel_away * distance;
      if (sum < least) {
        least = sum;
        best = box;
      }
    }
  }
  occupy(best);
  return best;
}
