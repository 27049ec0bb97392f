// SPDX-License-Identifier: Apache-2.0
// Compiled for x86-64-v3 as the host kernels are: this is the inner loop of a proof.
#include "estimate.h"

#include <algorithm>

namespace onepass::prove {
namespace {

/// Errors are never NaN or negative: their bits order them, and integers have a vector maximum.
template <class T>
Scan scan_all(const T* results, const WideOf<T>* references, int64_t count) {
  int64_t worst = 0, wrong = 0, doubtful = 0;
  for (int64_t i = 0; i < count; ++i) {
    const Estimate one = estimate(results[i], references[i]);
    worst = std::max(worst, std::bit_cast<int64_t>(one.ulps));
    wrong += one.wrong;
    doubtful |= one.doubtful;
  }
  return {std::bit_cast<double>(worst), wrong, doubtful};
}

}  // namespace

Estimate estimate(double result, long double reference) {
  if (std::isnan(reference) || std::isnan(result)) {
    const bool same = std::isnan(reference) && std::isnan(result);
    return {same ? 0 : HUGE_VAL, !same, 0};
  }
  const auto nearest = static_cast<double>(reference);
  int exponent = 0;
  if (std::isfinite(reference)) std::frexp(reference, &exponent);
  const int unit = std::min(std::max(exponent, DBL_MIN_EXP), DBL_MAX_EXP) - DBL_MANT_DIG;
  const long double scaled = std::ldexp(std::fabs(reference), -unit);
  const long double fraction = scaled - std::floor(scaled);
  const int64_t doubtful = std::fabs(fraction - 0.5L) < Grid<double>::doubt;

  const bool wrong_zero = result == 0 && std::signbit(result) != std::signbit(reference);
  const bool wrong = result != nearest || wrong_zero;
  if (std::isinf(nearest) || std::isinf(result) || wrong_zero) {
    return {wrong ? HUGE_VAL : 0, wrong, doubtful};
  }
  const long double distance = std::fabs(static_cast<long double>(result) - reference);
  return {static_cast<double>(std::ldexp(distance, -unit)), wrong, doubtful};
}

Scan scan(const float* results, const double* references, int64_t count) {
  return scan_all(results, references, count);
}
Scan scan(const double* results, const long double* references, int64_t count) {
  return scan_all(results, references, count);
}

}  // namespace onepass::prove
