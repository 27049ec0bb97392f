// SPDX-License-Identifier: Apache-2.0
// log, log2, log10, log1p: x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), log(1 + f) as a sum
// of two words, in fast accuracy as one.
#pragma once

#include "onepass/ir/math/double_word.h"
#include "onepass/ir/modes.h"

namespace onepass::ir::math {

/// x = 2^exponent * (1 + fraction).
template <class E>
struct Decomposed {
  typename E::Value exponent;
  typename E::Value fraction;
};

/// For positive normal x. Other x give unspecified finite or NaN parts.
template <class E>
Decomposed<E> decompose_normal(E& e, typename E::Value x) {
  const auto bits = e.as_integer(x);
  const auto root_half = e.as_integer(e.constant(0.70710678118654757));
  const auto k = e.shift_right(e.sub(bits, root_half), mantissa_bits(e));
  const auto significand = e.as_value(e.sub(bits, e.shift_left(k, mantissa_bits(e))));
  return {e.to_value(k), e.sub(significand, e.constant(1))};
}

/// For positive x, subnormal or not.
template <class E>
Decomposed<E> decompose(E& e, typename E::Value x) {
  const auto subnormal = e.less(x, constant(e, 0x1p-126, 0x1p-1022));
  const auto parts =
      decompose_normal(e, e.select(subnormal, e.mul(x, constant(e, 0x1p23, 0x1p52)), x));
  const auto shifted = e.select(subnormal, constant(e, -23, -52), e.constant(0));
  return {e.add(parts.exponent, shifted), parts.fraction};
}

/// log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)]: f - f^2/2 and what is left. In f64 by the series
/// in f / (2 + f).
template <class E>
DoubleWord<E> log_of_fraction(E& e, typename E::Value f) {
  const auto square = e.mul(f, f);
  const auto half_square = e.mul(square, e.constant(0.5));
  const auto high = e.sub(f, half_square);
  const auto low = e.sub(e.sub(f, high), half_square);
  if (e.is_double()) {
    const auto s = e.div(f, e.add(f, e.constant(2)));
    const auto z = e.mul(s, s);
    const auto rest = polynomial(e, z, 0.66666666666667362, 0.39999999999405483,
                                 0.28571428744061894, 0.22222198426151224, 0.18183571057432849,
                                 0.15313895728652202, 0.14797363505876421);
    return {high, e.fma(s, e.fma(z, rest, half_square), low)};
  }
  const auto rest = polynomial(e, f, 0.333333105, -0.25, 0.200022265, -0.166685268, 0.142181218,
                               -0.123964213, 0.118885927, -0.117258288, 0.0680491775);
  return {high, e.fma(e.mul(f, square), rest, low)};
}

/// log(1 + f), the same range, within 3 units in the last place.
template <class E>
auto fast_log_of_fraction(E& e, typename E::Value f) {
  const auto square = e.mul(f, f);
  if (e.is_double()) {
    const auto half_square = e.mul(square, e.constant(0.5));
    const auto s = e.div(f, e.add(f, e.constant(2)));
    const auto z = e.mul(s, s);
    const auto rest =
        polynomial(e, z, 0.66666666666585084, 0.40000000053069917, 0.28571417024772378,
                   0.22223378009580255, 0.18123464540149911, 0.16821722257660712);
    return e.add(f, e.fma(s, e.fma(z, rest, half_square), e.neg(half_square)));
  }
  const auto curvature = polynomial(e, f, -0.500003815, 0.333342999, -0.249683723, 0.199203581,
                                    -0.172913074, 0.160809383, -0.0980129316);
  return e.fma(square, curvature, f);
}

template <class E>
auto ln2(E& e) {
  return e.constant(0.69314718055994529);
}

/// The values of a logarithm outside the positive numbers.
template <class E>
auto log_specials(E& e, typename E::Value x, typename E::Value y) {
  y = e.select(e.equal(x, infinity(e)), x, y);
  y = e.select(e.equal(x, e.constant(0)), e.neg(infinity(e)), y);
  return e.select(e.less_equal(e.constant(0), x), y, e.constant(__builtin_nan("")));
}

/// k ln 2 + log(1 + f). The high word of ln 2 has trailing zeros, so that k times it is exact.
template <class E>
auto log_from_parts(E& e, typename E::Value k, DoubleWord<E> fraction) {
  const auto base = e.mul(k, constant(e, 0x1.62e4p-1, 0x1.62e42fefa2p-1));
  const auto sum = fast_two_sum(e, base, fraction.high);
  const auto low = e.fma(k, constant(e, 1.428606765330187e-6, 7.371002565167799e-13), fraction.low);
  return e.add(sum.high, e.add(sum.low, low));
}

/// log_of(e, decomposed x), where subnormal, zero, negative and infinite lanes and NaN, which are
/// seldom there, go apart. The bits of the others, 2^-126 <= x < infinity, are one range.
template <class E, class F>
auto logarithm(E& e, const char* name, typename E::Value x, F log_of) {
  const auto least = e.as_integer(constant(e, 0x1p-126, 0x1p-1022));
  const auto lowest = e.integer(e.is_double() ? INT64_MIN : int64_t{INT32_MIN});
  const auto above = e.sub(e.as_integer(x), e.add(least, lowest));
  const auto end = e.sub(e.as_integer(infinity(e)), e.add(least, lowest));
  return e.when_any(
      name, e.mask_not(e.less(above, end)), log_of(e, decompose_normal(e, x)),
      [](auto& inner, auto v) { return log_specials(inner, v, F{}(inner, decompose(inner, v))); },
      x);
}

template <class E>
auto log(E& e, typename E::Value x) {
  return logarithm(e, "log_of_any", x, [](auto& inner, const auto& parts) {
    if (inner.accuracy() == Accuracy::fast) {
      return inner.fma(parts.exponent, ln2(inner), fast_log_of_fraction(inner, parts.fraction));
    }
    return log_from_parts(inner, parts.exponent, log_of_fraction(inner, parts.fraction));
  });
}

/// (fraction.high + fraction.low) * (factor_high + factor_low) + k * (unit_high + unit_low).
template <class E>
auto log_in_base(E& e, const Decomposed<E>& parts, DoubleWord<E> factor, DoubleWord<E> unit) {
  const auto fraction = log_of_fraction(e, parts.fraction);
  const auto product = two_product(e, fraction.high, factor.high);
  auto low = e.fma(fraction.high, factor.low, e.fma(fraction.low, factor.high, product.low));
  low = e.fma(parts.exponent, unit.low, low);
  const auto sum = fast_two_sum(e, e.mul(parts.exponent, unit.high), product.high);
  return e.add(sum.high, e.add(sum.low, low));
}

template <class E>
auto log2_of_parts(E& e, const Decomposed<E>& parts) {
  if (e.accuracy() == Accuracy::fast) {
    const auto log2_e = e.constant(1.4426950408889634);
    return e.fma(fast_log_of_fraction(e, parts.fraction), log2_e, parts.exponent);
  }
  const DoubleWord<E> log2_e = {constant(e, 1.4426950216293335, 1.4426950408889634),
                                constant(e, 1.9259630335000111e-8, 2.0355273740931033e-17)};
  return log_in_base<E>(e, parts, log2_e, {e.constant(1), e.constant(0)});
}

template <class E>
auto log2(E& e, typename E::Value x) {
  return logarithm(e, "log2_of_any", x,
                   [](auto& inner, const auto& parts) { return log2_of_parts(inner, parts); });
}

template <class E>
auto log10_of_parts(E& e, const Decomposed<E>& parts) {
  if (e.accuracy() == Accuracy::fast) {
    const auto log10_2 = e.constant(0.30102999566398120), log10_e = e.constant(0.43429448190325182);
    const auto fraction = e.mul(fast_log_of_fraction(e, parts.fraction), log10_e);
    return e.fma(parts.exponent, log10_2, fraction);
  }
  const DoubleWord<E> log10_e = {constant(e, 0.43429449200630188, 0.43429448190325182),
                                 constant(e, -1.0103049952192578e-8, 1.0983196502167651e-17)};
  const DoubleWord<E> log10_2 = {constant(e, 0x1.344p-2, 0x1.34413509f6p-2),
                                 constant(e, 4.605039066518657e-6, 3.694239077158931e-13)};
  return log_in_base<E>(e, parts, log10_e, log10_2);
}

template <class E>
auto log10(E& e, typename E::Value x) {
  return logarithm(e, "log10_of_any", x,
                   [](auto& inner, const auto& parts) { return log10_of_parts(inner, parts); });
}

/// log((1 + v.high + v.low) * 2^extra). 1 + v.high is rounded to u; what that loses is a first
/// order correction.
template <class E>
auto log1p_of_sum(E& e, DoubleWord<E> v, typename E::Value extra) {
  const auto u = two_sum(e, e.constant(1), v.high);
  const auto parts = decompose(e, u.high);
  const auto near_one = e.equal(parts.exponent, e.constant(0));
  const auto fraction = e.select(near_one, v.high, parts.fraction);
  const auto lost = e.select(near_one, v.low, e.add(u.low, v.low));
  auto log_of = log_of_fraction(e, fraction);
  log_of.low = e.add(log_of.low, e.div(lost, u.high));
  return log_from_parts(e, e.add(parts.exponent, extra), log_of);
}

/// For x > -1: log(u) with u = 1 + x rounded, and what that loses where u is near 1; elsewhere it
/// is within the rounding of the result.
template <class E>
auto fast_log1p_of_normal(E& e, typename E::Value x) {
  const auto one = e.constant(1);
  const auto u = e.add(one, x);
  const auto lost = e.sub(x, e.sub(u, one));
  const auto parts = decompose_normal(e, u);
  const auto near_one = e.equal(parts.exponent, e.constant(0));
  const auto correction =
      e.mul(e.select(near_one, lost, e.constant(0)), e.sub(one, parts.fraction));
  const auto fraction = e.add(fast_log_of_fraction(e, parts.fraction), correction);
  return e.fma(parts.exponent, ln2(e), fraction);
}

template <class E>
auto log1p(E& e, typename E::Value x) {
  auto y = e.accuracy() == Accuracy::fast ? fast_log1p_of_normal(e, x)
                                          : log1p_of_sum<E>(e, {x, e.constant(0)}, e.constant(0));
  y = e.select(e.equal(x, e.constant(0)), x, y);
  y = e.select(e.equal(x, infinity(e)), x, y);
  y = e.select(e.equal(x, e.constant(-1)), e.neg(infinity(e)), y);
  return e.select(e.less_equal(e.constant(-1), x), y, e.constant(__builtin_nan("")));
}

}  // namespace onepass::ir::math
