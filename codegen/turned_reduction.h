// SPDX-License-Identifier: Apache-2.0
// Outer reductions of operands whose lines lie along the reduced dimension: lines are turned over
// on the way to the registers, so that each is read once.
#pragma once

#include <optional>
#include <vector>

#include "onepass/codegen/lane_accumulator.h"
#include "onepass/codegen/reduction_planner.h"

namespace onepass::codegen {

class TurnedReduction : public ReductionPlanner {
 protected:
  using ReductionPlanner::ReductionPlanner;

  /// Columns [begin, end) of the last kept group, all of one block.
  struct Columns {
    Affine begin;
    Bound end;
  };

  size_t last_group() const { return kept_groups() - 1; }
  bool turns() const { return !turned_.empty(); }
  /// Finds the loads whose lines lie along the reduced dimension, for blocks of `block` columns,
  /// `lanes` of which go at once.
  void find_turned(int64_t block, int lanes);
  /// A fresh emitter, with the constants that follow methods need.
  PointEmitter start_turned_phase(Block& entry);

  /// At most so many rows are turned over at a time.
  static constexpr int64_t turned_rows = 64;
  /// Copies of rows from `first` on, row after row.
  void turn_over(PointEmitter& emitter, const Affine& first, const Bound& end, const Columns& block,
                 Block& into);
  /// The values of row number `row` of these, in the columns of a vector loop.
  void read_turned(PointEmitter& emitter, const Affine& row, const Columns& block, VariableId lane,
                   Block& into);

  /// Rows of a strip, of which each column is walked as it lies: a vector holds elements of as many
  /// runs as it has lanes. 0: rows are too few, or not every operand lies along.
  int64_t strip_rows() const { return run_sums_ ? width_ * run_length : 0; }
  int runs_of_strip() const { return width_; }
  /// Rows whose sums are kept: as much of a column as lies together is walked before the next one.
  static constexpr int64_t stretch_rows = 2048;
  /// Sums all runs of the whole strips of the stretch that begins at row `first`.
  void sum_runs(PointEmitter& emitter, const Affine& first, const Bound& end, const Columns& block,
                Block& into);
  /// Reads the sums of a few runs, from number `first` of the strip that begins `rows` behind the
  /// stretch, for the columns that begin `column` behind the block.
  void take_sums(const Affine& rows, const Affine& column, const Affine& first, Block& into);
  /// The registers that hold them, run by run.
  ArrayId taken_sums() const { return taken_; }

 private:
  /// A load whose lines are copied to scratch.
  struct Turned {
    int operand;
    ArrayId scratch;
    ArrayId lines;  // registers, in strips
    std::vector<PointId> points;
  };

  bool all_lie_along() const;
  void choose_strips(int lanes);
  /// One strip of a column; its sums go to `sums`.
  void sum_strip(PointEmitter& emitter, const Affine& first, const Affine& sums, Block& into);
  /// Places of sums per row: strips out of step with the sets of a cache.
  int64_t sums_per_row() const { return block_columns_ / run_length + 1; }

  std::vector<Turned> turned_;
  int64_t block_columns_ = 0;                // columns
  int64_t pitch_ = 0;                        // from row to row of what is turned over
  int width_ = 0;                            // runs that go at once
  int64_t at_once_ = 0;                      // elements of each that are turned over at once
  std::optional<LaneAccumulator> run_sums_;  // none: there are no strips
  std::vector<ArrayId> sums_;                // of a block, by strip and column
  ArrayId taken_ = -1;
};

}  // namespace onepass::codegen
