// SPDX-License-Identifier: Apache-2.0
// sin, cos, tan over the full range: reduction modulo pi (tan: pi/2), then a polynomial of the
// rest.
#pragma once

#include "onepass/ir/math/angle_reduction.h"

namespace onepass::ir::math {

/// sin(r) for |r| <= pi/2 and a little: r + r z p(z), where z is the square of r. The rounding of z
/// would cost most near pi/2, where z p(z) has the slope -0.12 or so. Results are at most 1, and 1
/// at pi/2: in f32 by the choice of the coefficients (see the fit), in f64 by a clip.
template <class E>
auto sin_of_rest(E& e, typename E::Value r) {
  const auto z = e.mul(r, r);
  const auto z_low = e.fma(r, r, e.neg(z));
  const auto low_part = e.mul(z_low, e.constant(-0.12));
  if (!e.is_double()) {
    const auto p = polynomial(e, z, -0.166666627, 0.00833307486, -0.000198095178, 2.60610977e-6);
    return e.fma(e.fma(z, p, low_part), r, r);
  }
  const auto p =
      polynomial(e, z, -0.16666666666666666, 0.0083333333333332083, -0.00019841269841213368,
                 2.7557319211744394e-6, -2.5052106921615941e-8, 1.6058941903478389e-10,
                 -7.6430434654462997e-13, 2.7216780044787847e-15);
  const auto one = e.constant(1);
  const auto y = e.fma(e.fma(z, p, low_part), r, r);
  return e.max(e.neg(one), e.min(one, y));
}

/// sin(n pi + rest).
template <class E>
auto sin_of_angle(E& e, const Angle<E>& angle) {
  const auto flipped = e.shift_left(angle.turns, e.bits() - 1);
  return e.as_value(e.bit_xor(e.as_integer(sin_of_rest(e, angle.rest.high)), flipped));
}

/// The angle x + `ahead` quarter turns, 0 <= x <= moderate_angle, in half turns. `ahead` is 0 or 1.
template <class E>
Angle<E> reduce_by_half_turns(E& e, typename E::Value x, int ahead) {
  const auto inverse = constant(e, 0.318309873, 0.31830988618379069);
  const auto half = e.constant(0.5);
  const auto n = ahead == 0 ? nearest_multiple(e, x, inverse)
                            : nearest_of_sum(e, e.add(e.fma(x, inverse, half), rounding_magic(e)));
  const auto taken = ahead == 0 ? n.value : e.sub(n.value, half);
  return {{rest_of_turns(e, x, taken, Turn::half), e.constant(0)}, n.count};
}

/// A function of x >= 0: `moderate` is its result up to moderate_angle, F that for huge angles,
/// which runs only where there is one. Infinities give NaN.
template <class E, class F>
auto of_any_angle(E& e, const char* name, typename E::Value x, typename E::Value moderate, F) {
  const auto huge = e.less(moderate_angle(e), x);
  return e.when_any(
      name, huge, moderate,
      [](auto& inner, auto far) {
        const auto nan = inner.constant(__builtin_nan(""));
        return inner.select(inner.less(far, infinity(inner)), F{}(inner, far), nan);
      },
      x);
}

template <class E>
auto sin(E& e, typename E::Value x) {
  const auto magnitude = e.abs(x);
  const auto y = of_any_angle(
      e, "sin_of_huge_angle", magnitude, sin_of_angle(e, reduce_by_half_turns(e, magnitude, 0)),
      [](auto& inner, auto far) {
        return sin_of_angle(inner, reduce_huge_angle(inner, far, Turn::half, 0));
      });
  return e.as_value(e.bit_xor(e.as_integer(y), sign_bits(e, x)));
}

template <class E>
auto cos(E& e, typename E::Value x) {
  const auto magnitude = e.abs(x);
  return of_any_angle(e, "cos_of_huge_angle", magnitude,
                      sin_of_angle(e, reduce_by_half_turns(e, magnitude, 1)),
                      [](auto& inner, auto far) {
                        return sin_of_angle(inner, reduce_huge_angle(inner, far, Turn::half, 1));
                      });
}

/// tan(r.high + r.low) for |r| <= pi/4 and a little; in fast accuracy r.low has no weight.
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
  if (e.accuracy() == Accuracy::fast) return DoubleWord<E>{e.add(r.high, cubic), r.low};
  // The derivative of tan is 1 + tan^2.
  return fast_two_sum(e, r.high, e.add(cubic, e.fma(r.low, z, r.low)));
}

/// tan(n pi/2 + rest).
template <class E>
auto tan_of_angle(E& e, const Angle<E>& angle) {
  const auto t = tan_of_rest(e, angle.rest);
  const auto even = e.equal(e.bit_and(angle.turns, e.integer(1)), e.integer(0));
  const auto quotient = e.div(e.constant(-1), t.high);
  if (e.accuracy() == Accuracy::fast) return e.select(even, t.high, quotient);
  // -1 / (high + low), corrected to first order.
  const auto missed = e.fma(quotient, t.low, e.fma(quotient, t.high, e.constant(1)));
  return e.select(even, t.high, e.fma(quotient, missed, quotient));
}

template <class E>
auto tan(E& e, typename E::Value x) {
  const auto magnitude = e.abs(x);
  const auto n = nearest_multiple(e, magnitude, constant(e, 0.63661975, 0.63661977236758138));
  const auto rest =
      e.accuracy() == Accuracy::fast
          ? DoubleWord<E>{rest_of_turns(e, magnitude, n.value, Turn::quarter), e.constant(0)}
          : long_rest_of_turns(e, magnitude, n.value);
  const Angle<E> angle = {rest, n.count};
  const auto y = of_any_angle(
      e, "tan_of_huge_angle", magnitude, tan_of_angle(e, angle), [](auto& inner, auto far) {
        return tan_of_angle(inner, reduce_huge_angle(inner, far, Turn::quarter, 0));
      });
  return e.as_value(e.bit_xor(e.as_integer(y), sign_bits(e, x)));
}

}  // namespace onepass::ir::math
