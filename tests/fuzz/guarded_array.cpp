// SPDX-License-Identifier: Apache-2.0
#include "guarded_array.h"

#include <algorithm>

#include "random_graph.h"

namespace onepass::fuzz {
namespace {

using runtime::ArrayView;

/// Bytes that the elements lie in, relative to the first element.
struct Reach {
  int64_t low = 0, high = 0;
};

Reach reach_of(DType dtype, const Shape& shape, const Strides& strides) {
  if (element_count(shape) == 0) return {};
  Reach reach;
  for (int d = 0; d < shape.rank(); ++d) {
    const int64_t step = (shape[d] - 1) * strides[d] * byte_size(dtype);
    (step < 0 ? reach.low : reach.high) += step;
  }
  reach.high += byte_size(dtype);
  return reach;
}

}  // namespace

GuardedArray::GuardedArray(DType dtype, const Shape& shape, const Strides& strides)
    : view_{nullptr, dtype, shape, strides} {
  const Reach reach = reach_of(dtype, shape, strides);
  bytes_.assign(static_cast<size_t>(reach.high - reach.low + 2 * guard_bytes), guard_value);
  view_.data = bytes_.data() + guard_bytes - reach.low;
}

bool GuardedArray::gaps_untouched() const {
  // A copy whose elements are painted over must look as nothing was ever stored.
  std::vector<std::byte> painted = bytes_;
  std::vector<std::byte> paint(
      static_cast<size_t>(element_count(view_.shape) * byte_size(view_.dtype)), guard_value);
  ArrayView target = view_;
  target.data = painted.data() + (view_.data - bytes_.data());
  runtime::copy_elements(runtime::dense_view(paint.data(), view_.dtype, view_.shape), target);
  return std::all_of(painted.begin(), painted.end(), [](std::byte b) { return b == guard_value; });
}

std::vector<std::byte> GuardedArray::elements() const {
  std::vector<std::byte> dense(
      static_cast<size_t>(element_count(view_.shape) * byte_size(view_.dtype)));
  runtime::copy_elements(view_, runtime::dense_view(dense.data(), view_.dtype, view_.shape));
  return dense;
}

int64_t first_difference(DType dtype, const std::vector<std::byte>& a,
                         const std::vector<std::byte>& b) {
  const int64_t bytes = byte_size(dtype);
  const auto count = static_cast<int64_t>(a.size()) / bytes;
  const auto element = [&](const std::vector<std::byte>& from, int64_t i) {
    return ArrayView{const_cast<std::byte*>(from.data()) + i * bytes, dtype, {}, {}};
  };
  if (a == b) return -1;
  for (int64_t i = 0; i < count; ++i) {
    if (!ir::same_bits(element(a, i), element(b, i))) return i;
  }
  return -1;
}

}  // namespace onepass::fuzz
