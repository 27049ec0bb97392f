// SPDX-License-Identifier: Apache-2.0
// One conversion for each pair of C++ types.
#include "onepass/ir/convert_elements.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "onepass/runtime/half.h"

namespace onepass::ir {
namespace {

template <class T>
inline constexpr bool is_half_type = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

template <class To, class From>
To saturated(From x) {
  using Limits = std::numeric_limits<To>;
  // The lowest integer is a float; one above the highest is too.
  const From low = static_cast<From>(Limits::min());
  const From end = std::ldexp(From{1}, Limits::digits);
  if (!(x > low)) return x <= low ? Limits::min() : To{0};
  return x >= end ? Limits::max() : static_cast<To>(x);
}

template <class To, class From>
To convert(From x) {
  if constexpr (std::is_same_v<To, From>) {
    return x;
  } else if constexpr (is_half_type<From>) {
    return convert<To>(to_float(x));
  } else if constexpr (std::is_same_v<To, bool>) {
    return x != From{0};
  } else if constexpr (is_half_type<To> && !std::is_same_v<From, float>) {
    const double wide = static_cast<double>(x);
    if constexpr (std::is_same_v<To, Float16>) return to_float16(wide);
    if constexpr (std::is_same_v<To, BFloat16>) return to_bfloat16(wide);
  } else if constexpr (std::is_same_v<To, Float16>) {
    return to_float16(x);
  } else if constexpr (std::is_same_v<To, BFloat16>) {
    return to_bfloat16(x);
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    return saturated<To>(x);
  } else {
    return static_cast<To>(x);
  }
}

}  // namespace

void convert_elements(DType from_dtype, const void* from, DType to_dtype, void* to, int64_t count) {
  visit_dtype(from_dtype, [&]<class From>(From) {
    visit_dtype(to_dtype, [&]<class To>(To) {
      const auto* const source = static_cast<const From*>(from);
      auto* const target = static_cast<To*>(to);
      for (int64_t i = 0; i < count; ++i) target[i] = convert<To>(source[i]);
    });
  });
}

void store_number(double number, DType dtype, void* to) {
  convert_elements(f64, &number, dtype, to, 1);
}

}  // namespace onepass::ir
