// SPDX-License-Identifier: Apache-2.0
// Shapes and strides: short lists of integers that live where they stand, without allocation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace onepass {

/// The largest number of dimensions of a tensor.
inline constexpr int max_rank = 8;

/// The extents of a tensor, outermost first. At most `max_rank` of them; more is a UserError.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> extents)
      : Shape(std::span<const int64_t>(extents.begin(), extents.size())) {}
  explicit Shape(std::span<const int64_t> extents);

  int rank() const { return rank_; }
  bool empty() const { return rank_ == 0; }
  int64_t operator[](int i) const { return extents_[i]; }
  int64_t& operator[](int i) { return extents_[i]; }
  void push_back(int64_t extent);

  const int64_t* begin() const { return extents_; }
  const int64_t* end() const { return extents_ + rank_; }
  std::span<const int64_t> span() const { return {extents_, static_cast<size_t>(rank_)}; }

  friend bool operator==(const Shape& a, const Shape& b) {
    // A plain loop: for the few extents there are, std::equal's call of memcmp shows in a launch.
    if (a.rank_ != b.rank_) return false;
    for (int i = 0; i < a.rank_; ++i) {
      if (a.extents_[i] != b.extents_[i]) return false;
    }
    return true;
  }

 private:
  int64_t extents_[max_rank] = {};
  int rank_ = 0;
};

/// Distances between neighbours along each dimension, counted in elements (not bytes).
using Strides = Shape;

/// Number of elements. UserError if it does not fit 63 bits or an extent is negative.
int64_t element_count(const Shape& shape);

/// Strides of a dense row-major array of this shape.
Strides row_major_strides(const Shape& shape);

/// "[128, 256]"; a scalar is "[]".
std::string to_string(const Shape& shape);

}  // namespace onepass
