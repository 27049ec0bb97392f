// SPDX-License-Identifier: Apache-2.0
// pow by a logarithm of twice the precision; powers with a literal exponent; reciprocal roots;
// hypot.
#pragma once

#include "onepass/ir/math/exponential.h"
#include "onepass/ir/math/integer.h"
#include "onepass/ir/math/logarithm.h"

namespace onepass::ir::math {

template <class E>
auto reciprocal(E& e, typename E::Value x) {
  return e.div(e.constant(1), x);
}

template <class E>
auto rsqrt(E& e, typename E::Value x) {
  return e.div(e.constant(1), e.sqrt(x));
}

/// f / (2 + f) to twice the precision.
template <class E>
DoubleWord<E> log_argument(E& e, typename E::Value f) {
  const auto denominator = fast_two_sum(e, e.constant(2), f);
  const auto quotient = e.div(f, denominator.high);
  const auto exact = e.fma(e.neg(quotient), denominator.high, f);
  const auto missed = e.fma(e.neg(quotient), denominator.low, exact);
  return fast_two_sum(e, quotient, e.div(missed, denominator.high));
}

/// log2(x) for positive finite x to about 40 bits (f32) or 70 bits (f64): with s = f / (2 + f) and
/// z = s^2, log(1 + f) = 2 s (1 + z (1/3 + z (1/5 + z tail))). Only the tail is computed in one
/// word.
template <class E>
DoubleWord<E> precise_log2(E& e, typename E::Value x) {
  const auto parts = decompose(e, x);
  const auto s = log_argument(e, parts.fraction);
  const auto z = multiply(e, s, s);
  auto tail = z.high;
  if (e.is_double()) {
    tail = polynomial(e, z.high, 0.14285714285716714, 0.11111111109959616, 0.090909093091848081,
                      0.076922859906937535, 0.066678992435738729, 0.058421680406356376,
                      0.05958345455979671);
  } else {
    tail = polynomial(e, z.high, 0.142801464, 0.115717404);
  }
  auto fifth = fast_two_sum(e, e.constant(0.2), e.mul(z.high, tail));
  fifth.low = e.add(fifth.low, constant(e, -2.9802322831784522e-9, -1.1102230246251566e-17));
  const DoubleWord<E> one_third = {constant(e, 0.3333333432674408, 0.33333333333333331),
                                   constant(e, -9.934107758624577e-9, 1.850371707708594e-17)};
  const auto third = add_smaller(e, one_third, multiply(e, z, fifth));
  const auto series = multiply(e, z, third);
  auto factor = fast_two_sum(e, e.constant(1), series.high);
  factor.low = e.add(factor.low, series.low);
  const DoubleWord<E> twice_log2_e = {constant(e, 2.8853900432586670, 2.8853900817779268),
                                      constant(e, 3.8519260670000222e-8, 4.0710547481862066e-17)};
  const auto fraction = multiply(e, multiply(e, s, factor), twice_log2_e);
  const auto sum = fast_two_sum(e, parts.exponent, fraction.high);
  return fast_two_sum(e, sum.high, e.add(sum.low, fraction.low));
}

/// x^y for positive finite x and finite y. Beyond the range of results the exponent saturates.
template <class E>
auto pow_of_positive(E& e, typename E::Value x, typename E::Value y) {
  const auto logarithm = precise_log2(e, x);
  const auto product = two_product(e, y, logarithm.high);
  const auto low = e.fma(y, logarithm.low, product.low);
  const auto held = clamp_for_exp2(e, product.high);
  const auto kept = e.select(e.equal(held, product.high), low, e.constant(0));
  const auto n = nearest_multiple(e, held, e.constant(1));
  return exp2_of_rest(e, n, e.add(e.sub(held, n.value), kept));
}

/// The values of pow that are not those of positive finite operands; `ordinary` is |x|^y where that
/// is one.
template <class E>
auto pow_specials(E& e, typename E::Value x, typename E::Value y, typename E::Value ordinary) {
  const auto zero = e.constant(0);
  const auto one = e.constant(1);
  const auto endless = infinity(e);
  const auto not_a_number = e.constant(__builtin_nan(""));
  const auto magnitude = e.abs(x);
  const auto y_infinite = e.equal(e.abs(y), endless);
  const auto x_infinite = e.equal(magnitude, endless);

  const auto half = e.mul(y, e.constant(0.5));
  const auto integral = e.equal(e.trunc(y), y);
  const auto odd = e.mask_and(integral, e.not_equal(e.trunc(half), half));

  const auto shrinks = e.mask_xor(e.less(one, magnitude), e.less(zero, y));
  const auto extreme = e.mask_or(y_infinite, e.mask_or(x_infinite, e.equal(x, zero)));
  auto result = e.select(extreme, e.select(shrinks, zero, endless), ordinary);
  result = e.select(e.mask_and(y_infinite, e.equal(magnitude, one)), one, result);
  const auto signs = e.select(odd, sign_bits(e, x), e.integer(0));
  result = e.as_value(e.bit_xor(e.as_integer(result), signs));

  const auto negative = e.mask_and(e.less(x, zero), e.mask_not(x_infinite));
  result = e.select(e.mask_and(negative, e.mask_not(integral)), not_a_number, result);
  result = e.select(e.mask_or(is_nan(e, x), is_nan(e, y)), not_a_number, result);
  return e.select(e.mask_or(e.equal(y, zero), e.equal(x, one)), one, result);
}

template <class E>
auto pow(E& e, typename E::Value x, typename E::Value y) {
  if (!e.is_floating()) return integer_pow(e, x, y);
  const auto result = pow_of_positive(e, e.abs(x), y);
  const auto x_ordinary = e.mask_and(e.less(e.constant(0), x), e.less(x, infinity(e)));
  const auto ordinary = e.mask_and(x_ordinary, e.less(e.abs(y), infinity(e)));
  return e.when_any(
      "pow_specials", e.mask_not(ordinary), result,
      [](auto& inner, auto base, auto exponent, auto usual) {
        return pow_specials(inner, base, exponent, usual);
      },
      x, y, result);
}

/// x to a literal power: products, quotients and roots as written here. pow(x, 0.5) means sqrt(x).
template <class E>
auto pow_constant(E& e, typename E::Value x, double exponent) {
  const auto square = e.mul(x, x);
  if (exponent == 2) return square;
  if (exponent == 3) return e.mul(square, x);
  if (exponent == 4) return e.mul(square, square);
  if (!e.is_floating()) return integer_pow(e, x, e.integer_value(static_cast<int64_t>(exponent)));
  if (exponent == 0.5) return e.sqrt(x);
  if (exponent == -0.5) return rsqrt(e, x);
  if (exponent == -1) return reciprocal(e, x);
  return reciprocal(e, square);  // -2
}

/// Both operands are scaled by a power of two so that squares neither overflow nor vanish.
template <class E>
auto hypot(E& e, typename E::Value x, typename E::Value y) {
  const auto first = e.abs(x);
  const auto second = e.abs(y);
  const auto larger = e.max(first, second);
  const auto smaller = e.min(first, second);
  const auto one = e.constant(1);
  const auto big = e.less(constant(e, 0x1p60, 0x1p500), larger);
  const auto tiny = e.less(larger, constant(e, 0x1p-50, 0x1p-450));
  const auto factor = e.select(big, constant(e, 0x1p-70, 0x1p-530),
                               e.select(tiny, constant(e, 0x1p90, 0x1p600), one));
  const auto back = e.select(big, constant(e, 0x1p70, 0x1p530),
                             e.select(tiny, constant(e, 0x1p-90, 0x1p-600), one));
  const auto long_side = e.mul(larger, factor);
  const auto short_side = e.mul(smaller, factor);
  const auto square = e.fma(long_side, long_side, e.mul(short_side, short_side));
  auto result = e.mul(e.sqrt(square), back);
  result = e.select(e.mask_or(is_nan(e, x), is_nan(e, y)), e.add(x, y), result);
  const auto endless = e.mask_or(e.equal(first, infinity(e)), e.equal(second, infinity(e)));
  return e.select(endless, infinity(e), result);
}

}  // namespace onepass::ir::math
