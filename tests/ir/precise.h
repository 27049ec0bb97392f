// SPDX-License-Identifier: Apache-2.0
// Numbers of MPFR with the spelling of the op table's reference column: the oracle of floating
// point rows.
#pragma once

#include <mpfr.h>

#include <cmath>

namespace onepass::ir {

/// Enough for every sum and product of two f64 and a third to be exact.
inline constexpr mpfr_prec_t exact_precision = 6400;
/// Enough for functions: their values are never so close to the middle of two f64.
inline constexpr mpfr_prec_t function_precision = 256;

class Precise {
 public:
  Precise(double x = 0) : Precise(x, 53) {}
  Precise(double x, mpfr_prec_t precision) {
    mpfr_init2(value_, precision);
    mpfr_set_d(value_, x, MPFR_RNDN);
  }
  Precise(const Precise& other) {
    mpfr_init2(value_, mpfr_get_prec(other.value_));
    mpfr_set(value_, other.value_, MPFR_RNDN);
  }
  Precise& operator=(const Precise& other) {
    mpfr_set_prec(value_, mpfr_get_prec(other.value_));
    mpfr_set(value_, other.value_, MPFR_RNDN);
    return *this;
  }
  ~Precise() { mpfr_clear(value_); }

  mpfr_ptr get() { return value_; }
  mpfr_srcptr get() const { return value_; }

 private:
  mpfr_t value_;
};

using UnaryMpfr = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
using BinaryMpfr = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t);

inline Precise apply(UnaryMpfr f, const Precise& x, mpfr_prec_t precision = function_precision) {
  Precise result(0, precision);
  f(result.get(), x.get(), MPFR_RNDN);
  return result;
}
inline Precise apply(BinaryMpfr f, const Precise& x, const Precise& y,
                     mpfr_prec_t precision = function_precision) {
  Precise result(0, precision);
  f(result.get(), x.get(), y.get(), MPFR_RNDN);
  return result;
}

inline Precise operator+(const Precise& x, const Precise& y) {
  return apply(mpfr_add, x, y, exact_precision);
}
inline Precise operator-(const Precise& x, const Precise& y) {
  return apply(mpfr_sub, x, y, exact_precision);
}
inline Precise operator*(const Precise& x, const Precise& y) {
  return apply(mpfr_mul, x, y, exact_precision);
}
inline Precise operator/(const Precise& x, const Precise& y) { return apply(mpfr_div, x, y); }
inline Precise operator-(const Precise& x) { return apply(mpfr_neg, x); }
inline bool operator==(const Precise& x, const Precise& y) {
  return mpfr_equal_p(x.get(), y.get());
}
inline bool operator!=(const Precise& x, const Precise& y) { return !(x == y); }
inline bool operator<(const Precise& x, const Precise& y) { return mpfr_less_p(x.get(), y.get()); }
inline bool operator<=(const Precise& x, const Precise& y) {
  return mpfr_lessequal_p(x.get(), y.get());
}
inline bool operator>(const Precise& x, const Precise& y) { return y < x; }
inline bool operator>=(const Precise& x, const Precise& y) { return y <= x; }
inline bool isnan(const Precise& x) { return mpfr_nan_p(x.get()); }
inline bool isinf(const Precise& x) { return mpfr_inf_p(x.get()); }
inline bool isfinite(const Precise& x) { return mpfr_number_p(x.get()); }
inline bool signbit(const Precise& x) { return mpfr_signbit(x.get()); }

inline Precise fma(const Precise& x, const Precise& y, const Precise& z) { return x * y + z; }
inline Precise abs(const Precise& x) { return apply(mpfr_abs, x); }
inline Precise sqrt(const Precise& x) { return apply(mpfr_sqrt, x); }
inline Precise hypot(const Precise& x, const Precise& y) { return apply(mpfr_hypot, x, y); }
inline Precise pow(const Precise& x, const Precise& y) { return apply(mpfr_pow, x, y); }
inline Precise atan2(const Precise& y, const Precise& x) { return apply(mpfr_atan2, y, x); }
#define ONEPASS_PRECISE_FUNCTION(name) \
  inline Precise name(const Precise& x) { return apply(mpfr_##name, x); }
ONEPASS_PRECISE_FUNCTION(exp)
ONEPASS_PRECISE_FUNCTION(exp2)
ONEPASS_PRECISE_FUNCTION(expm1)
ONEPASS_PRECISE_FUNCTION(log)
ONEPASS_PRECISE_FUNCTION(log2)
ONEPASS_PRECISE_FUNCTION(log10)
ONEPASS_PRECISE_FUNCTION(log1p)
ONEPASS_PRECISE_FUNCTION(sin)
ONEPASS_PRECISE_FUNCTION(cos)
ONEPASS_PRECISE_FUNCTION(tan)
ONEPASS_PRECISE_FUNCTION(asin)
ONEPASS_PRECISE_FUNCTION(acos)
ONEPASS_PRECISE_FUNCTION(atan)
ONEPASS_PRECISE_FUNCTION(sinh)
ONEPASS_PRECISE_FUNCTION(cosh)
ONEPASS_PRECISE_FUNCTION(tanh)
ONEPASS_PRECISE_FUNCTION(asinh)
ONEPASS_PRECISE_FUNCTION(acosh)
ONEPASS_PRECISE_FUNCTION(atanh)
ONEPASS_PRECISE_FUNCTION(erf)
ONEPASS_PRECISE_FUNCTION(erfc)
#undef ONEPASS_PRECISE_FUNCTION

inline Precise rounded(const Precise& x, mpfr_rnd_t how) {
  Precise result(0, function_precision);
  mpfr_rint(result.get(), x.get(), how);
  return result;
}
inline Precise floor(const Precise& x) { return rounded(x, MPFR_RNDD); }
inline Precise ceil(const Precise& x) { return rounded(x, MPFR_RNDU); }
inline Precise trunc(const Precise& x) { return rounded(x, MPFR_RNDZ); }
inline Precise round_to_even(const Precise& x) { return rounded(x, MPFR_RNDN); }

inline Precise sigmoid(const Precise& x) { return 1 / (1 + exp(-x)); }
/// A zero keeps its sign.
inline Precise sign(const Precise& x) { return x < 0 ? Precise(-1) : x > 0 ? Precise(1) : x; }
inline Precise copysign(const Precise& x, const Precise& y) {
  const bool negative = signbit(y) && !isnan(y);
  return negative ? -abs(x) : abs(x);
}
inline Precise minimum(const Precise& x, const Precise& y) {
  if (isnan(x) || isnan(y)) return NAN;
  if (x == y) return signbit(x) ? x : y;
  return x < y ? x : y;
}
inline Precise maximum(const Precise& x, const Precise& y) {
  if (isnan(x) || isnan(y)) return NAN;
  if (x == y) return signbit(x) ? y : x;
  return x < y ? y : x;
}
inline Precise remainder(const Precise& x, const Precise& y) {
  if (!isfinite(x) || isnan(y) || y == 0) return NAN;
  if (isinf(y)) return x == 0 ? copysign(x, y) : signbit(x) == signbit(y) ? x : y;
  const Precise rest = apply(mpfr_fmod, x, y, exact_precision);
  if (rest == 0) return copysign(rest, y);
  return signbit(rest) == signbit(y) ? rest : rest + y;
}
inline Precise floor_divide(const Precise& x, const Precise& y) {
  if (isinf(y) && isfinite(x)) {
    return x == 0 || signbit(x) == signbit(y) ? x / y : Precise(-1);
  }
  Precise quotient(0, exact_precision);
  mpfr_div(quotient.get(), x.get(), y.get(), MPFR_RNDD);
  mpfr_floor(quotient.get(), quotient.get());
  if (quotient == 0) return copysign(quotient, x / y);
  return quotient;
}

}  // namespace onepass::ir
