// SPDX-License-Identifier: Apache-2.0
// Rounding, quotients with their remainders, choices between numbers, predicates: exact functions
// of floats and integers. Integers that are already rounded, finite or not NaN pass through.
#pragma once

#include "onepass/ir/math/integer.h"
#include "onepass/ir/math/polynomial.h"

namespace onepass::ir::math {

template <class E>
auto floor(E& e, typename E::Value x) {
  return e.is_floating() ? e.floor(x) : x;
}
template <class E>
auto ceil(E& e, typename E::Value x) {
  return e.is_floating() ? e.ceil(x) : x;
}
template <class E>
auto round(E& e, typename E::Value x) {
  return e.is_floating() ? e.round(x) : x;
}
template <class E>
auto trunc(E& e, typename E::Value x) {
  return e.is_floating() ? e.trunc(x) : x;
}

template <class E>
auto isnan(E& e, typename E::Value x) {
  return e.not_equal(x, x);
}
template <class E>
auto isinf(E& e, typename E::Value x) {
  if (!e.is_floating()) return e.not_equal(x, x);
  return e.equal(e.abs(x), infinity(e));
}
template <class E>
auto isfinite(E& e, typename E::Value x) {
  if (!e.is_floating()) return e.equal(x, x);
  return e.less(e.abs(x), infinity(e));
}

/// A zero keeps its sign, so that the function is odd to the bit.
template <class E>
auto sign(E& e, typename E::Value x) {
  const auto zero = e.is_floating() ? e.constant(0) : e.integer_value(0);
  const auto one = e.is_floating() ? e.constant(1) : e.integer_value(1);
  const auto up = e.select(e.less(zero, x), one, x);
  return e.select(e.less(x, zero), e.neg(one), up);
}

/// Of numbers, not NaN. Equal ones differ at most in the sign of a zero: each order of them picks
/// another one, and the bits of both decide.
template <class E>
auto smaller_number(E& e, typename E::Value x, typename E::Value y) {
  if (e.has_extremes()) return e.smaller(x, y);
  return e.as_value(e.bit_or(e.as_integer(e.min(x, y)), e.as_integer(e.min(y, x))));
}
template <class E>
auto larger_number(E& e, typename E::Value x, typename E::Value y) {
  if (e.has_extremes()) return e.larger(x, y);
  return e.as_value(e.bit_and(e.as_integer(e.max(x, y)), e.as_integer(e.max(y, x))));
}

/// NaN, all of whose bits are set, in the lanes of `m`.
template <class E>
auto nan_where(E& e, typename E::Mask m, typename E::Value otherwise) {
  return e.as_value(e.select(m, e.integer(-1), e.as_integer(otherwise)));
}

template <class E>
auto minimum(E& e, typename E::Value x, typename E::Value y) {
  if (!e.is_floating()) return e.min(x, y);
  return nan_where(e, e.unordered(x, y), smaller_number(e, x, y));
}
template <class E>
auto maximum(E& e, typename E::Value x, typename E::Value y) {
  if (!e.is_floating()) return e.max(x, y);
  return nan_where(e, e.unordered(x, y), larger_number(e, x, y));
}
template <class E>
auto clip(E& e, typename E::Value x, typename E::Value low, typename E::Value high) {
  return minimum(e, maximum(e, x, low), high);
}

template <class E>
auto copysign(E& e, typename E::Value x, typename E::Value y) {
  const auto sign = e.select(is_nan(e, y), e.integer(0), sign_bits(e, y));
  return e.as_value(e.bit_or(e.as_integer(e.abs(x)), sign));
}

/// floor(x / y). Where the rounded quotient reached an integer from below, the sign of its
/// remainder tells. From 2^24 (f32) or 2^53 (f64) on, quotients are integers and the rounded one is
/// the result, or its neighbour.
template <class E>
auto floor_divide(E& e, typename E::Value x, typename E::Value y) {
  if (!e.is_floating()) return integer_floor_divide(e, x, y);
  const auto zero = e.constant(0);
  const auto quotient = e.floor(e.div(x, y));
  const auto endless = e.equal(e.abs(y), infinity(e));
  const auto rest = e.select(endless, x, e.fma(e.neg(quotient), y, x));
  const auto above = e.mask_or(e.mask_and(e.less(rest, zero), e.less(zero, y)),
                               e.mask_and(e.less(zero, rest), e.less(y, zero)));
  return e.select(above, e.sub(quotient, e.constant(1)), quotient);
}

/// The rest of a division whose quotient is too large for one step: |x| modulo |y|.
template <class E>
struct LongDivision {
  typename E::Value rest;
  typename E::Value divisor;

  static LongDivision select(E& e, typename E::Mask m, const LongDivision& a,
                             const LongDivision& b) {
    return {e.select(m, a.rest, b.rest), e.select(m, a.divisor, b.divisor)};
  }
  template <class F>
  void each(F visit) {
    visit(rest), visit(divisor);
  }
};

/// One step takes off a multiple of the divisor that leaves a few bits less. Every operation but
/// the quotient is exact.
template <class E>
LongDivision<E> long_division_step(E& e, const LongDivision<E>& s) {
  const auto endless = infinity(e);
  const auto one = e.constant(1);
  auto scaled = s.divisor;
  auto quotient = e.div(s.rest, scaled);
  // Twice: a quotient may exceed the range of floats by as much again.
  for (int i = 0; i < 2; ++i) {
    const auto factor = e.select(e.equal(quotient, endless), constant(e, 0x1p100, 0x1p900), one);
    scaled = e.mul(scaled, factor);
    quotient = e.div(s.rest, scaled);
  }
  // 2^(exponent of the quotient - mantissa_bits + 2), at least 1, brings the quotient below
  // 2^(mantissa_bits - 1).
  const int stored = mantissa_bits(e);
  const auto exponent = e.shift_right_logical(e.as_integer(quotient), stored);
  const auto excess = e.sub(exponent, e.integer(exponent_bias(e) + stored - 2));
  const auto zero = e.integer(0);
  const auto shift = e.select(e.less(excess, zero), zero, excess);
  scaled = e.mul(scaled, power_of_two(e, shift));
  quotient = e.trunc(e.div(s.rest, scaled));
  const auto rest = e.fma(e.neg(quotient), scaled, s.rest);
  // The quotient may have been rounded up to the next integer.
  return {e.select(e.less(rest, e.constant(0)), e.add(rest, scaled), rest), s.divisor};
}

/// The remainder of |x| by |y|, exactly, for finite x and y other than 0. Other lanes give
/// anything.
template <class E>
auto long_remainder(E& e, typename E::Value x, typename E::Value y) {
  const auto zero = e.constant(0);
  const auto finite = e.mask_and(e.less(e.abs(x), infinity(e)), e.less(zero, e.abs(y)));
  LongDivision<E> state = {e.select(finite, e.abs(x), zero),
                           e.select(finite, e.abs(y), e.constant(1))};
  state = e.repeat_while_any(
      state, [&](const LongDivision<E>& s) { return e.less_equal(s.divisor, s.rest); },
      [&](const LongDivision<E>& s) { return long_division_step(e, s); });
  return state.rest;
}

/// x - y floor(x / y), rounded once, with the sign of y.
template <class E>
auto remainder(E& e, typename E::Value x, typename E::Value y) {
  if (!e.is_floating()) return integer_remainder(e, x, y);
  const auto zero = e.constant(0);
  const auto quotient = e.div(x, y);
  const auto endless = e.equal(e.abs(y), infinity(e));
  const auto near = e.fma(e.neg(e.floor(quotient)), y, x);
  const auto finite = e.mask_and(e.less(e.abs(x), infinity(e)), e.not_equal(y, zero));
  const auto wide = e.mask_and(finite, e.less(constant(e, 0x1p22, 0x1p51), e.abs(quotient)));
  auto rest = e.when_any(
      "long_remainder", wide, near,
      [](auto& inner, auto a, auto b) {
        return with_sign_of(inner, long_remainder(inner, a, b), a);
      },
      x, y);
  rest = e.select(e.mask_and(endless, finite), x, rest);
  const auto opposite = e.mask_or(e.mask_and(e.less(rest, zero), e.less(zero, y)),
                                  e.mask_and(e.less(zero, rest), e.less(y, zero)));
  const auto shifted = e.select(opposite, e.add(rest, y), rest);
  return e.select(e.equal(shifted, zero), with_sign_of(e, zero, y), shifted);
}

}  // namespace onepass::ir::math
