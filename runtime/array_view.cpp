// SPDX-License-Identifier: Apache-2.0
// Views: permuting, stretching and slicing without a copy, and the one copy between any two
// layouts.
#include "onepass/runtime/array_view.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "onepass/runtime/error.h"

namespace onepass::runtime {

ArrayView dense_view(void* data, DType dtype, const Shape& shape) {
  return {static_cast<std::byte*>(data), dtype, shape, row_major_strides(shape)};
}

bool is_dense(const ArrayView& view) {
  int64_t expected = 1;
  bool dense = true;
  for (int d = view.rank() - 1; d >= 0; --d) {
    const int64_t extent = view.shape[d];
    if (extent == 0) return true;
    if (extent == 1) continue;
    dense &= view.strides[d] == expected;
    expected *= extent;
  }
  return dense;
}

ArrayView permuted(const ArrayView& view, std::span<const int64_t> permutation) {
  internal_check(permutation.size() == static_cast<size_t>(view.rank()),
                 "permuted: one entry per dimension");
  ArrayView result = view;
  for (int d = 0; d < view.rank(); ++d) {
    const int from = static_cast<int>(permutation[static_cast<size_t>(d)]);
    internal_check(from >= 0 && from < view.rank(), "permuted: dimension out of range");
    result.shape[d] = view.shape[from];
    result.strides[d] = view.strides[from];
  }
  return result;
}

ArrayView broadcasted(const ArrayView& view, const Shape& shape) {
  const auto refuse = [&] {
    throw UserError(fmt::format(
        "broadcast_to: shape is {}, target is {}; each extent, counted from the right, must be "
        "equal or 1.",
        to_string(view.shape), to_string(shape)));
  };
  const int grown = shape.rank() - view.rank();
  if (grown < 0) refuse();
  ArrayView result{view.data, view.dtype, shape, shape};
  for (int d = 0; d < shape.rank(); ++d) {
    const int from = d - grown;
    const bool stretched = from < 0 || (view.shape[from] == 1 && shape[d] != 1);
    if (!stretched && view.shape[from] != shape[d]) refuse();
    result.strides[d] = stretched ? 0 : view.strides[from];
  }
  return result;
}

ArrayView sliced(const ArrayView& view, int dimension, int64_t start, int64_t length,
                 int64_t step) {
  ArrayView result = view;
  result.shape[dimension] = length;
  // Nothing of an empty or single slice is stepped over, so a huge step cannot overflow.
  if (length > 1) result.strides[dimension] = view.strides[dimension] * step;
  // An array without elements may have no memory to point into.
  if (length > 0 && view.data != nullptr) {
    result.data += start * view.strides[dimension] * byte_size(view.dtype);
  }
  return result;
}

ByteRange touched_bytes(const ArrayView& view) {
  // A view without memory stands for its layout alone.
  if (element_count(view.shape) == 0 || view.data == nullptr) return {};
  int64_t first = 0;
  int64_t last = 0;
  for (int d = 0; d < view.rank(); ++d) {
    const int64_t reach = (view.shape[d] - 1) * view.strides[d];
    (reach < 0 ? first : last) += reach;
  }
  const int64_t bytes = byte_size(view.dtype);
  return {view.data + first * bytes, view.data + (last + 1) * bytes};
}

namespace {

/// One loop of a copy. Strides in bytes.
struct CopyLoop {
  int64_t extent;
  int64_t from, to;
};

/// The loops of a copy, outermost first: by falling target stride, so that stores run forward, and
/// joined where both sides are contiguous across them.
struct CopyNest {
  CopyLoop loops[max_rank];
  int depth = 0;

  CopyNest(const ArrayView& source, const ArrayView& target) {
    const int64_t bytes = byte_size(source.dtype);
    CopyLoop sorted[max_rank];
    int count = 0;
    for (int d = 0; d < source.rank(); ++d) {
      if (source.shape[d] == 1) continue;
      const CopyLoop loop{source.shape[d], source.strides[d] * bytes, target.strides[d] * bytes};
      int place = count++;
      for (; place > 0 && std::abs(sorted[place - 1].to) < std::abs(loop.to); --place) {
        sorted[place] = sorted[place - 1];
      }
      sorted[place] = loop;
    }
    for (int i = 0; i < count; ++i) add(sorted[i]);
    if (depth == 0) loops[depth++] = {1, bytes, bytes};
  }

 private:
  void add(const CopyLoop& inner) {
    if (depth > 0) {
      CopyLoop& outer = loops[depth - 1];
      if (outer.from == inner.from * inner.extent && outer.to == inner.to * inner.extent) {
        outer = {outer.extent * inner.extent, inner.from, inner.to};
        return;
      }
    }
    loops[depth++] = inner;
  }
};

template <class Bits>
void copy_line(const CopyLoop& loop, const std::byte* from, std::byte* to) {
  if (loop.from == sizeof(Bits) && loop.to == sizeof(Bits)) {
    std::memmove(to, from, static_cast<size_t>(loop.extent) * sizeof(Bits));
    return;
  }
  for (int64_t i = 0; i < loop.extent; ++i) {
    std::memcpy(to + i * loop.to, from + i * loop.from, sizeof(Bits));
  }
}

template <class Bits>
void copy_nest(const CopyNest& nest, int depth, const std::byte* from, std::byte* to) {
  const CopyLoop& loop = nest.loops[depth];
  if (depth == nest.depth - 1) return copy_line<Bits>(loop, from, to);
  for (int64_t i = 0; i < loop.extent; ++i) {
    copy_nest<Bits>(nest, depth + 1, from + i * loop.from, to + i * loop.to);
  }
}

}  // namespace

void copy_elements(const ArrayView& source, const ArrayView& target) {
  internal_check(source.dtype == target.dtype, "copy_elements: dtypes differ");
  internal_check(source.shape == target.shape, "copy_elements: shapes differ");
  if (element_count(source.shape) == 0) return;
  const CopyNest nest(source, target);
  switch (byte_size(source.dtype)) {
    case 1:
      return copy_nest<uint8_t>(nest, 0, source.data, target.data);
    case 2:
      return copy_nest<uint16_t>(nest, 0, source.data, target.data);
    case 4:
      return copy_nest<uint32_t>(nest, 0, source.data, target.data);
    default:
      return copy_nest<uint64_t>(nest, 0, source.data, target.data);
  }
}

}  // namespace onepass::runtime
