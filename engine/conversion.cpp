// SPDX-License-Identifier: Apache-2.0
// One conversion between any two element types, and the loop around it.
#include "onepass/engine/conversion.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "onepass/runtime/buffer.h"
#include "onepass/runtime/half.h"
#include "onepass/runtime/mxcsr.h"

namespace onepass {
namespace {

template <class T>
constexpr bool is_half_type = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

template <class To, class From>
To saturated(From value) {
  if (std::isnan(value)) return 0;
  // As floats the limits are powers of two or, if they round up, the first value outside.
  if (value <= static_cast<From>(std::numeric_limits<To>::min()))
    return std::numeric_limits<To>::min();
  if (value >= static_cast<From>(std::numeric_limits<To>::max()))
    return std::numeric_limits<To>::max();
  return static_cast<To>(value);
}

template <class To, class From>
To converted(From value) {
  if constexpr (std::is_same_v<To, From>) {
    return value;
  } else if constexpr (is_half_type<From>) {
    return converted<To>(to_float(value));
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != 0;
  } else if constexpr (is_half_type<To>) {
    using Wide = std::conditional_t<std::is_same_v<From, double>, double, float>;
    const Wide wide = static_cast<Wide>(value);
    if constexpr (std::is_same_v<To, Float16>) {
      return to_float16(wide);
    } else {
      return to_bfloat16(wide);
    }
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    return saturated<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

template <class From, class To>
void convert_dense(const From* from, int64_t count, To* to) {
  for (int64_t i = 0; i < count; ++i) to[i] = converted<To>(from[i]);
}

}  // namespace

void convert_elements(const runtime::ArrayView& source, void* target, DType dtype) {
  if (source.dtype == dtype) {
    return copy_elements(source, runtime::dense_view(target, dtype, source.shape));
  }
  const int64_t count = element_count(source.shape);
  runtime::ArrayView dense = source;
  runtime::Buffer packed;
  if (!is_dense(source)) {
    packed = runtime::Buffer(count * byte_size(source.dtype));
    dense = runtime::dense_view(packed.data(), source.dtype, source.shape);
    copy_elements(source, dense);
  }
  const runtime::FloatingPointDefaults defaults;
  visit_dtype(source.dtype, [&]<class From>(From) {
    visit_dtype(dtype, [&]<class To>(To) {
      convert_dense(dense.as<From>(), count, static_cast<To*>(target));
    });
  });
}

uint64_t float_bits(double value, DType dtype) {
  const runtime::FloatingPointDefaults defaults;
  uint64_t bits = 0;
  visit_dtype(dtype, [&]<class T>(T) {
    const T element = converted<T>(value);
    std::memcpy(&bits, &element, sizeof element);
  });
  return bits;
}

}  // namespace onepass
