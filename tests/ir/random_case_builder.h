// SPDX-License-Identifier: Apache-2.0
// Grows one random graph: a pool of values, and operations on them.
#pragma once

#include <initializer_list>
#include <optional>
#include <vector>

#include "onepass/ir/builder.h"
#include "random_graph.h"
#include "random_numbers.h"

namespace onepass::ir {

class CaseBuilder {
 public:
  CaseBuilder(uint64_t seed, const RandomGraphOptions& options);
  RandomCase run();

 private:
  static constexpr int64_t most_elements = int64_t{1} << 16;
  DType random_dtype();
  Shape random_shape();
  /// With many columns on the last axis and some rows before it.
  Shape wide_shape();

  // Inputs.

  Expr add_input(DType dtype) { return add_input(dtype, random_shape()); }

  Expr add_input(DType dtype, const Shape& shape);

  // Scalars.

  Expr scalar();

  uint64_t literal_bits(size_t slot, DType dtype) const;

  // Operations.

  Expr any() { return pool_[random_.below(pool_.size())]; }

  Expr cast(const Expr& e, DType dtype);
  Expr accepted(const Expr& e, TypeRule rule);
  std::optional<Expr> operation();
  std::optional<Expr> around_a_reduction();
  Expr elementwise();
  Expr apply(OpCode op, std::initializer_list<Expr> operands);

  /// What the passes of Accuracy::fast look for, or nearly so.
  Expr algebra();

  /// Reductions of the same rows, one after the other, with maps between them: mostly over the last
  /// axes, as softmax and normalisations; what lies between is now and then needed elsewhere too.
  std::optional<Expr> row_chain();
  std::optional<Expr> structural(OpCode op);
  Attributes given(const std::vector<int64_t>& shape);
  Expr broadcast(const Expr& x);
  Expr reshape(const Expr& x);
  Expr permute(const Expr& x);
  Expr slice(const Expr& x);
  Attributes axis_of(int rank);
  std::optional<Expr> concat(const Expr& x);
  std::optional<Expr> take(const Expr& x);
  std::optional<Expr> iota();
  std::optional<Expr> reduction(OpCode op, const Expr& x);
  std::optional<Expr> cumulative(OpCode op, const Expr& x);
  std::optional<Expr> matmul(const Expr& x);

  RandomNumbers random_;
  RandomGraphOptions options_;
  RandomCase case_;
  Builder builder_{"random"};
  std::vector<Expr> pool_;
  std::optional<Expr> wide_;  // an input of many columns, for chains down these
  std::vector<double> literals_;
  int64_t extents_[4] = {};
};

}  // namespace onepass::ir
