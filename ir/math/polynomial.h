// SPDX-License-Identifier: Apache-2.0
// What every formula is made of: polynomials, constants per width, rounding by a magic number,
// powers of two, signs. Coefficients come from tools/fit_polynomials.py.
#pragma once

#include <cstdint>

namespace onepass::ir::math {

/// c0 + c1 x + c2 x^2 ... by Horner's rule, one fma a step.
template <class E>
auto polynomial(E& e, typename E::Value, double c0) {
  return e.constant(c0);
}
template <class E, class... Rest>
auto polynomial(E& e, typename E::Value x, double c0, double c1, Rest... rest) {
  return e.fma(polynomial(e, x, c1, rest...), x, e.constant(c0));
}

/// The constant of the width at hand.
template <class E>
auto constant(E& e, double single_width, double double_width) {
  return e.constant(e.is_double() ? double_width : single_width);
}

template <class E>
auto infinity(E& e) {
  return e.constant(__builtin_inf());
}

/// Number of stored bits of the significand, and the exponent of 1.
template <class E>
int mantissa_bits(E& e) {
  return e.is_double() ? 52 : 23;
}
template <class E>
int64_t exponent_bias(E& e) {
  return e.is_double() ? 1023 : 127;
}

/// 1.5 * 2^mantissa_bits: adding it to x leaves the nearest integer in the lowest bits of the sum.
template <class E>
auto rounding_magic(E& e) {
  return constant(e, 0x1.8p23, 0x1.8p52);
}

/// An integral float and the same number as an integer.
template <class E>
struct Nearest {
  typename E::Value value;
  typename E::Integer count;
};

/// Splits the sum x + rounding_magic. Within +-2^22 (f32) or +-2^51 (f64).
template <class E>
Nearest<E> nearest_of_sum(E& e, typename E::Value sum) {
  const auto magic = rounding_magic(e);
  return {e.sub(sum, magic), e.sub(e.as_integer(sum), e.as_integer(magic))};
}

/// The integer nearest to x * factor.
template <class E>
Nearest<E> nearest_multiple(E& e, typename E::Value x, typename E::Value factor) {
  return nearest_of_sum(e, e.fma(x, factor, rounding_magic(e)));
}

/// 2^n for n within the exponents of normal numbers.
template <class E>
auto power_of_two(E& e, typename E::Integer n) {
  return e.as_value(e.shift_left(e.add(n, e.integer(exponent_bias(e))), mantissa_bits(e)));
}

/// x * 2^n for x of about 1, in two steps, so that results that overflow or are subnormal are
/// right. |n| <= 2 * bias.
template <class E>
auto scale(E& e, typename E::Value x, Nearest<E> n) {
  if (e.has_scale()) return e.scale(x, n.value);
  const auto half = e.shift_right(n.count, 1);
  return e.mul(e.mul(x, power_of_two(e, half)), power_of_two(e, e.sub(n.count, half)));
}

/// The same where 2^n and the result are normal numbers: one step.
template <class E>
auto scale_within_normal(E& e, typename E::Value x, Nearest<E> n) {
  if (e.has_scale()) return e.scale(x, n.value);
  return e.mul(x, power_of_two(e, n.count));
}

/// The sign bit of x alone.
template <class E>
auto sign_bits(E& e, typename E::Value x) {
  const int64_t sign = e.is_double() ? INT64_MIN : int64_t{INT32_MIN};
  return e.bit_and(e.as_integer(x), e.integer(sign));
}

/// `magnitude`, which is not negative, with the sign of x.
template <class E>
auto with_sign_of(E& e, typename E::Value magnitude, typename E::Value x) {
  return e.as_value(e.bit_or(e.as_integer(magnitude), sign_bits(e, x)));
}

/// True where x is NaN.
template <class E>
auto is_nan(E& e, typename E::Value x) {
  return e.not_equal(x, x);
}

}  // namespace onepass::ir::math
