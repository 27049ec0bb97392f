// SPDX-License-Identifier: Apache-2.0
#include "random_array.h"

#include <limits>
#include <type_traits>
#include <utility>

#include "onepass/runtime/half.h"

namespace onepass::ir {
namespace {

using runtime::ArrayView;

template <class T>
T random_element(RandomNumbers& random) {
  if constexpr (std::is_same_v<T, bool>) {
    return random.one_in(2);
  } else if constexpr (std::is_integral_v<T>) {
    if (random.one_in(8)) {
      return random.one_in(2) ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
    }
    const auto small = static_cast<int64_t>(random.below(20));
    return static_cast<T>(std::is_signed_v<T> ? small - 10 : small);
  } else if constexpr (std::is_same_v<T, Float16>) {
    return to_float16(random_number(random));
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    return to_bfloat16(random_number(random));
  } else {
    return static_cast<T>(random_number(random));
  }
}

RandomArray filled(DType dtype, const Shape& shape, RandomNumbers& random) {
  const int64_t count = element_count(shape);
  auto memory = std::make_shared<std::vector<std::byte>>(static_cast<size_t>(count) *
                                                         static_cast<size_t>(byte_size(dtype)));
  const ArrayView view = runtime::dense_view(memory->data(), dtype, shape);
  visit_dtype(dtype, [&](auto element) {
    using T = decltype(element);
    for (int64_t i = 0; i < count; ++i) view.as<T>()[i] = random_element<T>(random);
  });
  return {view, std::move(memory)};
}

}  // namespace

double random_number(RandomNumbers& random) {
  static constexpr double specials[] = {0.0,
                                        -0.0,
                                        1.0,
                                        -1.0,
                                        std::numeric_limits<double>::infinity(),
                                        -std::numeric_limits<double>::infinity(),
                                        std::numeric_limits<double>::quiet_NaN(),
                                        1e-40,
                                        3.4e38,
                                        65504.0};
  if (random.one_in(8)) return specials[random.below(std::size(specials))];
  return random.between(-4.0, 4.0);
}

RandomArray random_array(DType dtype, const Shape& shape, RandomNumbers& random) {
  Shape stored = shape;
  const bool gaps = shape.rank() > 0 && random.one_in(4);
  if (gaps) stored[shape.rank() - 1] *= 2;
  const int last = shape.rank() - 1;
  const bool transposed = shape.rank() >= 2 && random.one_in(4);
  if (transposed) std::swap(stored[last], stored[last - 1]);
  RandomArray array = filled(dtype, stored, random);
  ArrayView& view = array.view;
  if (transposed) {
    std::swap(view.shape[last], view.shape[last - 1]);
    std::swap(view.strides[last], view.strides[last - 1]);
  }
  if (gaps) view = sliced(view, last, 0, shape[last], 2);
  if (shape.rank() > 0 && shape[0] > 0 && random.one_in(6)) {
    view = sliced(view, 0, view.shape[0] - 1, view.shape[0], -1);
  }
  return array;
}

}  // namespace onepass::ir
