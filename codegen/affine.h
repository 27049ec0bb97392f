// SPDX-License-Identifier: Apache-2.0
// Integers of the loops as affine values, and their spelling: what planners write instead of nested
// braces.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace onepass::codegen {

using VariableId = int;

/// coefficient * integers[parameter] * variable; -1 leaves a factor out.
struct Term {
  int64_t coefficient = 1;
  int parameter = -1;
  VariableId variable = -1;
  friend bool operator==(const Term&, const Term&) = default;
};

/// (constant + sum of terms) / divisor, or / integers[divisor_parameter] if that is not -1, rounded
/// down; what is divided is never negative. Indices of loads and stores are not divided; bounds,
/// item numbers and counts may count blocks.
struct Affine {
  int64_t constant = 0;
  std::vector<Term> terms;
  int64_t divisor = 1;
  int divisor_parameter = -1;
  bool is_divided() const { return divisor != 1 || divisor_parameter >= 0; }
  friend bool operator==(const Affine&, const Affine&) = default;
};

/// The smallest of some affine values.
struct Bound {
  std::vector<Affine> smallest_of;
  friend bool operator==(const Bound&, const Bound&) = default;
};

inline Affine constant(int64_t value) { return {value, {}}; }
inline Affine variable(VariableId id, int64_t coefficient = 1) {
  return {0, {{coefficient, -1, id}}};
}
inline Affine parameter(int index, int64_t coefficient = 1) {
  return {0, {{coefficient, index, -1}}};
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
/// a / integers[parameter], rounded down; not evaluated where that is 0.
inline Affine over_parameter(Affine a, int parameter) {
  a.divisor_parameter = parameter;
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

}  // namespace onepass::codegen
