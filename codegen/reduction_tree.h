// SPDX-License-Identifier: Apache-2.0
// The fixed order of sums as statements: lanes within blocks, blocks pairwise. Shared by sums and
// by products with one column.
#pragma once

#include <vector>

#include "onepass/codegen/nest_builder.h"

namespace onepass::codegen {

/// Bytes of the accumulators of an inner reduction, one element per lane.
inline constexpr int inner_lane_bytes = 256;
/// Vectors in a block of an inner reduction, and rows in a run of an outer one.
inline constexpr int64_t run_length = 16;
/// Levels of the stack: enough for 2^40 blocks.
inline constexpr int64_t tree_levels = 40;

/// The registers and the stack of one running reduction.
class ReductionTree {
 public:
  /// `lanes` accumulators of `dtype`; sums of products if `product`.
  ReductionTree(NestBuilder& nest, DType dtype, int lanes, bool product);

  int lanes() const { return lanes_; }
  ArrayId accumulator() const { return accumulator_; }

  /// The value that leaves every sum unchanged; to be emitted once, at kernel entry.
  void emit_identity(std::vector<Statement>& into);
  /// accumulator = identity.
  void clear(std::vector<Statement>& into) const;
  /// accumulator += root (or += roots[0] * roots[1]) in the lanes that are active.
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
  int lanes_;
  bool product_;
  ArrayId accumulator_;
  ArrayId stack_;
  ValueId identity_ = -1;
};

/// Replaces sums over nothing by +0: the identity of a sum is -0, and nothing may have been pushed.
class EmptySum {
 public:
  /// Emits the test whether `count` is 0; at kernel entry.
  EmptySum(NestBuilder& nest, DType dtype, Affine count, std::vector<Statement>& entry);
  ValueId replace(ValueId sum, std::vector<Statement>& into);

 private:
  NestBuilder& nest_;
  DType dtype_;
  ValueId is_empty_;
  ValueId zero_;
};

}  // namespace onepass::codegen
