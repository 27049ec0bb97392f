// SPDX-License-Identifier: Apache-2.0
// The type of a value in a graph: element type and extents, each the constant 1 or a symbol.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <span>

#include "onepass/runtime/dtype.h"
#include "onepass/runtime/shape.h"

namespace onepass::ir {

/// An extent: a symbol of the graph (its index), or `one`.
using Dimension = int;
inline constexpr Dimension one = -1;

/// The extents of a type, outermost first; at most max_rank.
class Dimensions {
 public:
  Dimensions() = default;
  Dimensions(std::initializer_list<Dimension> list) {
    for (Dimension d : list) push_back(d);
  }
  int rank() const { return rank_; }
  Dimension operator[](int i) const { return list_[i]; }
  Dimension& operator[](int i) { return list_[i]; }
  void push_back(Dimension d) { list_[rank_++] = d; }  // the caller has checked max_rank
  const Dimension* begin() const { return list_; }
  const Dimension* end() const { return list_ + rank_; }
  friend bool operator==(const Dimensions& a, const Dimensions& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  Dimension list_[max_rank] = {};
  int rank_ = 0;
};

struct Type {
  DType dtype = DType::f32;
  Dimensions dimensions;

  int rank() const { return dimensions.rank(); }
  friend bool operator==(const Type&, const Type&) = default;
};

}  // namespace onepass::ir
