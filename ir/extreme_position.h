// SPDX-License-Identifier: Apache-2.0
// How argmax and argmin choose between two elements: the one formula of interpreter, loop nests and
// emitted code.
#pragma once

#include "onepass/ir/op.h"
#include "onepass/runtime/dtype.h"

namespace onepass::ir {

/// An element and its position.
template <class V>
struct PositionedValue {
  V value, position;
};

/// Whether `newer` takes the place of `older`: it beats it, or is NaN where `older` is not, or is
/// its equal (NaN or not) at an earlier position. `apply(op, dtype, operands...)` is a row of the
/// op table.
template <class V, class Apply>
V takes_place(OpCode beats, DType dtype, const PositionedValue<V>& older,
              const PositionedValue<V>& newer, Apply apply) {
  V wins = apply(beats, dtype, newer.value, older.value);
  V ties = apply(OpCode::equal, dtype, newer.value, older.value);
  if (is_floating(dtype)) {
    const V newer_nan = apply(OpCode::isnan, dtype, newer.value);
    const V older_nan = apply(OpCode::isnan, dtype, older.value);
    const V older_number = apply(OpCode::logical_not, boolean, older_nan);
    const V only_newer = apply(OpCode::logical_and, boolean, newer_nan, older_number);
    const V both = apply(OpCode::logical_and, boolean, newer_nan, older_nan);
    wins = apply(OpCode::logical_or, boolean, wins, only_newer);
    ties = apply(OpCode::logical_or, boolean, ties, both);
  }
  const V earlier = apply(OpCode::less, i64, newer.position, older.position);
  const V first = apply(OpCode::logical_and, boolean, ties, earlier);
  return apply(OpCode::logical_or, boolean, wins, first);
}

/// The one of both that stays.
template <class V, class Apply>
PositionedValue<V> first_extreme(OpCode beats, DType dtype, const PositionedValue<V>& older,
                                 const PositionedValue<V>& newer, Apply apply) {
  const V takes = takes_place(beats, dtype, older, newer, apply);
  const V value = apply(OpCode::where, dtype, takes, newer.value, older.value);
  return {value, apply(OpCode::where, i64, takes, newer.position, older.position)};
}

/// The same where `newer` stands behind `older` and `older` may be the identity, which is the worst
/// value, at the position of the first element: no equals are to be told apart. Positions are
/// `positions`.
template <class V, class Apply>
PositionedValue<V> first_extreme_so_far(OpCode beats, DType dtype, const PositionedValue<V>& older,
                                        const PositionedValue<V>& newer, DType positions,
                                        Apply apply) {
  V takes = {};
  if (is_floating(dtype)) {
    const OpCode fails = beats == OpCode::greater ? OpCode::less_equal : OpCode::greater_equal;
    const V failed = apply(fails, dtype, newer.value, older.value);
    const V beats_or_nan = apply(OpCode::logical_not, boolean, failed);
    const V older_nan = apply(OpCode::isnan, dtype, older.value);
    const V older_number = apply(OpCode::logical_not, boolean, older_nan);
    takes = apply(OpCode::logical_and, boolean, beats_or_nan, older_number);
  } else {
    takes = apply(beats, dtype, newer.value, older.value);
  }
  const V value = apply(OpCode::where, dtype, takes, newer.value, older.value);
  return {value, apply(OpCode::where, positions, takes, newer.position, older.position)};
}

/// The op that gives the value whose position is found by `beats`.
constexpr OpCode extreme_of(OpCode beats) {
  return beats == OpCode::greater ? OpCode::maximum : OpCode::minimum;
}

/// The position of an i32 `place` in a block that begins at position `begin`; `wide` is the place
/// as i64.
template <class V, class Apply>
V position_of_place(const V& place, const V& wide, const V& begin, const V& no_place,
                    const V& no_position, Apply apply) {
  const V none = apply(OpCode::equal, i32, place, no_place);
  return apply(OpCode::where, i64, none, no_position, apply(OpCode::add, i64, begin, wide));
}

}  // namespace onepass::ir
