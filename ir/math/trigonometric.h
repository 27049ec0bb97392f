// SPDX-License-Identifier: Apache-2.0
// sin, cos, tan over the full range: reduction modulo pi/2, then polynomials on [-pi/4, pi/4].
#pragma once

#include "onepass/ir/math/angle_reduction.h"

namespace onepass::ir::math {

/// sin(r.high + r.low) for |r| <= pi/4.
template <class E>
auto sin_of_rest(E& e, DoubleWord<E> r) {
  const auto z = e.mul(r.high, r.high);
  auto p = z;
  if (e.is_double()) {
    p = polynomial(e, z, -0.1666666666666663, 0.008333333333321976, -0.00019841269829525107,
                   2.7557313608993872e-6, -2.505074680230245e-8, 1.5896212232510631e-10);
  } else {
    p = polynomial(e, z, -0.166666552, 0.00833219197, -0.000195187909);
  }
  return e.add(r.high, e.fma(e.mul(z, r.high), p, r.low));
}

/// cos(r.high + r.low) for |r| <= pi/4: 1 - z/2 with what its rounding loses.
template <class E>
auto cos_of_rest(E& e, DoubleWord<E> r) {
  const auto one = e.constant(1);
  const auto z = e.mul(r.high, r.high);
  auto p = z;
  if (e.is_double()) {
    p = polynomial(e, z, 0.041666666666666595, -0.0013888888888873461, 2.480158728911982e-5,
                   -2.7557314258685602e-7, 2.0875711707973604e-9, -1.1359097367080523e-11);
  } else {
    p = polynomial(e, z, 0.0416666456, -0.0013887313, 2.44329713e-5);
  }
  const auto half = e.mul(z, e.constant(0.5));
  const auto start = e.sub(one, half);
  const auto lost = e.sub(e.sub(one, start), half);
  const auto low = e.fma(e.neg(r.high), r.low, lost);
  return e.add(start, e.fma(e.mul(z, z), p, low));
}

/// The sine of an angle that is `extra` quarter turns further, with the sign bits flipped as
/// `signs` says.
template <class E>
auto sin_of_angle(E& e, const Angle<E>& angle, int extra, typename E::Integer signs) {
  const auto quarters = e.add(angle.quarters, e.integer(extra));
  const auto even = e.equal(e.bit_and(quarters, e.integer(1)), e.integer(0));
  const auto y = e.select(even, sin_of_rest(e, angle.rest), cos_of_rest(e, angle.rest));
  const auto turned = e.shift_left(e.bit_and(quarters, e.integer(2)), e.bits() - 2);
  return e.as_value(e.bit_xor(e.as_integer(y), e.bit_xor(turned, signs)));
}

/// body(angle) for the reduced |x|; the costly reduction runs only where a lane is huge. Infinities
/// give NaN.
template <class E, class F>
auto with_reduced_angle(E& e, typename E::Value x, F body) {
  const auto magnitude = e.abs(x);
  const auto moderate = body(reduce_moderate_angle(e, magnitude));
  return e.when_any(e.less(moderate_angle(e), magnitude), moderate, [&] {
    const auto huge = body(reduce_huge_angle(e, magnitude));
    return e.select(e.less(magnitude, infinity(e)), huge, e.constant(__builtin_nan("")));
  });
}

template <class E>
auto sin(E& e, typename E::Value x) {
  return with_reduced_angle(
      e, x, [&](const Angle<E>& angle) { return sin_of_angle(e, angle, 0, sign_bits(e, x)); });
}

template <class E>
auto cos(E& e, typename E::Value x) {
  return with_reduced_angle(
      e, x, [&](const Angle<E>& angle) { return sin_of_angle(e, angle, 1, e.integer(0)); });
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
auto tan(E& e, typename E::Value x) {
  return with_reduced_angle(e, x, [&](const Angle<E>& angle) {
    const auto t = tan_of_rest(e, angle.rest);
    const auto even = e.equal(e.bit_and(angle.quarters, e.integer(1)), e.integer(0));
    // -1 / (high + low), corrected to first order.
    const auto quotient = e.div(e.constant(-1), t.high);
    const auto missed = e.fma(quotient, t.low, e.fma(quotient, t.high, e.constant(1)));
    const auto y = e.select(even, t.high, e.fma(quotient, missed, quotient));
    return e.as_value(e.bit_xor(e.as_integer(y), sign_bits(e, x)));
  });
}

}  // namespace onepass::ir::math
