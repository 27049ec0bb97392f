// SPDX-License-Identifier: Apache-2.0
// The fixed order of reductions as statements: lanes within blocks, blocks pairwise. Shared by
// reductions and by products with one column.
#pragma once

#include <vector>

#include "onepass/codegen/nest_builder.h"
#include "onepass/ir/reduction.h"

namespace onepass::codegen {

/// Vectors in a block of an inner reduction, and rows in a run of an outer one.
inline constexpr int64_t run_length = ir::rows_per_block;
/// Levels of the stack: enough for 2^40 blocks.
inline constexpr int64_t tree_levels = 40;

/// The registers and the stack of one running reduction.
class ReductionTree {
 public:
  /// `lanes` accumulators of a reduction.
  ReductionTree(NestBuilder& nest, const Reduction& reduction, int lanes);

  int lanes() const { return lanes_; }
  ArrayId accumulator() const { return accumulator_; }

  /// The value that leaves every accumulator unchanged; to be emitted once, at kernel entry.
  void emit_identity(std::vector<Statement>& into);
  /// accumulator = identity.
  void clear(std::vector<Statement>& into) const;
  /// Combines the accumulator with the root (or adds roots[0] * roots[1]) in the lanes that are
  /// active.
  void accumulate(const std::vector<ValueId>& roots, bool in_vector, std::vector<Statement>& into);
  /// Pushes the accumulator as item `index`.
  void push(Affine index, std::vector<Statement>& into) const;
  /// accumulator = all items.
  void fold(Affine count, std::vector<Statement>& into) const;
  /// One value out of all lanes.
  ValueId fold_lanes(std::vector<Statement>& into);

 private:
  NestBuilder& nest_;
  DType dtype_;
  ir::OpCode combine_;
  double identity_number_;
  int lanes_;
  bool product_;
  ArrayId accumulator_;
  ArrayId stack_;
  ValueId identity_ = -1;
};

/// Replaces results over nothing, where nothing was pushed: by the value that the reduction has
/// then. One that has none is never asked.
class EmptyResult {
 public:
  /// Emits the test whether `count` is 0; at kernel entry.
  EmptyResult(NestBuilder& nest, const Reduction& reduction, Affine count,
              std::vector<Statement>& entry);
  ValueId replace(ValueId result, std::vector<Statement>& into);

 private:
  NestBuilder& nest_;
  DType dtype_;
  ValueId is_empty_ = -1;  // -1: it never is
  ValueId empty_ = -1;
};

}  // namespace onepass::codegen
