// SPDX-License-Identifier: Apache-2.0
// What a formula may use. An emitter either computes with a few lanes on the host, builds vector
// code, or counts.
//
// An emitter works on lanes of one element type at a time:
//   Value    lanes of the element type (floating or integer)
//   Integer  lanes of the signed integer of the same width (the bits of a float, counters, table
//   indices) Mask     lanes of truth
// All operations are IEEE 754 and round to nearest; none may be contracted or reassociated by
// whoever implements it. For the boolean element type Value is Mask, or converts to it and back:
// select, equal, not_equal and the bit operations then work on masks, and rows such as `where` hand
// their boolean operand to select as a Mask. Formulas are written once, in ir/math/, as `template
// <Emitter E> typename E::Value name(E& e, typename E::Value x)`; they ask `e.is_double()` and
// `e.accuracy()` where widths or accuracies differ.
#pragma once

#include <concepts>
#include <cstdint>

#include "onepass/ir/modes.h"

namespace onepass::ir {

template <class E>
concept Emitter = requires(E& e, typename E::Value x, typename E::Integer i, typename E::Mask m,
                           double number, int64_t integer, const double (&numbers)[4]) {
  // Facts.
  // Formulas branch on them with a plain `if`: every branch must compile for every element type,
  // and an operation that an element type does not have (sqrt of integers) is never reached.
  { e.is_floating() } -> std::same_as<bool>;  // Value is a float; otherwise an integer
  { e.is_signed() } -> std::same_as<bool>;
  { e.is_double() } -> std::same_as<bool>;
  { e.bits() } -> std::same_as<int>;  // width of an element
  { e.accuracy() } -> std::same_as<Accuracy>;
  { e.has_scale() } -> std::same_as<bool>;
  { e.has_extremes() } -> std::same_as<bool>;

  // Constants in every lane.
  { e.constant(number) } -> std::same_as<typename E::Value>;  // rounded to the element type
  {
    e.integer_value(integer)
  } -> std::same_as<typename E::Value>;  // for integer element types: any 64-bit pattern, wrapped
  { e.integer(integer) } -> std::same_as<typename E::Integer>;

  // Arithmetic on Value. Integers wrap. div on integers: the divisor must not be 0 and not overflow
  // (select first).
  { e.add(x, x) } -> std::same_as<typename E::Value>;
  { e.sub(x, x) } -> std::same_as<typename E::Value>;
  { e.mul(x, x) } -> std::same_as<typename E::Value>;
  { e.div(x, x) } -> std::same_as<typename E::Value>;  // integers: towards zero
  { e.fma(x, x, x) } -> std::same_as<typename E::Value>;
  { e.sqrt(x) } -> std::same_as<typename E::Value>;
  // x * 2^n rounded once, n an integral float, and x without its nearest integer. Only asked of
  // emitters that say has_scale: the others get clamps, sums and products with powers of two, which
  // give the same bits.
  { e.scale(x, x) } -> std::same_as<typename E::Value>;
  { e.beyond_nearest(x) } -> std::same_as<typename E::Value>;  // x - round(x); 0 for infinities
  { e.neg(x) } -> std::same_as<typename E::Value>;             // floats: flips the sign bit
  { e.abs(x) } -> std::same_as<typename E::Value>;             // floats: clears the sign bit
  {
    e.min(x, x)
  } -> std::same_as<typename E::Value>;  // a < b ? a : b, exactly (the x86 instruction)
  { e.max(x, x) } -> std::same_as<typename E::Value>;  // a > b ? a : b, exactly
  // The same of floats with -0 below +0, arbitrary for NaN. Only asked of emitters that say
  // has_extremes: the others take a few steps.
  { e.smaller(x, x) } -> std::same_as<typename E::Value>;
  { e.larger(x, x) } -> std::same_as<typename E::Value>;
  { e.round(x) } -> std::same_as<typename E::Value>;  // floats: nearest integer, halves to even
  { e.floor(x) } -> std::same_as<typename E::Value>;
  { e.ceil(x) } -> std::same_as<typename E::Value>;
  { e.trunc(x) } -> std::same_as<typename E::Value>;

  // Comparisons: ordered (false on NaN), except not_equal. unordered: either is NaN.
  { e.equal(x, x) } -> std::same_as<typename E::Mask>;
  { e.not_equal(x, x) } -> std::same_as<typename E::Mask>;
  { e.unordered(x, x) } -> std::same_as<typename E::Mask>;
  { e.less(x, x) } -> std::same_as<typename E::Mask>;
  { e.less_equal(x, x) } -> std::same_as<typename E::Mask>;

  // Masks and choice.
  { e.mask_and(m, m) } -> std::same_as<typename E::Mask>;
  { e.mask_or(m, m) } -> std::same_as<typename E::Mask>;
  { e.mask_xor(m, m) } -> std::same_as<typename E::Mask>;
  { e.mask_not(m) } -> std::same_as<typename E::Mask>;
  { e.select(m, x, x) } -> std::same_as<typename E::Value>;
  { e.select(m, i, i) } -> std::same_as<typename E::Integer>;

  // Bits of Value (integers; for boolean element types on Mask).
  { e.bit_and(x, x) } -> std::same_as<typename E::Value>;
  { e.bit_or(x, x) } -> std::same_as<typename E::Value>;
  { e.bit_xor(x, x) } -> std::same_as<typename E::Value>;
  { e.bit_not(x) } -> std::same_as<typename E::Value>;
  { e.shift_left(x, x) } -> std::same_as<typename E::Value>;  // count in [0, bits)
  {
    e.shift_right(x, x)
  } -> std::same_as<typename E::Value>;  // arithmetic for signed element types

  // Integer lanes beside floats.
  { e.as_integer(x) } -> std::same_as<typename E::Integer>;  // same bits
  { e.as_value(i) } -> std::same_as<typename E::Value>;      // same bits
  // An integral float within +-2^31 (f32) or +-2^51 (f64). Other floats give some integer, never
  // poison.
  { e.to_integer(x) } -> std::same_as<typename E::Integer>;
  {
    e.to_value(i)
  } -> std::same_as<typename E::Value>;  // an integer within the same range; exact where
                                         // representable
  { e.add(i, i) } -> std::same_as<typename E::Integer>;
  { e.sub(i, i) } -> std::same_as<typename E::Integer>;
  { e.mul(i, i) } -> std::same_as<typename E::Integer>;
  { e.bit_and(i, i) } -> std::same_as<typename E::Integer>;
  { e.bit_or(i, i) } -> std::same_as<typename E::Integer>;
  { e.bit_xor(i, i) } -> std::same_as<typename E::Integer>;
  { e.shift_left(i, int{}) } -> std::same_as<typename E::Integer>;
  { e.shift_right(i, int{}) } -> std::same_as<typename E::Integer>;  // arithmetic
  { e.shift_right_logical(i, int{}) } -> std::same_as<typename E::Integer>;
  { e.equal(i, i) } -> std::same_as<typename E::Mask>;
  { e.less(i, i) } -> std::same_as<typename E::Mask>;  // signed

  // numbers[index] in each lane, rounded to the element type; index within the table, or any index,
  // taken modulo the length, where that is a power of two. Formulas pass
  // a constant array of any length; an emitter takes it as such or as the span that it converts to.
  { e.table(numbers, i) } -> std::same_as<typename E::Value>;
};

// Besides, every emitter has two control constructs, which take callables:
//   Value when_any(const char* name, Mask m, Value otherwise, F body, Values... x)
//     select(m, body(e, x...), otherwise), where body is skipped if no lane needs it. An emitter
//     that builds code makes one function of `name` of it, however often it is needed: the body
//     captures nothing and uses the emitter that it is given; a name stands for one body.
//   State repeat_while_any(State s, F condition, G step) lanes where condition(s) holds take
//   step(s), until none holds.
//     Both callables are called once by an emitter that builds code. Values made before the loop
//     may be used within it. State is any aggregate of Value and Integer that offers `static State
//     select(E&, Mask, State, State)` and `template <class F> void each(F)`, which visits its
//     members.

}  // namespace onepass::ir
