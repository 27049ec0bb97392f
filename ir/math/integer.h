// SPDX-License-Identifier: Apache-2.0
// Functions of integers: division with a defined result everywhere, powers, shifts by any count.
#pragma once

#include <cstdint>

namespace onepass::ir::math {

/// A quotient towards zero and its remainder. x / 0 is 0 with remainder 0; the smallest integer /
/// -1 wraps.
template <class E>
struct IntegerQuotient {
  typename E::Value quotient;
  typename E::Value rest;
};

template <class E>
IntegerQuotient<E> integer_divide(E& e, typename E::Value x, typename E::Value y) {
  const auto zero = e.integer_value(0);
  const auto one = e.integer_value(1);
  const auto by_zero = e.equal(y, zero);
  auto by_minus_one = by_zero;
  if (e.is_signed()) by_minus_one = e.equal(y, e.integer_value(-1));
  const auto divisor = e.select(e.mask_or(by_zero, by_minus_one), one, y);
  auto quotient = e.div(x, divisor);
  const auto rest = e.sub(x, e.mul(quotient, divisor));
  if (e.is_signed()) quotient = e.select(by_minus_one, e.neg(x), quotient);
  return {e.select(by_zero, zero, quotient), rest};
}

/// Lanes whose remainder is not 0 and has another sign than y.
template <class E>
auto rest_has_other_sign(E& e, typename E::Value rest, typename E::Value y) {
  const auto zero = e.integer_value(0);
  const auto differ = e.mask_xor(e.less(rest, zero), e.less(y, zero));
  return e.mask_and(e.not_equal(rest, zero), differ);
}

template <class E>
auto integer_floor_divide(E& e, typename E::Value x, typename E::Value y) {
  const auto parts = integer_divide(e, x, y);
  const auto below = e.sub(parts.quotient, e.integer_value(1));
  return e.select(rest_has_other_sign(e, parts.rest, y), below, parts.quotient);
}

template <class E>
auto integer_remainder(E& e, typename E::Value x, typename E::Value y) {
  const auto rest = integer_divide(e, x, y).rest;
  return e.select(rest_has_other_sign(e, rest, y), e.add(rest, y), rest);
}

/// State of square-and-multiply.
template <class E>
struct PowerProduct {
  typename E::Value result;
  typename E::Value base;
  typename E::Value exponent;

  static PowerProduct select(E& e, typename E::Mask m, const PowerProduct& a,
                             const PowerProduct& b) {
    return {e.select(m, a.result, b.result), e.select(m, a.base, b.base),
            e.select(m, a.exponent, b.exponent)};
  }
  template <class F>
  void each(F visit) {
    visit(result), visit(base), visit(exponent);
  }
};

/// x to the power of y, wrapping. 1 / x^-y rounded towards zero for negative y; 0 to a negative
/// power is 0.
template <class E>
auto integer_pow(E& e, typename E::Value x, typename E::Value y) {
  const auto zero = e.integer_value(0);
  const auto one = e.integer_value(1);
  const auto negative = e.less(y, zero);
  const auto odd = e.not_equal(e.bit_and(y, one), zero);
  PowerProduct<E> state = {one, x, e.select(negative, zero, y)};
  state = e.repeat_while_any(
      state, [&](const PowerProduct<E>& s) { return e.not_equal(s.exponent, zero); },
      [&](const PowerProduct<E>& s) -> PowerProduct<E> {
        const auto take = e.not_equal(e.bit_and(s.exponent, one), zero);
        return {e.select(take, e.mul(s.result, s.base), s.result), e.mul(s.base, s.base),
                e.shift_right(s.exponent, one)};
      });
  if (!e.is_signed()) return state.result;
  const auto minus_one = e.integer_value(-1);
  auto reciprocal = e.select(e.equal(x, one), one, zero);
  reciprocal = e.select(e.equal(x, minus_one), e.select(odd, minus_one, one), reciprocal);
  return e.select(negative, reciprocal, state.result);
}

/// True where y is a count below the width.
template <class E>
auto is_shift_count(E& e, typename E::Value y) {
  const auto below = e.less(y, e.integer_value(e.bits()));
  if (!e.is_signed()) return below;
  return e.mask_and(below, e.less_equal(e.integer_value(0), y));
}

template <class E>
auto bitwise_left_shift(E& e, typename E::Value x, typename E::Value y) {
  const auto zero = e.integer_value(0);
  const auto fits = is_shift_count(e, y);
  return e.select(fits, e.shift_left(x, e.select(fits, y, zero)), zero);
}

template <class E>
auto bitwise_right_shift(E& e, typename E::Value x, typename E::Value y) {
  const auto zero = e.integer_value(0);
  const auto fits = is_shift_count(e, y);
  const auto shifted = e.shift_right(x, e.select(fits, y, zero));
  if (!e.is_signed()) return e.select(fits, shifted, zero);
  return e.select(fits, shifted, e.shift_right(x, e.integer_value(e.bits() - 1)));
}

}  // namespace onepass::ir::math
