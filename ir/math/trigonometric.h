// SPDX-License-Identifier: Apache-2.0
// sin, cos, tan over the full range: reduction modulo pi/2, then polynomials on [-pi/4, pi/4].
#pragma once

#include "onepass/ir/math/angle_reduction.h"

namespace onepass::ir::math {

/// sin(r.high + r.low) for |r| <= pi/4 in f64.
template <class E>
auto sin_of_rest(E& e, DoubleWord<E> r) {
  const auto z = e.mul(r.high, r.high);
  const auto p =
      polynomial(e, z, -0.1666666666666663, 0.008333333333321976, -0.00019841269829525107,
                 2.7557313608993872e-6, -2.505074680230245e-8, 1.5896212232510631e-10);
  return e.add(r.high, e.fma(e.mul(z, r.high), p, r.low));
}

/// cos(r.high + r.low) for |r| <= pi/4 in f64: 1 - z/2 with what its rounding loses.
template <class E>
auto cos_of_rest(E& e, DoubleWord<E> r) {
  const auto one = e.constant(1);
  const auto z = e.mul(r.high, r.high);
  const auto p =
      polynomial(e, z, 0.041666666666666595, -0.0013888888888873461, 2.480158728911982e-5,
                 -2.7557314258685602e-7, 2.0875711707973604e-9, -1.1359097367080523e-11);
  const auto half = e.mul(z, e.constant(0.5));
  const auto start = e.sub(one, half);
  const auto lost = e.sub(e.sub(one, start), half);
  const auto low = e.fma(e.neg(r.high), r.low, lost);
  return e.add(start, e.fma(e.mul(z, z), p, low));
}

/// sin(r) or, for an odd number of quarter turns, cos(r), |r| <= pi/4: in f32 r + r z p(z) or
/// 1 + z p(z), the choice being that of the coefficients. r.low has little weight in the cosine.
template <class E>
auto sin_or_cos_of_rest(E& e, DoubleWord<E> r, typename E::Mask odd) {
  const auto coefficient = [&](double sin, double cos) {
    return e.select(odd, e.constant(cos), e.constant(sin));
  };
  const auto z = e.mul(r.high, r.high);
  const auto base = e.select(odd, e.constant(1), r.high);
  auto p = e.fma(coefficient(0, 2.44329713e-5), z, coefficient(-0.000195187909, -0.0013887313));
  p = e.fma(p, z, coefficient(0.00833219197, 0.0416666456));
  p = e.fma(p, z, coefficient(-0.166666552, -0.5));
  const auto low = e.accuracy() == Accuracy::fast ? r.low : e.select(odd, e.constant(0), r.low);
  return e.add(base, e.fma(e.mul(z, base), p, low));
}

/// The sine of an angle that is `extra` quarter turns further, with the sign bits flipped as
/// `signs` says.
template <class E>
auto sin_of_angle(E& e, const Angle<E>& angle, int extra, typename E::Integer signs) {
  const auto quarters = extra == 0 ? angle.quarters : e.add(angle.quarters, e.integer(extra));
  const auto odd = e.equal(e.bit_and(quarters, e.integer(1)), e.integer(1));
  const auto y = e.is_double()
                     ? e.select(odd, cos_of_rest(e, angle.rest), sin_of_rest(e, angle.rest))
                     : sin_or_cos_of_rest(e, angle.rest, odd);
  const auto turned = e.shift_left(e.bit_and(quarters, e.integer(2)), e.bits() - 2);
  return e.as_value(e.bit_xor(e.as_integer(y), e.bit_xor(turned, signs)));
}

/// The sine of x + extra pi/2, where extra is 0 or 1 and the result odd or even accordingly.
template <int extra, class E>
auto sin_of_turned(E& e, typename E::Value x, const Angle<E>& angle) {
  return sin_of_angle(e, angle, extra, extra == 0 ? sign_bits(e, x) : e.integer(0));
}

/// of_angle(e, x, angle of |x|); the costly reduction runs only where a lane is huge. Infinities
/// give NaN.
template <class E, class F>
auto of_any_angle(E& e, const char* name, typename E::Value x, const Angle<E>& moderate,
                  F of_angle) {
  const auto huge = e.less(moderate_angle(e), e.abs(x));
  return e.when_any(
      name, huge, of_angle(e, x, moderate),
      [](auto& inner, auto far) {
        const auto magnitude = inner.abs(far);
        const auto y = F{}(inner, far, reduce_huge_angle(inner, magnitude));
        const auto nan = inner.constant(__builtin_nan(""));
        return inner.select(inner.less(magnitude, infinity(inner)), y, nan);
      },
      x);
}

template <class E>
auto sin(E& e, typename E::Value x) {
  return of_any_angle(
      e, "sin_of_huge_angle", x, reduce_any_moderate_angle(e, e.abs(x)),
      [](auto& inner, auto v, const auto& angle) { return sin_of_turned<0>(inner, v, angle); });
}

template <class E>
auto cos(E& e, typename E::Value x) {
  return of_any_angle(
      e, "cos_of_huge_angle", x, reduce_any_moderate_angle(e, e.abs(x)),
      [](auto& inner, auto v, const auto& angle) { return sin_of_turned<1>(inner, v, angle); });
}

/// tan(r.high + r.low) for |r| <= pi/4.
template <class E>
auto tan_of_rest(E& e, DoubleWord<E> r) {
  const auto z = e.mul(r.high, r.high);
  auto p = z;
  if (e.is_double()) {
    p = polynomial(e, z, 0.33333333333333381, 0.13333333333325403, 0.053968253972847782,
                   0.021869488401296072, 0.0088632378842055208, 0.0035921013347061221,
                   0.0014560419865556964, 0.00058888379435460283, 0.00024367823385986205,
                   8.3755039259999291e-5, 6.684865987815759e-5, -2.5142956464388909e-5,
                   4.8211692035523839e-5, -2.4057107917199486e-5, 9.7494024795760218e-6);
  } else {
    p = polynomial(e, z, 0.333333522, 0.133325979, 0.0540661179, 0.0212542489, 0.0109006884,
                   1.45239937e-5, 0.00441046571);
  }
  const auto cubic = e.mul(e.mul(z, r.high), p);
  // The derivative of tan is 1 + tan^2.
  return fast_two_sum(e, r.high, e.add(cubic, e.fma(r.low, z, r.low)));
}

template <class E>
auto tan_of_angle(E& e, typename E::Value x, const Angle<E>& angle) {
  const auto t = tan_of_rest(e, angle.rest);
  const auto even = e.equal(e.bit_and(angle.quarters, e.integer(1)), e.integer(0));
  // -1 / (high + low), corrected to first order.
  const auto quotient = e.div(e.constant(-1), t.high);
  const auto missed = e.fma(quotient, t.low, e.fma(quotient, t.high, e.constant(1)));
  const auto y = e.select(even, t.high, e.fma(quotient, missed, quotient));
  return e.as_value(e.bit_xor(e.as_integer(y), sign_bits(e, x)));
}

template <class E>
auto tan(E& e, typename E::Value x) {
  return of_any_angle(
      e, "tan_of_huge_angle", x, reduce_moderate_angle(e, e.abs(x)),
      [](auto& inner, auto v, const auto& angle) { return tan_of_angle(inner, v, angle); });
}

}  // namespace onepass::ir::math
