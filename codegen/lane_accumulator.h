// SPDX-License-Identifier: Apache-2.0
// One running inner reduction of a row: lanes in registers, as parts of one vector width each, and
// the tree of blocks.
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

  /// Constants, and whether `count` elements are none; to be emitted once per phase, at its entry.
  void emit_constants(const Affine& count, std::vector<Statement>& into);
  /// All lanes = identity.
  void clear(std::vector<Statement>& into) const;
  /// part = combine(part, root) in the lanes that are active.
  void accumulate(const Affine& part, ValueId root, std::vector<Statement>& into);
  /// Loads and stores a part of all lanes that lies in memory.
  void load(const Affine& part, ArrayId array, Affine index, std::vector<Statement>& into);
  void store(const Affine& part, ArrayId array, Affine index, std::vector<Statement>& into);
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
  ArrayId stack_ = -1;
  ValueId identity_ = -1;
  std::optional<ResultOf> result_of_;
};

}  // namespace onepass::codegen
