// SPDX-License-Identifier: Apache-2.0
// A typed, strided window on memory that somebody else owns, and the views that need no copy.
#pragma once

#include <cstddef>
#include <span>

#include "onepass/runtime/dtype.h"
#include "onepass/runtime/shape.h"

namespace onepass::runtime {

/// Element (i, j, ..) lies at data + (i * strides[0] + j * strides[1] + ..) elements.
struct ArrayView {
  std::byte* data = nullptr;
  DType dtype = DType::f32;
  Shape shape;
  Strides strides;

  int rank() const { return shape.rank(); }
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(data);
  }

  /// The same elements of memory in the same order.
  friend bool operator==(const ArrayView&, const ArrayView&) = default;
};

/// A dense row-major view of `data`.
ArrayView dense_view(void* data, DType dtype, const Shape& shape);

/// True if the elements lie densely in row-major order (extents of 1 and empty arrays do not
/// matter).
bool is_dense(const ArrayView& view);

/// The view with dimension `permutation[i]` of the input as its dimension i.
ArrayView permuted(const ArrayView& view, std::span<const int64_t> permutation);

/// The view stretched to `shape` by zero strides. Extents must be equal or 1, ranks may grow on the
/// left.
ArrayView broadcasted(const ArrayView& view, const Shape& shape);

/// Elements start, start + step, .. (`length` of them) of one dimension. `step` may be negative.
ArrayView sliced(const ArrayView& view, int dimension, int64_t start, int64_t length, int64_t step);

/// First and last byte (exclusive) that the view can touch; both null if the view is empty.
struct ByteRange {
  const std::byte* begin = nullptr;
  const std::byte* end = nullptr;
};
ByteRange touched_bytes(const ArrayView& view);

/// Copies every element of `source` to the same place of `target`: same dtype, same shape.
void copy_elements(const ArrayView& source, const ArrayView& target);

}  // namespace onepass::runtime
