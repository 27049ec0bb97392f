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

/// The registers and the stack of one running reduction. An accumulator is a value, of argmax and
/// argmin with its position.
class ReductionTree {
 public:
  /// `lanes` accumulators of a reduction. `columns`: how many trees lie side by side in the stack,
  /// of which the accumulators hold some at a time; 0: as many as there are lanes.
  ReductionTree(NestBuilder& nest, const Reduction& reduction, int lanes, int64_t columns = 0);

  int lanes() const { return lanes_; }
  /// Register arrays of the accumulators: the value, then the position if there is one. The last
  /// one holds the result.
  const std::vector<ArrayId>& accumulators() const { return accumulators_; }

  /// The values that leave every accumulator unchanged; to be emitted once, at kernel entry.
  void emit_identity(std::vector<Statement>& into);
  /// accumulator = identity.
  void clear(std::vector<Statement>& into) const;
  /// Combines the accumulator with the root (or adds roots[0] * roots[1]) in the lanes that are
  /// active. Where there are positions, that of the element is the last root.
  void accumulate(const std::vector<ValueId>& roots, bool in_vector, std::vector<Statement>& into);
  /// Pushes the accumulator as item `index`, of the trees from column `place` on.
  void push(Affine index, std::vector<Statement>& into, Affine place = {}) const;
  /// accumulator = all items, likewise.
  void fold(Affine count, std::vector<Statement>& into, Affine place = {}) const;
  /// One value out of all lanes.
  ValueId fold_lanes(std::vector<Statement>& into);
  /// The result in each lane.
  ValueId result(std::vector<Statement>& into);

 private:
  bool finds_position() const { return accumulators_.size() > 1; }
  ValueId compute(ir::OpCode op, DType dtype, std::vector<ValueId> operands,
                  std::vector<Statement>& into);
  ValueId load(ArrayId accumulator, std::vector<Statement>& into);
  /// The values of the accumulators after one more element.
  std::vector<ValueId> joined(const std::vector<ValueId>& old, const std::vector<ValueId>& roots,
                              std::vector<Statement>& into);

  NestBuilder& nest_;
  DType dtype_;
  ir::OpCode combine_;
  double identity_number_;
  int lanes_;
  int64_t columns_;
  bool product_;
  std::vector<ArrayId> accumulators_, stacks_;
  std::vector<ValueId> identities_;
};

/// Makes results out of what the accumulators hold: divides averages, and replaces what is there
/// if nothing was pushed by the value that the reduction has then. One that has none is never
/// asked.
class ResultOf {
 public:
  /// Emits what depends on `count`, the number of elements, alone; at kernel entry.
  ResultOf(NestBuilder& nest, const Reduction& reduction, Affine count,
           std::vector<Statement>& entry);
  ValueId operator()(ValueId accumulated, std::vector<Statement>& into);

 private:
  NestBuilder& nest_;
  DType dtype_;
  ValueId is_empty_ = -1;  // -1: it never is
  ValueId empty_ = -1;
  ValueId divisor_ = -1;  // -1: none
};

}  // namespace onepass::codegen
