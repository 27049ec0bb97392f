// SPDX-License-Identifier: Apache-2.0
// The error of a result against a reference in the wider type. docs/accuracy.md defines the error.
#pragma once

#include <bit>
#include <cfloat>
#include <cmath>

#include "grid.h"

namespace onepass::prove {

/// Masks are integers as wide as the numbers: so loops over them vectorise.
struct Estimate {
  double ulps;       // infinite where a special value or the sign of a zero is wrong
  int64_t wrong;     // 1: not the nearest value
  int64_t doubtful;  // 1: the reference lies so near a rounding boundary that `wrong` may be wrong
};

/// Free of branches.
[[gnu::always_inline]] inline Estimate estimate(float result, double reference) {
  constexpr uint64_t exponent_field = 0x7ff0'0000'0000'0000;
  // 2^(23 - e) has this field less the field of 2^e.
  constexpr uint64_t field_sum = uint64_t{2 * (DBL_MAX_EXP - 1) + FLT_MANT_DIG - 1}
                                 << (DBL_MANT_DIG - 1);
  const double got = result;
  const double nearest = static_cast<float>(reference);
  const double magnitude = std::fabs(reference);
  const double above = magnitude < FLT_MIN ? double{FLT_MIN} : magnitude;
  const double held = above < 0x1p127 ? above : 0x1p127;
  const auto units =
      std::bit_cast<double>(field_sum - (std::bit_cast<uint64_t>(held) & exponent_field));
  const double scaled = magnitude * units;
  const double fraction = scaled - std::floor(scaled);
  const int64_t doubtful = std::fabs(fraction - 0.5) < Grid<float>::doubt;

  const int64_t both_nan = (reference != reference) & (got != got);
  const int64_t differs = (got != nearest) & (both_nan ^ 1);
  const int64_t infinite = std::fabs(nearest) > DBL_MAX;
  const uint64_t signs = std::bit_cast<uint64_t>(got) ^ std::bit_cast<uint64_t>(reference);
  const int64_t wrong_zero = (got == 0) & static_cast<int64_t>(signs >> 63);
  const double distance = std::fabs(got - reference) * units;
  const int64_t special = both_nan | (infinite & (differs ^ 1));
  const int64_t bad = wrong_zero | (infinite & differs) | !(distance <= DBL_MAX);
  const double finite = bad != 0 ? HUGE_VAL : distance;
  const double ulps = special != 0 ? 0.0 : finite;
  return {ulps, differs | wrong_zero, doubtful};
}

Estimate estimate(double result, long double reference);

/// The same of many results: the largest error, the number of wrong ones, and whether one is
/// doubtful.
struct Scan {
  double worst = 0;
  int64_t wrong = 0;
  int64_t doubtful = 0;
};
Scan scan(const float* results, const double* references, int64_t count);
Scan scan(const double* results, const long double* references, int64_t count);

}  // namespace onepass::prove
