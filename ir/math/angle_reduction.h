// SPDX-License-Identifier: Apache-2.0
// x = n pi/2 + r or n pi + r: by three words for moderate x, by Payne and Hanek's method for huge
// x.
#pragma once

#include <cmath>

#include "onepass/ir/math/double_word.h"
#include "onepass/ir/math/two_over_pi.h"
#include "onepass/ir/modes.h"

namespace onepass::ir::math {

/// x - n unit, where the unit is a quarter or a half turn: |rest| is at most half of it and a
/// little. `turns` is n, whose lowest bits alone are right.
template <class E>
struct Angle {
  DoubleWord<E> rest;
  typename E::Integer turns;
};

/// The unit of an angle, in quarter turns.
enum class Turn { quarter = 1, half = 2 };

/// pi/2 or pi is the sum of three words, of which this is the first, second or third.
template <class E>
auto turn_word(E& e, Turn unit, int which) {
  constexpr double single_width[] = {1.5707963705062866, -4.3711388286737929e-8,
                                     -1.7151245100058819e-15};
  constexpr double double_width[] = {1.5707963267948966, 6.123233995736766e-17,
                                     -1.4973849048591698e-33};
  const double quarters = static_cast<double>(unit);
  return constant(e, quarters * single_width[which], quarters * double_width[which]);
}

/// The largest |x| that three words reduce well.
template <class E>
auto moderate_angle(E& e) {
  return constant(e, 0x1p17, 0x1p20);
}

/// x - n unit for 0 <= x <= moderate_angle and n near x / unit, an integer or half of an odd one,
/// within a unit in the last place. The first step is exact but for halves and x below 1: n has few
/// bits and the rest is small.
template <class E>
auto rest_of_turns(E& e, typename E::Value x, typename E::Value n, Turn unit) {
  const auto negative = e.neg(n);
  auto rest = x;
  for (int word = 0; word < 3; ++word) rest = e.fma(negative, turn_word(e, unit, word), rest);
  return rest;
}

/// x - n pi/2 for integers n in two words.
template <class E>
DoubleWord<E> long_rest_of_turns(E& e, typename E::Value x, typename E::Value n) {
  const auto negative = e.neg(n);
  const auto first = e.fma(negative, turn_word(e, Turn::quarter, 0), x);
  const auto second = two_product(e, negative, turn_word(e, Turn::quarter, 1));
  const auto sum = two_sum(e, first, second.high);
  const auto third = e.fma(negative, turn_word(e, Turn::quarter, 2), second.low);
  return fast_two_sum(e, sum.high, e.add(sum.low, third));
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

/// The angle x + `ahead` quarter turns for any x >= 2^16 or so; the rest is unspecified for
/// infinities.
template <class E>
Angle<E> reduce_huge_angle(E& e, typename E::Value x, Turn unit, int ahead) {
  const int bits = e.bits();
  const int whole = unit == Turn::quarter ? 2 : 1;  // bits before the point
  const auto digits = turns_of_huge_angle(e, x);
  const auto top_word = e.add(digits.high, e.integer(int64_t{ahead} << (bits - 2)));
  // Round to the nearest unit; what is left is a signed fraction of one.
  const auto middle_of_unit = e.integer(int64_t{1} << (bits - whole - 1));
  const auto turns = e.shift_right_logical(e.add(top_word, middle_of_unit), bits - whole);
  const auto high =
      e.bit_or(e.shift_left(top_word, whole), e.shift_right_logical(digits.middle, bits - whole));
  const auto low =
      e.bit_or(e.shift_left(digits.middle, whole), e.shift_right_logical(digits.low, bits - whole));

  const int half = bits / 2;
  const auto mask = e.integer((int64_t{1} << half) - 1);
  const auto piece = [&](typename E::Integer i, int halves) {
    return e.mul(e.to_value(i), e.constant(std::ldexp(1.0, -half * halves)));
  };
  const auto top = two_sum(e, piece(e.shift_right(high, half), 1), piece(e.bit_and(high, mask), 2));
  const auto bottom =
      fast_two_sum(e, piece(e.shift_right_logical(low, half), 3), piece(e.bit_and(low, mask), 4));
  const auto middle = two_sum(e, top.low, bottom.high);
  const auto sum = two_sum(e, top.high, middle.high);
  const auto fraction = two_sum(e, sum.high, e.add(sum.low, e.add(middle.low, bottom.low)));
  const DoubleWord<E> whole_unit = {turn_word(e, unit, 0), turn_word(e, unit, 1)};
  return {multiply(e, fraction, whole_unit), turns};
}

}  // namespace onepass::ir::math
