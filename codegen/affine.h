// SPDX-License-Identifier: Apache-2.0
// Spelling of affine values and loops: what planners write instead of nested braces.
#pragma once

#include <utility>

#include "onepass/codegen/loop_nest.h"

namespace onepass::codegen {

inline Affine constant(int64_t value) { return {value, {}, 1}; }
inline Affine variable(VariableId id, int64_t coefficient = 1) {
  return {0, {{coefficient, -1, id}}, 1};
}
inline Affine parameter(int index, int64_t coefficient = 1) {
  return {0, {{coefficient, index, -1}}, 1};
}
inline Bound bound(Affine value) { return {{std::move(value)}}; }
inline Bound bound(Affine a, Affine b) { return {{std::move(a), std::move(b)}}; }

/// a + b; neither is divided.
inline Affine operator+(Affine a, const Affine& b) {
  a.constant += b.constant;
  a.terms.insert(a.terms.end(), b.terms.begin(), b.terms.end());
  return a;
}
inline Affine operator+(Affine a, int64_t b) {
  a.constant += b;
  return a;
}
/// factor * a; not divided.
inline Affine operator*(int64_t factor, Affine a) {
  a.constant *= factor;
  for (Term& term : a.terms) term.coefficient *= factor;
  return a;
}
/// The whole of `a` divided, rounded down.
inline Affine operator/(Affine a, int64_t divisor) {
  a.divisor *= divisor;
  return a;
}
/// a divided, rounded up: how many blocks of `size` hold a elements.
inline Affine blocks_of(Affine a, int64_t size) { return (std::move(a) + (size - 1)) / size; }

/// integers[parameter] * a, where `a` has no parameter yet and is not divided.
inline Affine times_parameter(Affine a, int parameter) {
  for (Term& term : a.terms) term.parameter = parameter;
  if (a.constant != 0) a.terms.push_back({std::exchange(a.constant, 0), parameter, -1});
  return a;
}

inline For loop_over(LoopKind kind, VariableId id, Affine begin, Bound end, int64_t step = 1) {
  For loop;
  loop.kind = kind;
  loop.variable = id;
  loop.begin = std::move(begin);
  loop.end = std::move(end);
  loop.step = step;
  return loop;
}

}  // namespace onepass::codegen
