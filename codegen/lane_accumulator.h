// SPDX-License-Identifier: Apache-2.0
// One running inner reduction of a row: lanes in registers, as parts of one vector width each, and
// the tree of blocks. One that finds a position has it beside each lane.
#pragma once

#include <optional>
#include <vector>

#include "onepass/codegen/reduction_tree.h"

namespace onepass::codegen {

class LaneAccumulator {
 public:
  /// `lanes` accumulators of the reduction in parts of `width` lanes. Without `has_tree` all
  /// elements belong to one block.
  LaneAccumulator(NestBuilder& nest, const Reduction& reduction, int lanes, int width,
                  bool has_tree);

  int64_t parts() const { return lanes_ / width_; }
  bool finds_position() const { return positions_ >= 0; }
  /// Of the arrays that hold lanes in memory: the value, then the position if there is one.
  std::vector<DType> dtypes() const;

  /// Constants, and whether `count` elements are none; to be emitted once per phase, at its entry.
  void emit_constants(const Affine& count, std::vector<Statement>& into);
  /// The same without what `total` needs.
  void emit_identity(std::vector<Statement>& into);
  /// All lanes = identity.
  void clear(std::vector<Statement>& into) const;
  /// After `clear`, for each part whose elements begin a block at `begin`: lanes that have an
  /// element hold the position of the first one, which is the answer where no element is better
  /// than the identity.
  void place(const Affine& part, const Affine& element, const Affine& begin,
             std::vector<Statement>& into);
  /// part = combine(part, root) in the lanes that are active; `element` is where the root stands,
  /// behind all elements so far.
  void accumulate(const Affine& part, ValueId root, const Affine& element,
                  std::vector<Statement>& into);
  /// After the last element of a block that was begun by `place`: positions count from the first
  /// element of all. Until then they are narrow and count from the block's.
  void end_block(std::vector<Statement>& into) const;
  /// Loads and stores a part of all lanes that lies in memory.
  void load(const Affine& part, const std::vector<ArrayId>& arrays, const Affine& index,
            std::vector<Statement>& into);
  void store(const Affine& part, const std::vector<ArrayId>& arrays, const Affine& index,
             std::vector<Statement>& into);
  /// Takes all lanes as block `index`.
  void push(Affine index, std::vector<Statement>& into) const;
  /// All lanes = all `count` blocks.
  void fold(Affine count, std::vector<Statement>& into) const;
  /// The result.
  ValueId total(std::vector<Statement>& into);

 private:
  NestBuilder& nest_;
  const Reduction& reduction_;
  ir::OpCode combine_;
  int lanes_, width_;
  ArrayId registers_;
  ArrayId positions_ = -1;  // -1: it finds none
  ArrayId places_ = -1;     // in the block
  Affine begin_;            // of the block
  ArrayId stack_ = -1, position_stack_ = -1;
  ValueId identity_ = -1, no_position_ = -1, no_place_ = -1;
  std::optional<ResultOf> result_of_;
};

}  // namespace onepass::codegen
