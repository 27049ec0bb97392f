// SPDX-License-Identifier: Apache-2.0
// Inputs that find mistakes: specials, edges of every width, and random bits. The same on every
// run.
#pragma once

#include <array>
#include <cmath>
#include <random>

#include "nest_fixture.h"

namespace onepass::codegen::testing {

inline constexpr std::array special_numbers = {0.0,
                                               -0.0,
                                               1.0,
                                               -1.0,
                                               0.5,
                                               -0.5,
                                               1.5,
                                               2.5,
                                               -2.5,
                                               3.0,
                                               0.99999994,
                                               1e-8,
                                               127.0,
                                               127.5,
                                               128.0,
                                               -128.0,
                                               -128.9,
                                               -129.0,
                                               254.9,
                                               255.0,
                                               255.99,
                                               256.0,
                                               32767.0,
                                               32767.9,
                                               32768.0,
                                               -32768.0,
                                               -32769.0,
                                               65503.0,
                                               65504.0,
                                               65519.0,
                                               65520.0,
                                               65535.0,
                                               65536.0,
                                               16777216.0,
                                               16777217.0,
                                               2147483520.0,
                                               2147483647.0,
                                               2147483648.0,
                                               -2147483648.0,
                                               -2147483904.0,
                                               4294967040.0,
                                               4294967295.0,
                                               4294967296.0,
                                               0x1p52,
                                               0x1p53,
                                               0x1.0000000000001p53,
                                               0x1.fffffffffffffp62,
                                               0x1p63,
                                               -0x1p63,
                                               -0x1.0000000000001p63,
                                               0x1.fffffep63,
                                               0x1.fffffffffffffp63,
                                               0x1p64,
                                               1e30,
                                               -1e30,
                                               3.4028234663852886e38,
                                               3.5e38,
                                               1e300,
                                               -1e300,
                                               0x1p-14,
                                               0x1p-24,
                                               0x1.8p-25,
                                               0x1p-25,
                                               0x1.ffcp-15,
                                               0x1p-126,
                                               0x1p-149,
                                               0x1p-133,
                                               0x1.8p-134,
                                               0x1p-1022,
                                               0x1p-1074,
                                               1.00048828125,
                                               1.00146484375,
                                               1.00048828125000022,
                                               1.00390625,
                                               1.01171875,
                                               1.003906250000001};

/// A number as an element, saturated as far as the type needs; see also the random bits below.
template <class T>
T element_of(double number) {
  if constexpr (std::is_same_v<T, bool>) {
    return number != 0;
  } else if constexpr (std::is_same_v<T, Float16>) {
    return to_float16(number);
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    return to_bfloat16(number);
  } else if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(number);
  } else {
    if (number != number) return 0;
    if (number >= static_cast<double>(std::numeric_limits<T>::max()))
      return std::numeric_limits<T>::max();
    if (number <= static_cast<double>(std::numeric_limits<T>::min()))
      return std::numeric_limits<T>::min();
    return static_cast<T>(number);
  }
}

/// Element `i` of a sample: specials first, then a mix of random bits and of numbers of everyday
/// size.
template <class T>
T sample_element(int64_t i, std::mt19937_64& random) {
  constexpr int64_t named = static_cast<int64_t>(special_numbers.size());
  if (i < named) return element_of<T>(special_numbers[static_cast<size_t>(i)]);
  if (i == named) return element_of<T>(std::numeric_limits<double>::infinity());
  if (i == named + 1) return element_of<T>(-std::numeric_limits<double>::infinity());
  if (i == named + 2) return element_of<T>(std::numeric_limits<double>::quiet_NaN());
  const uint64_t bits = random();
  if constexpr (std::is_same_v<T, bool>) return (bits & 1) != 0;
  if (i % 2 == 0) {
    T value;
    std::memcpy(static_cast<void*>(&value), &bits, sizeof value);
    return value;
  }
  return element_of<T>(std::uniform_real_distribution<double>(-200, 200)(random));
}

/// `count` elements; the order of the specials is turned by `seed`, so that pairs of samples meet
/// differently.
inline Bytes sample(DType dtype, int64_t count, uint64_t seed) {
  Bytes bytes(dtype, count);
  std::mt19937_64 random(seed);
  visit_dtype(dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < count; ++i) {
      const T value = sample_element<T>(i, random);
      const int64_t place = (i * static_cast<int64_t>(2 * seed + 1)) % count;
      std::memcpy(bytes.as<T>() + place, &value, sizeof value);
    }
  });
  return bytes;
}

}  // namespace onepass::codegen::testing
