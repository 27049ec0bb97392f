// SPDX-License-Identifier: Apache-2.0
// Finds places for the labels of points so that no label covers another, a point or a line.
#pragma once

#include <string>
#include <vector>

struct Place {
  double x = 0, y = 0;
};

struct Segment {
  Place from, to;
};

struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
};

class LabelLayout {
 public:
  /// Labels stay inside `frame`; `lines` and `points` are what they should not cover.
  LabelLayout(const Box& frame, std::vector<Segment> lines, std::vector<Place> points);

  /// The box for a text of this size that belongs to `point`. Later labels keep clear of it.
  Box place(const Place& point, double width, double height);

  /// Marks an area as taken.
  void occupy(const Box& box) { taken_.push_back(box); }

 private:
  double cost(const Box& box) const;

  Box frame_;
  std::vector<Segment> lines_;
  std::vector<Place> points_;
  std::vector<Box> taken_;
};
