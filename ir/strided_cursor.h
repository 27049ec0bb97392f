// SPDX-License-Identifier: Apache-2.0
// Walks the elements of a strided array in logical (row-major) order, some at a time.
#pragma once

#include <cstdint>

#include "onepass/runtime/array_view.h"

namespace onepass::ir {

class StridedCursor {
 public:
  explicit StridedCursor(const runtime::ArrayView& view);

  /// The next `count` elements, densely, into `to`.
  void read(void* to, int64_t count);
  /// Dense elements from `from` to the next `count` places.
  void write(const void* from, int64_t count);

  /// True if the elements lie densely in logical order: then `data` walks along and nothing need be
  /// copied.
  bool is_dense() const { return dense_; }
  /// Where the next element lies.
  std::byte* data() const { return data_; }
  /// Passes over `count` elements of a dense array.
  void skip(int64_t count) { data_ += count * bytes_; }

 private:
  template <class Copy>
  void each_run(int64_t count, Copy copy);
  void advance(int64_t count);

  std::byte* data_;
  int64_t bytes_;  // of an element
  bool dense_;
  Shape extents_;    // neighbouring dimensions that walk as one are merged
  Strides strides_;  // in bytes
  Shape index_;
};

}  // namespace onepass::ir
