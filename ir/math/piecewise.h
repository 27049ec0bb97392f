// SPDX-License-Identifier: Apache-2.0
// Functions of f32 on [0, 11) as polynomials in pieces, whose coefficients lie in tables of eight
// entries: one register on every target, so that a look-up is one permute.
#pragma once

#include "onepass/ir/math/polynomial.h"

namespace onepass::ir::math {

inline constexpr int pieces = 8;
inline constexpr int piece_degree = 8;

/// A piece is half of an octave of 1 + x: [0, 1/2), [1/2, 1), [1, 2), [2, 3), [3, 5), [5, 7),
/// [7, 11). A column is found by the lowest bit of the exponent of 1 + x and the two bits after it:
/// [1, 2) has column 0, [0, 1/2) column 6. `centre` is where the function is nearly an f32.
struct PieceTable {
  double centre[pieces];
  double coefficients[piece_degree + 1][pieces];
};

/// Where x lies: its column and its distance from the centre.
template <class E>
struct Place {
  typename E::Integer column;
  typename E::Value t;
};

/// For 0 <= x < 11; NaN stays NaN. x - centre is exact: they differ by less than a factor of 2.
template <class E>
Place<E> place_of(E& e, typename E::Value x, const PieceTable& table) {
  constexpr int bits_below_first_of_significand = 22;
  const auto column =
      e.shift_right_logical(e.as_integer(e.add(x, e.constant(1))), bits_below_first_of_significand);
  return {column, e.sub(x, e.table(table.centre, column))};
}

/// The polynomial from coefficient First upwards.
template <int First, class E>
auto piece_polynomial(E& e, Place<E> place, const PieceTable& table) {
  const auto coefficient = e.table(table.coefficients[First], place.column);
  if constexpr (First == piece_degree) {
    return coefficient;
  } else {
    return e.fma(piece_polynomial<First + 1>(e, place, table), place.t, coefficient);
  }
}

}  // namespace onepass::ir::math
