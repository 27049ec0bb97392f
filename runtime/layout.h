// SPDX-License-Identifier: Apache-2.0
// The layout class of an array: all that a compiled kernel may assume of shape and strides, in one
// comparable word.
#pragma once

#include <cstdint>
#include <string>

#include "onepass/runtime/dtype.h"
#include "onepass/runtime/shape.h"

namespace onepass::runtime {

/// Two arrays of equal Layout can use the same machine code. Bits, from the lowest:
///   4 dtype | 4 rank | 8 extent-is-1 mask | 8 stride-is-0 mask | 8 joins-the-next-dimension mask
///   | 4 dimension of stride 1 (15: none) | 24 dimensions by falling stride, 3 bits each
/// Dimensions of extent 1 count as joined and as stride 0 in no mask, so that their stride never
/// matters.
class Layout {
 public:
  Layout() = default;
  Layout(DType dtype, const Shape& shape, const Strides& strides);

  DType dtype() const { return static_cast<DType>(bits_ & 15); }
  int rank() const { return static_cast<int>(bits_ >> 4 & 15); }
  bool is_one(int dimension) const { return bits_ >> (8 + dimension) & 1; }
  bool is_broadcast(int dimension) const { return bits_ >> (16 + dimension) & 1; }
  /// stride[d] == stride[d + 1] * extent[d + 1]: the two can be walked as one.
  bool joins_next(int dimension) const { return bits_ >> (24 + dimension) & 1; }
  /// The dimension with stride 1, or -1.
  int unit_dimension() const;
  /// The dimension with the i-th largest stride.
  int by_stride(int i) const { return static_cast<int>(bits_ >> (36 + 3 * i) & 7); }
  /// Dense in row-major order.
  bool is_dense() const;
  uint64_t bits() const { return bits_; }

  friend bool operator==(const Layout&, const Layout&) = default;

 private:
  uint64_t bits_ = 0;
};

}  // namespace onepass::runtime
