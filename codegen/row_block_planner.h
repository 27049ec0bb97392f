// SPDX-License-Identifier: Apache-2.0
// Plans of kernels that walk a block of rows together, with one element of each of several rows in
// a vector: the loops over blocks, what the rows of a block have one of, and what is kept of them.
#pragma once

#include "onepass/codegen/row_planner.h"
#include "onepass/codegen/short_row_lanes.h"

namespace onepass::codegen {

class RowBlockPlanner : public RowPlanner {
 public:
  using RowPlanner::RowPlanner;

 protected:
  /// Settles `loops_`, `block_`, what is kept of rows, and the reductions.
  virtual void choose() = 0;
  /// What a phase computes once, at its entry.
  virtual void emit_constants(Block& entry) = 0;
  /// Rows [first, first + block), or as many as there are before `extent`; they become `rows_`.
  virtual void walk_block(PointEmitter& emitter, const Affine& first, const Affine& extent,
                          Block& into) = 0;
  /// What becomes of an element: in scratch it lies at `here`.
  virtual void keep(PointEmitter& emitter, const RowLoop& loop, const Affine& element,
                    const Affine& here, Block& into) = 0;
  /// The kept group that is cut for threads.
  virtual size_t parallel_group() { return 0; }

  const RowLoops& plan_phases() final;

  const Point& point(PointId id) const { return graph_.points[static_cast<size_t>(id)]; }
  const Reduction& reduction(size_t number) const { return graph_.reductions[number]; }
  bool varies(PointId id) const {
    return (point(id).depends & element_dimensions().dimensions()) != 0;
  }
  int widest(const RowLoop& loop) const;

  /// Scratch for what a row has one of and its elements need.
  void find_row_values();
  /// The results of the loop's reductions, as `total` makes them in a vector of rows, and what
  /// follows from them and later loops need.
  using Total = std::function<ValueId(size_t number, VariableId row, Block& into)>;
  void keep_row_values(PointEmitter& emitter, const RowLoop& loop, const Total& total, Block& into);
  /// Opens row `row` and makes known what `needed` needs that a row has one of.
  void open_row(PointEmitter& emitter, VariableId row, const std::vector<PointId>& needed,
                Block& into);

  /// The work of a loop, element by element, on up to `unroll` vectors at once.
  void each_element(PointEmitter& emitter, const RowLoop& loop, int unroll, Block& into);
  /// The open element of a vector of rows: reads what is in scratch at `here`, computes, keeps.
  void one_element(PointEmitter& emitter, const RowLoop& loop, const Affine& element,
                   VariableId row, Block& into);
  /// At the end of a block: results with one element per row.
  void finish_rows(PointEmitter& emitter, Block& into);

  RowLoops loops_;
  int64_t block_ = 0;           // rows
  std::vector<ArrayId> saved_;  // by point
  RowBlock rows_;               // the open one
  double nanoseconds_ = 0;

 private:
  void plan_loops(PointEmitter& emitter, Block phase);
  void all_blocks(PointEmitter& emitter, const Affine& first, const Affine& end, Block& into);
  std::vector<PointId> graph_points_of(const std::vector<size_t>& results) const;
  std::vector<PointId> needed_by(const RowLoop& loop) const;
  void read(PointEmitter& emitter, const RowLoop& loop, PointId id, const Affine& here,
            Block& into);

  std::vector<ArrayId> row_values_;  // by point: one element per row of the block; -1: not kept
  std::vector<bool> has_row_value_;  // by point, as far as the block has come
};

}  // namespace onepass::codegen
