// SPDX-License-Identifier: Apache-2.0
// x = n pi/2 + r: by three constants for moderate x, by Payne and Hanek's method for huge x.
#pragma once

#include "onepass/ir/math/double_word.h"
#include "onepass/ir/math/two_over_pi.h"
#include "onepass/ir/modes.h"

namespace onepass::ir::math {

/// The rest of an angle, |rest| <= pi/4 and a little, and how many quarter turns were taken off,
/// modulo 4.
template <class E>
struct Angle {
  DoubleWord<E> rest;
  typename E::Integer quarters;
};

/// The largest |x| that three constants reduce well.
template <class E>
auto moderate_angle(E& e) {
  return constant(e, 0x1p17, 0x1p20);
}

/// For 0 <= x <= moderate_angle. The first step is exact, since n has few bits and the rest is
/// below 1.
template <class E>
Angle<E> reduce_moderate_angle(E& e, typename E::Value x) {
  const auto n = nearest_multiple(e, x, constant(e, 0.63661975, 0.63661977236758138));
  const auto first = e.fma(n.value, constant(e, -1.5707963705062866, -1.5707963267948966), x);
  const auto second =
      two_product(e, n.value, constant(e, 4.3711388286737929e-8, -6.123233995736766e-17));
  const auto sum = two_sum(e, first, second.high);
  const auto third =
      e.fma(n.value, constant(e, 1.7151245100058819e-15, 1.4973849048591698e-33), second.low);
  return {fast_two_sum(e, sum.high, e.add(sum.low, third)), n.count};
}

/// The same in f32 for less. In strict accuracy the sum of the first and second words, which may
/// cancel, is kept in full: `first` is a multiple of the last place of the second word, which is
/// all that the sum needs. In fast accuracy rest.low is 0.
template <class E>
Angle<E> reduce_single_angle(E& e, typename E::Value x) {
  const auto n = nearest_multiple(e, x, e.constant(0.63661975));
  const auto first = e.fma(n.value, e.constant(-1.5707963705062866), x);
  const auto second_word = e.constant(4.3711388286737929e-8);
  const auto third_word = e.constant(1.7151245100058819e-15);
  if (e.accuracy() == Accuracy::fast) {
    const auto rest = e.fma(n.value, third_word, e.fma(n.value, second_word, first));
    return {{rest, e.constant(0)}, n.count};
  }
  const auto second = two_product(e, n.value, second_word);
  const auto rest = fast_two_sum(e, first, second.high);
  const auto low = e.add(rest.low, e.fma(n.value, third_word, second.low));
  return {{rest.high, low}, n.count};
}

template <class E>
Angle<E> reduce_any_moderate_angle(E& e, typename E::Value x) {
  return e.is_double() ? reduce_moderate_angle(e, x) : reduce_single_angle(e, x);
}

/// State of the product of a significand and the digits of 2 / pi, from the lowest digit to the
/// highest.
template <class E>
struct DigitProduct {
  typename E::Integer position;  // of the digit that comes next, in two_over_pi
  typename E::Integer left;      // digits still to come
  typename E::Integer carry;
  typename E::Integer high, middle, low;  // the fraction so far, high the most significant

  static DigitProduct select(E& e, typename E::Mask m, const DigitProduct& a,
                             const DigitProduct& b) {
    return {e.select(m, a.position, b.position), e.select(m, a.left, b.left),
            e.select(m, a.carry, b.carry),       e.select(m, a.high, b.high),
            e.select(m, a.middle, b.middle),     e.select(m, a.low, b.low)};
  }
  template <class F>
  void each(F visit) {
    visit(position), visit(left), visit(carry), visit(high), visit(middle), visit(low);
  }
};

/// Moves the fraction down by one digit and puts the lowest digit of carry on top.
template <class E>
void push_digit(E& e, DigitProduct<E>& s) {
  const int top = e.bits() - 4;
  s.low = e.bit_or(e.shift_right_logical(s.low, 4), e.shift_left(s.middle, top));
  s.middle = e.bit_or(e.shift_right_logical(s.middle, 4), e.shift_left(s.high, top));
  s.high = e.bit_or(e.shift_right_logical(s.high, 4), e.shift_left(s.carry, top));
  s.carry = e.shift_right_logical(s.carry, 4);
}

/// x * 2/pi modulo 4 in fixed point for x >= 2^16 or so: two bits before the point, the rest of
/// three words after it. x is M 2^E. Digits of 2/pi of weight 2^-E * 4 and more add multiples of 4
/// and are left out.
template <class E>
DigitProduct<E> turns_of_huge_angle(E& e, typename E::Value x) {
  const int stored = mantissa_bits(e);
  const auto bits = e.as_integer(x);
  const auto hidden = e.shift_left(e.integer(1), stored);
  auto significand = e.bit_or(e.bit_and(bits, e.sub(hidden, e.integer(1))), hidden);
  const auto exponent = e.sub(e.shift_right_logical(bits, stored),
                              e.integer(exponent_bias(e) + stored + 2));  // E - 2
  // The shift that aligns E - 2 to a digit.
  const auto zero = e.integer(0);
  const auto odd = e.equal(e.bit_and(exponent, e.integer(1)), zero);
  significand = e.select(odd, significand, e.shift_left(significand, 1));
  const auto two = e.equal(e.bit_and(exponent, e.integer(2)), zero);
  significand = e.select(two, significand, e.shift_left(significand, 2));
  auto first = e.add(e.shift_right(exponent, 2), e.integer(two_over_pi_padding));
  first = e.select(e.less(first, zero), zero, first);

  const int digits = e.is_double() ? 48 : 24;
  DigitProduct<E> state = {
      e.add(first, e.integer(digits - 1)), e.integer(digits), zero, zero, zero, zero};
  state = e.repeat_while_any(
      state, [&](const DigitProduct<E>& s) { return e.less(e.integer(0), s.left); },
      [&](DigitProduct<E> s) {
        push_digit(e, s);
        const auto digit =
            nearest_of_sum(e, e.add(e.table(two_over_pi, s.position), rounding_magic(e)));
        s.carry = e.add(s.carry, e.mul(significand, digit.count));
        s.position = e.sub(s.position, e.integer(1));
        s.left = e.sub(s.left, e.integer(1));
        return s;
      });
  push_digit(e, state);
  return state;
}

/// Any x >= 2^16 or so; the rest is unspecified for infinities.
template <class E>
Angle<E> reduce_huge_angle(E& e, typename E::Value x) {
  const int bits = e.bits();
  const auto turns = turns_of_huge_angle(e, x);
  // Round to the nearest quarter; what is left is a signed fraction of one.
  const auto eighth = e.shift_left(e.integer(1), bits - 3);
  const auto quarters = e.shift_right_logical(e.add(turns.high, eighth), bits - 2);
  const auto high =
      e.bit_or(e.shift_left(turns.high, 2), e.shift_right_logical(turns.middle, bits - 2));
  const auto low =
      e.bit_or(e.shift_left(turns.middle, 2), e.shift_right_logical(turns.low, bits - 2));

  const int half = bits / 2;
  const auto unit = e.is_double() ? 0x1p-32 : 0x1p-16;
  const auto mask = e.integer((int64_t{1} << half) - 1);
  const auto piece = [&](typename E::Integer i, double weight) {
    return e.mul(e.to_value(i), e.constant(weight));
  };
  const auto top =
      two_sum(e, piece(e.shift_right(high, half), unit), piece(e.bit_and(high, mask), unit * unit));
  const auto bottom = fast_two_sum(e, piece(e.shift_right_logical(low, half), unit * unit * unit),
                                   piece(e.bit_and(low, mask), unit * unit * unit * unit));
  const auto middle = two_sum(e, top.low, bottom.high);
  const auto sum = two_sum(e, top.high, middle.high);
  const auto fraction = two_sum(e, sum.high, e.add(sum.low, e.add(middle.low, bottom.low)));
  const DoubleWord<E> half_pi = {constant(e, 1.5707963705062866, 1.5707963267948966),
                                 constant(e, -4.3711388286737929e-8, 6.123233995736766e-17)};
  return {multiply(e, fraction, half_pi), quarters};
}

}  // namespace onepass::ir::math
