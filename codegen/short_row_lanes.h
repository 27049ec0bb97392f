// SPDX-License-Identifier: Apache-2.0
// Reductions of several short rows at once: in scratch, one line per lane of the order, in it one
// element of each row.
#pragma once

#include <functional>
#include <optional>

#include "onepass/codegen/reduction_tree.h"

namespace onepass::codegen {

/// The rows that are open together, and where their elements lie in lines of scratch.
struct RowBlock {
  NestBuilder* nest = nullptr;
  int lanes = 1;      // rows of a vector
  int64_t pitch = 0;  // from line to line
  Affine first{};
  Bound end{};
  bool exact = false;  // as many as fill any number of vectors that go at once

  Affine place(VariableId row) const { return variable(row) + -1 * first; }
  Affine place(const Affine& line, VariableId row) const { return pitch * line + place(row); }
  /// A vector loop over the rows.
  void each(Block& into, int unroll, const std::function<void(VariableId, Block&)>& body) const;
};

/// One reduction. A row has at most as many elements as there are lines: each lane of the order has
/// one element or none.
class ShortRowLanes {
 public:
  ShortRowLanes(NestBuilder& nest, const Reduction& reduction, int64_t lines, int64_t pitch);

  /// To be emitted once per phase, at its entry; `count` is the number of elements of a row.
  void emit_constants(const Affine& count, Block& into);
  /// Takes an element: `place` is in its line.
  void keep(const Affine& place, const Affine& element, ValueId root, Block& into);
  /// The first line becomes all of `count`: lane[l] = combine(lane[l], lane[l + half]).
  void halve(const RowBlock& rows, const Affine& count, Block& into);
  /// The result of a row.
  ValueId total(const Affine& place, Block& into);

 private:
  void join(const Affine& low, const Affine& high, Block& into);
  ValueId load(ArrayId array, const Affine& index, Block& into);

  NestBuilder& nest_;
  const Reduction& reduction_;
  ir::OpCode combine_;
  int64_t lines_;
  ArrayId values_, positions_ = -1;  // -1: it finds none
  ValueId identity_ = -1, no_position_ = -1;
  std::optional<ResultOf> result_of_;
};

}  // namespace onepass::codegen
