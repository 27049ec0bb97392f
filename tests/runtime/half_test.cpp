// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/half.h"

#include <gtest/gtest.h>
#include <xmmintrin.h>

#include <bit>
#include <cmath>
#include <limits>

namespace onepass {
namespace {

/// The value of a 16-bit float by its definition.
double by_definition(uint16_t bits, int mantissa_bits, int exponent_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = bits >> mantissa_bits & ((1 << exponent_bits) - 1);
  const int mantissa = bits & ((1 << mantissa_bits) - 1);
  const double sign = bits >> 15 != 0 ? -1.0 : 1.0;
  if (exponent == (1 << exponent_bits) - 1) {
    return mantissa != 0 ? std::numeric_limits<double>::quiet_NaN()
                         : sign * std::numeric_limits<double>::infinity();
  }
  const int implicit = exponent != 0 ? 1 << mantissa_bits : 0;
  return sign * std::ldexp(implicit + mantissa, std::max(exponent, 1) - bias - mantissa_bits);
}

template <class Half>
constexpr int mantissa_bits = std::is_same_v<Half, Float16> ? 10 : 7;
template <class Half>
double by_definition(Half x) {
  return by_definition(x.bits, mantissa_bits<Half>, 15 - mantissa_bits<Half>);
}

Float16 narrow(double x, Float16) { return to_float16(x); }
BFloat16 narrow(double x, BFloat16) { return to_bfloat16(x); }
Float16 narrow(float x, Float16) { return to_float16(x); }
BFloat16 narrow(float x, BFloat16) { return to_bfloat16(x); }

template <class Half>
class HalfFloat : public ::testing::Test {};
using HalfTypes = ::testing::Types<Float16, BFloat16>;
TYPED_TEST_SUITE(HalfFloat, HalfTypes);

TYPED_TEST(HalfFloat, WidensAllPatternsExactly) {
  for (uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const TypeParam x{static_cast<uint16_t>(bits)};
    const double expected = by_definition(x);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(to_float(x)) && std::isnan(to_double(x))) << bits;
      continue;
    }
    ASSERT_EQ(std::bit_cast<uint64_t>(to_double(x)), std::bit_cast<uint64_t>(expected)) << bits;
    ASSERT_EQ(std::bit_cast<uint32_t>(to_float(x)),
              std::bit_cast<uint32_t>(static_cast<float>(expected)))
        << bits;
  }
}

TYPED_TEST(HalfFloat, NarrowsItsOwnValuesToThemselves) {
  for (uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const TypeParam x{static_cast<uint16_t>(bits)};
    const TypeParam from_float = narrow(to_float(x), TypeParam());
    const TypeParam from_double = narrow(to_double(x), TypeParam());
    if (std::isnan(by_definition(x))) {
      ASSERT_TRUE(std::isnan(by_definition(from_float)) && std::isnan(by_definition(from_double)));
      ASSERT_EQ(from_float.bits >> 15, x.bits >> 15);
      continue;
    }
    ASSERT_EQ(from_float.bits, x.bits);
    ASSERT_EQ(from_double.bits, x.bits);
  }
}

/// Between every two neighbours: the midpoint goes to the even one, anything beside it to the
/// nearer one.
TYPED_TEST(HalfFloat, RoundsToNearestEvenBetweenAllNeighbours) {
  const uint16_t infinity = static_cast<uint16_t>(0x7FFF & ~((1 << mantissa_bits<TypeParam>)-1));
  for (uint16_t low = 0; low < infinity; ++low) {
    const uint16_t high = static_cast<uint16_t>(low + 1);
    // Past the largest number rounding goes on as if the exponent had no end.
    const double lower = by_definition(TypeParam{low});
    const double below = low == 0 ? -by_definition(TypeParam{1})
                                  : by_definition(TypeParam{static_cast<uint16_t>(low - 1)});
    const double upper =
        high == infinity ? lower + (lower - below) : by_definition(TypeParam{high});
    const double middle = lower + (upper - lower) / 2;
    const uint16_t even = low % 2 == 0 ? low : high;
    for (const double sign : {1.0, -1.0}) {
      const auto signed_bits = [&](uint16_t bits) {
        return static_cast<uint16_t>(bits | (sign < 0 ? 0x8000 : 0));
      };
      ASSERT_EQ(narrow(sign * middle, TypeParam()).bits, signed_bits(even)) << low;
      ASSERT_EQ(narrow(sign * std::nextafter(middle, 0.0), TypeParam()).bits, signed_bits(low));
      ASSERT_EQ(narrow(sign * std::nextafter(middle, INFINITY), TypeParam()).bits,
                signed_bits(high));
      const auto as_float = static_cast<float>(middle);
      if (as_float != middle) continue;  // below the floats
      ASSERT_EQ(narrow(static_cast<float>(sign) * as_float, TypeParam()).bits, signed_bits(even));
      ASSERT_EQ(
          narrow(static_cast<float>(sign) * std::nextafterf(as_float, 0.0f), TypeParam()).bits,
          signed_bits(low));
      ASSERT_EQ(
          narrow(static_cast<float>(sign) * std::nextafterf(as_float, INFINITY), TypeParam()).bits,
          signed_bits(high));
    }
  }
}

TYPED_TEST(HalfFloat, RoundsADoubleOnlyOnce) {
  // Half a unit above 1, and so little more that float forgets it: rounding twice would give 1.
  const double step = std::ldexp(1.0, -mantissa_bits<TypeParam>);
  const double x = 1.0 + step / 2 + std::ldexp(1.0, -40);
  EXPECT_EQ(by_definition(narrow(x, TypeParam())), 1.0 + step);
  EXPECT_EQ(by_definition(narrow(static_cast<float>(x), TypeParam())), 1.0);
}

TYPED_TEST(HalfFloat, OverflowsToInfinityAndKeepsItsSign) {
  for (const double x :
       {1e300, std::numeric_limits<double>::max(), std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(by_definition(narrow(x, TypeParam())), INFINITY);
    EXPECT_EQ(by_definition(narrow(-x, TypeParam())), -INFINITY);
  }
  EXPECT_EQ(by_definition(narrow(-INFINITY, TypeParam())), -INFINITY);
  EXPECT_EQ(narrow(-0.0f, TypeParam()).bits, 0x8000);
  EXPECT_EQ(narrow(-1e-300, TypeParam()).bits, 0x8000);
  EXPECT_EQ(narrow(std::numeric_limits<double>::denorm_min(), TypeParam()).bits, 0);
}

TYPED_TEST(HalfFloat, NaNStaysNaNEvenIfItsPayloadIsInTheLowBits) {
  const auto float_nan = std::bit_cast<float>(0x7F800001u);
  const auto double_nan = std::bit_cast<double>(0xFFF0000000000001u);
  EXPECT_TRUE(std::isnan(by_definition(narrow(float_nan, TypeParam()))));
  EXPECT_TRUE(std::isnan(by_definition(narrow(double_nan, TypeParam()))));
}

TYPED_TEST(HalfFloat, IgnoresTheModeOfTheCaller) {
  const uint32_t mode = _mm_getcsr();
  const float tiny = std::numeric_limits<float>::denorm_min() * 8192;
  _mm_setcsr(mode | 0x8040 | 0x6000);  // FTZ, DAZ, towards zero
  const TypeParam up = narrow(1.0f + 0x1p-7f * 0.75f, TypeParam());
  const TypeParam small = narrow(tiny, TypeParam());
  const float widened = to_float(TypeParam{1});
  _mm_setcsr(mode);
  EXPECT_EQ(up.bits, narrow(1.0f + 0x1p-7f * 0.75f, TypeParam()).bits);
  EXPECT_EQ(small.bits, narrow(tiny, TypeParam()).bits);
  EXPECT_GT(widened, 0.0f);
}

}  // namespace
}  // namespace onepass
