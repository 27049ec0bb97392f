// SPDX-License-Identifier: Apache-2.0
// Errors in units in the last place of the truth.
#include "verdict.h"

#include <algorithm>
#include <limits>

namespace onepass::prove {
namespace {

float nearest_to(const ir::Precise& truth, float) { return mpfr_get_flt(truth.get(), MPFR_RNDN); }
double nearest_to(const ir::Precise& truth, double) { return mpfr_get_d(truth.get(), MPFR_RNDN); }

/// |truth - x| over the unit of T where the truth lies. Both are finite.
template <class T>
double distance_in_units(const ir::Precise& truth, const ir::Precise& x) {
  using Limits = std::numeric_limits<T>;
  const mpfr_exp_t lowest = Limits::min_exponent, highest = Limits::max_exponent;
  const mpfr_exp_t exponent =
      mpfr_zero_p(truth.get()) ? lowest : std::clamp(mpfr_get_exp(truth.get()), lowest, highest);
  ir::Precise distance = ir::abs(truth - x);
  mpfr_mul_2si(distance.get(), distance.get(), Limits::digits - exponent, MPFR_RNDU);
  return mpfr_get_d(distance.get(), MPFR_RNDN);
}

}  // namespace

template <class T>
Verdict judge(T result, const ir::Precise& truth) {
  const T nearest = nearest_to(truth, T{});
  if (std::isnan(nearest) || std::isnan(result)) {
    const bool same = std::isnan(nearest) && std::isnan(result);
    return {same ? 0 : HUGE_VAL, same};
  }
  const bool wrong_zero = result == 0 && std::signbit(result) != ir::signbit(truth);
  const bool right = result == nearest && !wrong_zero;
  if (std::isinf(nearest) || std::isinf(result) || wrong_zero) return {right ? 0 : HUGE_VAL, right};
  return {distance_in_units<T>(truth, ir::Precise(result)), right};
}

template <class T>
double reference_error(WideOf<T> reference, const ir::Precise& truth) {
  const T nearest = nearest_to(truth, T{});
  if (std::isnan(nearest)) return std::isnan(reference) ? 0 : HUGE_VAL;
  if (std::isinf(nearest)) return static_cast<T>(reference) == nearest ? 0 : HUGE_VAL;
  if (!std::isfinite(reference)) return HUGE_VAL;
  ir::Precise wide(0, std::numeric_limits<WideOf<T>>::digits);
  mpfr_set_ld(wide.get(), reference, MPFR_RNDN);
  return distance_in_units<T>(truth, wide);
}

template Verdict judge(float, const ir::Precise&);
template Verdict judge(double, const ir::Precise&);
template double reference_error<float>(double, const ir::Precise&);
template double reference_error<double>(long double, const ir::Precise&);

}  // namespace onepass::prove
