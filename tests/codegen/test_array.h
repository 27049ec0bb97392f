// SPDX-License-Identifier: Apache-2.0
// Arrays of any dtype and strides with guard bytes around them, and random elements to fill them.
#pragma once

#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#include "onepass/runtime/array_view.h"
#include "onepass/runtime/half.h"

namespace onepass::codegen::testing {

/// Memory with a view on it: any strides, guard bytes around.
class TestArray {
 public:
  TestArray(DType dtype, const Shape& shape, const Strides& strides)
      : view_{nullptr, dtype, shape, strides} {
    int64_t low = 0, high = 0;
    for (int d = 0; d < shape.rank(); ++d) {
      const int64_t reach = (shape[d] - 1) * strides[d];
      (reach < 0 ? low : high) += shape[d] == 0 ? 0 : reach;
    }
    bytes_.assign(static_cast<size_t>((high - low + 1) * byte_size(dtype)) + 2 * guard,
                  guard_value);
    view_.data = bytes_.data() + guard - low * byte_size(dtype);
  }
  TestArray(const TestArray& other) : bytes_(other.bytes_), view_(other.view_) {
    view_.data = bytes_.data() + (other.view_.data - other.bytes_.data());
  }
  TestArray& operator=(const TestArray&) = delete;

  const runtime::ArrayView& view() const { return view_; }
  bool operator==(const TestArray& other) const { return bytes_ == other.bytes_; }

  /// Calls `visit` with the address of every element, in row-major order.
  template <class Visit>
  void each(Visit&& visit) const {
    const int64_t count = element_count(view_.shape);
    for (int64_t i = 0; i < count; ++i) {
      int64_t rest = i, offset = 0;
      for (int d = view_.rank() - 1; d >= 0; --d) {
        offset += rest % view_.shape[d] * view_.strides[d];
        rest /= view_.shape[d];
      }
      visit(view_.data + offset * byte_size(view_.dtype));
    }
  }

 private:
  static constexpr size_t guard = 64;
  static constexpr std::byte guard_value{0xA5};
  std::vector<std::byte> bytes_;
  runtime::ArrayView view_;
};

/// One element: moderate numbers, now and then a special one.
template <class T>
T random_element(std::mt19937_64& random) {
  const double number = static_cast<double>(static_cast<int64_t>(random() % 4001) - 2000) / 512;
  const bool special = random() % 64 == 0;
  if constexpr (std::is_same_v<T, bool>) {
    return random() % 2 != 0;
  } else if constexpr (std::is_same_v<T, Float16>) {
    return special ? Float16{static_cast<uint16_t>(random())} : to_float16(number);
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    return special ? BFloat16{static_cast<uint16_t>(random())} : to_bfloat16(number);
  } else if constexpr (std::is_floating_point_v<T>) {
    constexpr T specials[] = {T(0),
                              -T(0),
                              std::numeric_limits<T>::infinity(),
                              std::numeric_limits<T>::quiet_NaN(),
                              std::numeric_limits<T>::denorm_min(),
                              std::numeric_limits<T>::max()};
    return special ? specials[random() % std::size(specials)] : static_cast<T>(number / 3);
  } else {
    return special ? static_cast<T>(random()) : static_cast<T>(static_cast<int64_t>(number * 4));
  }
}

template <class T>
bool is_nan(T x) {
  if constexpr (std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>) {
    return std::isnan(to_float(x));
  } else if constexpr (std::is_floating_point_v<T>) {
    return std::isnan(x);
  } else {
    return false;
  }
}

}  // namespace onepass::codegen::testing
