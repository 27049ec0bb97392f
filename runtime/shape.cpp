// SPDX-License-Identifier: Apache-2.0
// Shapes: bounds on rank and size, dense strides, text.
#include "onepass/runtime/shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "onepass/runtime/error.h"

namespace onepass {
namespace {

void check_rank(size_t rank) {
  if (rank > max_rank) {
    throw UserError(fmt::format("shape: {} dimensions; at most {} are supported.", rank, max_rank));
  }
}

}  // namespace

Shape::Shape(std::span<const int64_t> extents) {
  check_rank(extents.size());
  std::copy(extents.begin(), extents.end(), extents_);
  rank_ = static_cast<int>(extents.size());
}

void Shape::push_back(int64_t extent) {
  check_rank(static_cast<size_t>(rank_) + 1);
  extents_[rank_++] = extent;
}

int64_t element_count(const Shape& shape) {
  int64_t count = 1;
  bool overflow = false;
  bool empty = false;
  for (const int64_t extent : shape) {
    if (extent < 0) {
      throw UserError(fmt::format("shape: extent {} in {}; extents must not be negative.", extent,
                                  to_string(shape)));
    }
    empty |= extent == 0;
    overflow |= __builtin_mul_overflow(count, extent, &count);
  }
  if (empty) return 0;
  if (overflow) {
    throw UserError(fmt::format(
        "shape: {} has more than 2^63 - 1 elements; the number of elements must fit 63 bits.",
        to_string(shape)));
  }
  return count;
}

Strides row_major_strides(const Shape& shape) {
  Strides strides = shape;
  // Unsigned, since an empty array may have extents whose product wraps; its strides are never
  // used.
  uint64_t stride = 1;
  for (int d = shape.rank() - 1; d >= 0; --d) {
    strides[d] = static_cast<int64_t>(stride);
    if (shape[d] > 1) stride *= static_cast<uint64_t>(shape[d]);
  }
  return strides;
}

std::string to_string(const Shape& shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", "));
}

}  // namespace onepass
