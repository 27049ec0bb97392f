// SPDX-License-Identifier: Apache-2.0
// Random expressions as a user would write them: operands of any layout, every op, every dtype.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "onepass/engine/onepass.h"
#include "random_numbers.h"

namespace onepass::fuzz {

/// An expression whose operands may be made again, of other sizes.
class RandomExpression {
 public:
  /// product_rows: a product, maps of it, and a reduction of its rows come first.
  enum class Start { anything, product_rows };
  RandomExpression(uint64_t seed, int operations, Start start = Start::anything);

  /// Operands in random layouts. `growth` is added to every extent above 1.
  std::vector<Tensor> operands(int64_t growth = 0) const;
  /// The expression of the first `steps` operations. Throws UserError where sizes do not fit.
  Value apply(std::span<const Tensor> operands, size_t steps) const;
  size_t steps() const { return steps_.size(); }

 private:
  using Step = std::function<Value(std::span<const Value>)>;

  /// An operand to make: extents by their number (-1: the extent 1), or indices for `take`.
  struct Operand {
    DType dtype = f32;
    std::vector<int> extents;
    int64_t index_bound = 0;  // above 0: indices
  };

  void add_operands(ir::RandomNumbers& random);
  void start_with_product_rows(ir::RandomNumbers& random);
  void add_step(const Step& step, std::vector<Value>& values);
  Step random_step(ir::RandomNumbers& random, std::span<const Value> values) const;
  Step elementwise(ir::RandomNumbers& random, std::span<const Value> values) const;
  Step reduction(ir::RandomNumbers& random, size_t place, const Axes& axes) const;
  Step structural(ir::RandomNumbers& random, std::span<const Value> values) const;

  uint64_t seed_;
  std::vector<int64_t> extents_;
  std::vector<Operand> operands_;
  std::vector<Step> steps_;
};

}  // namespace onepass::fuzz
