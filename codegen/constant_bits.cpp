// SPDX-License-Identifier: Apache-2.0
// Conversion of a double to the bits of any dtype.
#include "onepass/codegen/constant_bits.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "onepass/runtime/half.h"

namespace onepass::codegen {
namespace {

template <class T>
T saturated(double value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value != 0;
  } else if constexpr (std::is_same_v<T, Float16>) {
    return to_float16(value);
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    return to_bfloat16(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value);
  } else {
    using Limits = std::numeric_limits<T>;
    if (std::isnan(value)) return 0;
    if (value <= static_cast<double>(Limits::min())) return Limits::min();
    // The largest integer may round up to a power of two, which is out of range already.
    if (value >= static_cast<double>(Limits::max())) return Limits::max();
    return static_cast<T>(value);
  }
}

}  // namespace

uint64_t constant_bits(DType dtype, double value) {
  return visit_dtype(dtype, [&](auto element) {
    const auto converted = saturated<decltype(element)>(value);
    uint64_t bits = 0;
    std::memcpy(&bits, &converted, sizeof converted);
    return bits;
  });
}

}  // namespace onepass::codegen
