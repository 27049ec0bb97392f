// SPDX-License-Identifier: Apache-2.0
// 16-bit float conversions, written once for any pair of binary formats.
#include "onepass/runtime/half.h"

#include <bit>

namespace onepass {
namespace {

/// A binary interchange format: its bits as an unsigned integer, and how they are divided.
template <class BitsType, int mantissa_bits, int exponent_bits>
struct Format {
  using Bits = BitsType;
  static constexpr int mantissa = mantissa_bits;
  static constexpr int sign = mantissa_bits + exponent_bits;
  static constexpr int exponent_mask = (1 << exponent_bits) - 1;
  static constexpr int bias = exponent_mask >> 1;
  static constexpr Bits infinity = static_cast<Bits>(Bits{exponent_mask} << mantissa_bits);
  static constexpr Bits mantissa_mask = static_cast<Bits>((Bits{1} << mantissa_bits) - 1);
};
using Binary16 = Format<uint16_t, 10, 5>;
using Brain16 = Format<uint16_t, 7, 8>;
using Binary32 = Format<uint32_t, 23, 8>;
using Binary64 = Format<uint64_t, 52, 11>;

/// `bits` without its lowest `shift` bits, rounded to nearest even.
uint64_t shift_rounded(uint64_t bits, int shift) {
  const uint64_t odd = bits >> shift & 1;
  return (bits + (uint64_t{1} << (shift - 1)) - 1 + odd) >> shift;
}

template <class From, class To>
typename To::Bits narrow(typename From::Bits bits) {
  using Bits = typename To::Bits;
  constexpr int dropped = From::mantissa - To::mantissa;
  const Bits sign = static_cast<Bits>((bits >> From::sign) << To::sign);
  const int exponent = static_cast<int>(bits >> From::mantissa) & From::exponent_mask;
  const uint64_t mantissa = bits & From::mantissa_mask;
  if (exponent == From::exponent_mask) {
    if (mantissa == 0) return static_cast<Bits>(sign | To::infinity);
    const uint64_t quiet = uint64_t{1} << (To::mantissa - 1);
    return static_cast<Bits>(sign | To::infinity | quiet | mantissa >> dropped);
  }
  const uint64_t implicit = exponent == 0 ? 0 : uint64_t{1} << From::mantissa;
  const int target = (exponent == 0 ? 1 : exponent) - From::bias + To::bias;
  if (target >= To::exponent_mask) return static_cast<Bits>(sign | To::infinity);
  // Below the normal range each power of two costs one more bit.
  const int shift = target < 1 ? dropped + 1 - target : dropped;
  if (shift > From::mantissa + 1) return sign;
  const uint64_t rounded = shift_rounded(mantissa | implicit, shift);
  // The implicit bit, if there is one, adds 1 to the exponent; so does a carry out of the rounding.
  const uint64_t base = target < 1 ? 0 : static_cast<uint64_t>(target - 1) << To::mantissa;
  return static_cast<Bits>(sign | (base + rounded));
}

template <class From, class To>
typename To::Bits widen(typename From::Bits bits) {
  using Bits = typename To::Bits;
  constexpr int gained = To::mantissa - From::mantissa;
  const Bits sign = static_cast<Bits>(static_cast<Bits>(bits >> From::sign) << To::sign);
  const int exponent = (bits >> From::mantissa) & From::exponent_mask;
  const Bits mantissa = bits & From::mantissa_mask;
  if (exponent == From::exponent_mask) {
    const Bits quiet = mantissa == 0 ? 0 : Bits{1} << (To::mantissa - 1);
    return sign | To::infinity | quiet | mantissa << gained;
  }
  if (exponent != 0 || From::bias == To::bias) {
    const Bits rebiased =
        From::bias == To::bias ? Bits(exponent) : Bits(exponent - From::bias + To::bias);
    return sign | rebiased << To::mantissa | mantissa << gained;
  }
  if (mantissa == 0) return sign;
  // A subnormal becomes normal: its leading one moves into the implicit place.
  const int lead = static_cast<int>(std::bit_width(mantissa)) - 1;
  const Bits rebiased = static_cast<Bits>(lead + 1 - From::mantissa - From::bias + To::bias);
  const Bits fraction = (mantissa ^ Bits{1} << lead) << (To::mantissa - lead);
  return sign | rebiased << To::mantissa | fraction;
}

}  // namespace

Float16 to_float16(float x) { return {narrow<Binary32, Binary16>(std::bit_cast<uint32_t>(x))}; }
Float16 to_float16(double x) { return {narrow<Binary64, Binary16>(std::bit_cast<uint64_t>(x))}; }
BFloat16 to_bfloat16(float x) { return {narrow<Binary32, Brain16>(std::bit_cast<uint32_t>(x))}; }
BFloat16 to_bfloat16(double x) { return {narrow<Binary64, Brain16>(std::bit_cast<uint64_t>(x))}; }

float to_float(Float16 x) { return std::bit_cast<float>(widen<Binary16, Binary32>(x.bits)); }
float to_float(BFloat16 x) { return std::bit_cast<float>(widen<Brain16, Binary32>(x.bits)); }
double to_double(Float16 x) { return std::bit_cast<double>(widen<Binary16, Binary64>(x.bits)); }
double to_double(BFloat16 x) { return std::bit_cast<double>(widen<Brain16, Binary64>(x.bits)); }

}  // namespace onepass
