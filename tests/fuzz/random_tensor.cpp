// SPDX-License-Identifier: Apache-2.0
#include "random_tensor.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "onepass/runtime/half.h"
#include "random_graph.h"

namespace onepass::fuzz {
namespace {

using ir::RandomNumbers;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double special_numbers[] = {
    0.0,   -0.0,    1.0,    -1.0,    infinity, -infinity, std::numeric_limits<double>::quiet_NaN(),
    1e-40, -3e-310, 3.4e38, 65504.0, 709.0,    -104.0};

template <class T>
T random_element(RandomNumbers& random) {
  const bool special = random.one_in(12);
  if constexpr (std::is_same_v<T, bool>) {
    return random.one_in(2);
  } else if constexpr (std::is_integral_v<T>) {
    return special ? static_cast<T>(random.next())
                   : static_cast<T>(static_cast<int64_t>(random.below(20)) - 6);
  } else {
    const double number = special ? special_numbers[random.below(std::size(special_numbers))]
                                  : random.between(-5.0, 5.0);
    if constexpr (std::is_same_v<T, Float16>) {
      return to_float16(number);
    } else if constexpr (std::is_same_v<T, BFloat16>) {
      return to_bfloat16(number);
    } else {
      return static_cast<T>(number);
    }
  }
}

/// The dimensions of a tensor in random order.
std::vector<int> random_order(RandomNumbers& random, int rank) {
  std::vector<int> order;
  for (int d = 0; d < rank; ++d) {
    order.insert(order.begin() + static_cast<int64_t>(random.below(order.size() + 1)), d);
  }
  return order;
}

}  // namespace

Tensor random_elements(RandomNumbers& random, DType dtype, const Shape& shape) {
  const Tensor result = Tensor::uninitialized(shape, dtype);
  visit_dtype(dtype, [&](auto element) {
    using T = decltype(element);
    T* data = result.view().as<T>();
    for (int64_t i = 0; i < result.size(); ++i) data[i] = random_element<T>(random);
  });
  return result;
}

Tensor random_indices(RandomNumbers& random, int64_t count, int64_t bound) {
  const Tensor result = Tensor::uninitialized({count}, i64);
  for (int64_t i = 0; i < count; ++i) {
    result.data<int64_t>()[i] =
        static_cast<int64_t>(random.below(static_cast<uint64_t>(2 * bound))) - bound;
  }
  return result;
}

int64_t window_capacity(const Shape& shape) { return 3 * element_count(shape) + 40; }

Tensor random_window(RandomNumbers& random, const Tensor& memory, const Shape& shape) {
  runtime::ArrayView view{memory.view().data, memory.dtype(), shape, row_major_strides(shape)};
  const int64_t count = element_count(shape);
  int64_t room = memory.size();
  if (count == 0) return memory.with_view(view);
  const bool plain = random.one_in(3);
  int64_t stride = 1, first = 0, last = 0;
  std::vector<int> order = random_order(random, shape.rank());
  if (plain || random.one_in(2)) {
    std::sort(order.begin(), order.end(), std::greater<>());
  }
  int64_t left = count;  // elements that the remaining dimensions still multiply by
  for (const int d : order) {
    const auto gap = static_cast<int64_t>(plain ? 1 : 1 + random.below(3));
    if (stride * left * gap <= room - 1) stride *= gap;
    view.strides[d] = !plain && random.one_in(4) ? -stride : stride;
    (view.strides[d] < 0 ? first : last) += (shape[d] - 1) * view.strides[d];
    stride *= shape[d];
    left /= shape[d];
  }
  const auto offset =
      static_cast<int64_t>(random.below(static_cast<uint64_t>(room - (last - first))));
  view.data += (offset - first) * byte_size(view.dtype);
  return memory.with_view(view);
}

Tensor random_view(RandomNumbers& random, DType dtype, const Shape& shape) {
  Shape stored = shape;
  for (int d = 0; d < shape.rank(); ++d) {
    if (random.one_in(8)) stored[d] = 1;
  }
  const Tensor memory = random_elements(random, dtype, {window_capacity(stored)});
  const Tensor window = random_window(random, memory, stored);
  return stored == shape ? window : broadcast_to(window, shape);
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return ir::same_bits(Tensor::copy_of(a).view(), Tensor::copy_of(b).view());
}

}  // namespace onepass::fuzz
