// SPDX-License-Identifier: Apache-2.0
// Outer reductions: runs of 16 rows in index order, runs pairwise, one vector of columns at a time.
// Columns in parallel, or for few columns chunks of rows in parallel and their results in a second
// phase.
#include "onepass/codegen/reduction_planner.h"

namespace onepass::codegen {
namespace {

/// Runs of a chunk when rows are cut; a power of two, so that a chunk is a subtree.
constexpr int64_t runs_per_chunk = 64;
constexpr int64_t chunk_rows = runs_per_chunk * run_length;
/// With more columns than this the columns themselves are cut.
constexpr int64_t cut_columns = 2048;
constexpr int64_t least_chunks = 4;
/// Vectors of columns that one step of a parallel loop over columns covers.
constexpr int64_t vectors_per_chunk = 4;

int tile_lanes(const PlanContext& context, const Reduction& reduction, int widest,
               bool has_columns) {
  if (!has_columns) return 1;
  constexpr int unroll = 4;
  // Light prologues keep several vectors of accumulators busy; the accumulator may be wider than
  // the loads.
  const DType accumulator = ir::finds_position(reduction.op) ? DType::i64 : reduction.dtype;
  return unroll * context.target.lanes(std::max(byte_size(accumulator), widest));
}

class OuterPlanner final : public ReductionPlanner {
 public:
  OuterPlanner(const PlanContext& context, PointGraph graph, SizeFacts facts, ReductionSpace space)
      : ReductionPlanner(context, std::move(graph), std::move(facts), space),
        lanes_(tile_lanes(context, reduction(), cost_.widest_bytes, !kept_.empty())),
        tree_(nest_, reduction(), lanes_) {}

 private:
  size_t last_group() const { return kept_groups() - 1; }

  void plan_phases() override {
    if (cuts_reduction(cut_columns, least_chunks * chunk_rows)) {
      plan_chunks();
    } else {
      plan_columns();
    }
  }

  /// What a tile of columns does: given where it begins, whether it is full, and the statements to
  /// add to.
  using Tile = std::function<void(const Affine& begin, bool full, Block& into)>;

  /// Tiles of columns [begin, end) of the last kept group: full ones, then one with masked lanes.
  void column_tiles(const Affine& begin, const Bound& end, Block& into, const Tile& tile) {
    const VariableId first = nest_.variable("c");
    For tiles = loop_over(LoopKind::serial, first, begin, end, lanes_);
    tile(variable(first), true, tiles.body);
    tile(variable(first), false, tiles.rest);
    into.push_back(std::move(tiles));
  }

  /// The loops over all kept groups from `group` on, then tiles; one tile of one lane if nothing is
  /// kept.
  void all_tiles(PointEmitter& emitter, size_t group, Block& into, const Tile& tile) {
    if (kept_.empty()) return tile({}, true, into);
    kept_loops(emitter, group, last_group(), into, [&](Block& innermost) {
      column_tiles({}, bound(emitter.extent(last_group())), innermost, tile);
    });
  }

  /// Statements for the columns of a tile: in a vector loop, or plain where there is only one
  /// column.
  void columns(PointEmitter& emitter, const Affine& begin, bool full, Block& into,
               const std::function<void(Block&, bool in_vector)>& body) {
    if (kept_.empty()) return body(into, false);
    const VariableId lane = nest_.variable("j");
    Bound end = bound(begin + lanes_);
    if (!full) end.smallest_of.push_back(emitter.extent(last_group()));
    For vector = loop_over(LoopKind::vector, lane, begin, end, lanes_);
    vector.single = true;
    vector.exact = full;
    const PointEmitter::Scope outside = emitter.scope();
    emitter.open(last_group(), variable(lane));
    body(vector.body, !full);
    emitter.restore(outside);
    into.push_back(std::move(vector));
  }

  /// Reduces rows [begin, end) into the stack, run by run.
  void reduce_rows(PointEmitter& emitter, const Affine& begin, const Bound& end,
                   const Affine& column, bool full, Block& into) {
    const VariableId run = nest_.variable("r");
    For runs = loop_over(LoopKind::serial, run, begin, end, run_length);
    tree_.clear(runs.body);
    const VariableId row = nest_.variable("q");
    Bound run_end = end;
    run_end.smallest_of.push_back(variable(run) + run_length);
    For rows = loop_over(LoopKind::serial, row, variable(run), run_end);
    columns(emitter, column, full, rows.body, [&](Block& body, bool masked) {
      const PointEmitter::Scope outside = emitter.scope();
      tree_.accumulate(roots(emitter, variable(row), body), masked, body);
      emitter.restore(outside);
    });
    runs.body.push_back(std::move(rows));
    tree_.push((variable(run) + -1 * begin) / run_length, runs.body);
    into.push_back(std::move(runs));
  }

  void finish_tile(PointEmitter& emitter, ResultOf& result_of, const Affine& column, bool full,
                   Block& into) {
    columns(emitter, column, full, into, [&](Block& body, bool) {
      const ValueId result = tree_.result(body);
      finish(emitter, result_of(result, body), body);
    });
  }

  void plan_columns() {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    tree_.emit_identity(phase);
    ResultOf result_of(nest_, reduction(), count(), phase);
    const Tile tile = [&](const Affine& column, bool full, Block& into) {
      reduce_rows(emitter, {}, bound(count()), column, full, into);
      tree_.fold(blocks_of(count(), run_length), into);
      finish_tile(emitter, result_of, column, full, into);
    };
    if (kept_.empty()) {
      tile({}, true, phase);
      return nest_.add_phase(std::move(phase), -1, 1, cost_.nanoseconds);
    }
    const VariableId index = nest_.variable("i");
    const bool rows_of_columns = kept_groups() > 1 && !facts_.is_shorter(graph_, kept_[0]);
    const size_t group = rows_of_columns ? 0 : last_group();
    const int64_t chunk = rows_of_columns ? 1 : vectors_per_chunk * lanes_;
    For parallel = loop_over(LoopKind::parallel, index, {}, bound(emitter.extent(group)), chunk);
    if (rows_of_columns) {
      open_kept(emitter, 0, variable(index), parallel.body);
      all_tiles(emitter, 1, parallel.body, tile);
    } else {
      kept_loops(emitter, 0, last_group(), parallel.body, [&](Block& innermost) {
        const Bound end = bound(variable(index) + chunk, emitter.extent(last_group()));
        column_tiles(variable(index), end, innermost, tile);
      });
    }
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), nest_.extent(kept_[group].first, kept_[group].count), chunk,
                    cost_.nanoseconds);
  }

  /// Place of a partial result: the open column of chunk number `chunk`.
  Affine partial_index(const PointEmitter& emitter, VariableId chunk) {
    return variable(chunk, cut_columns) + kept_position(emitter);
  }

  void plan_chunks() {
    const std::vector<ArrayId> results = partials(tree_, cut_columns, chunk_rows);
    plan_partial_results(results);
    plan_total(results);
  }

  void plan_partial_results(const std::vector<ArrayId>& partials) {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    tree_.emit_identity(phase);
    const VariableId chunk = nest_.variable("i");
    For parallel = loop_over(LoopKind::parallel, chunk, {}, bound(reduced_extent()), chunk_rows);
    const Bound end = bound(variable(chunk) + chunk_rows, reduced_extent());
    all_tiles(emitter, 0, parallel.body, [&](const Affine& column, bool full, Block& into) {
      reduce_rows(emitter, variable(chunk), end, column, full, into);
      const VariableId whole = nest_.variable("w");
      For fold = loop_over(LoopKind::serial, whole, variable(chunk), end, chunk_rows);
      tree_.fold(constant(runs_per_chunk), fold.body);
      tree_.fold(blocks_of(reduced_extent() + variable(whole, -1), run_length), fold.rest);
      into.push_back(std::move(fold));
      const VariableId number = nest_.variable("t");
      For one = loop_over(LoopKind::serial, number, variable(chunk) / chunk_rows,
                          bound((variable(chunk) + chunk_rows) / chunk_rows));
      columns(emitter, column, full, one.body, [&](Block& body, bool) {
        store_partials(tree_, partials, partial_index(emitter, number), body);
      });
      into.push_back(std::move(one));
    });
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), reduced_parameter(), chunk_rows, cost_.nanoseconds);
  }

  void plan_total(const std::vector<ArrayId>& partials) {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    ResultOf result_of(nest_, reduction(), count(), phase);
    all_tiles(emitter, 0, phase, [&](const Affine& column, bool full, Block& into) {
      const VariableId number = nest_.variable("t");
      For chunks =
          loop_over(LoopKind::serial, number, {}, bound(blocks_of(reduced_extent(), chunk_rows)));
      columns(emitter, column, full, chunks.body, [&](Block& body, bool) {
        load_partials(tree_, partials, partial_index(emitter, number), body);
      });
      tree_.push(variable(number), chunks.body);
      into.push_back(std::move(chunks));
      tree_.fold(blocks_of(reduced_extent(), chunk_rows), into);
      finish_tile(emitter, result_of, column, full, into);
    });
    nest_.add_phase(std::move(phase), -1, 1, cost_.nanoseconds / static_cast<double>(chunk_rows));
  }

  const int lanes_;
  ReductionTree tree_;
};

}  // namespace

Plan plan_outer_reduction(const PlanContext& context, PointGraph graph, SizeFacts facts) {
  const auto rank = static_cast<int>(graph.dimensions.size());
  const int reduced = rank - graph.kept;
  const ReductionSpace space{reduced, graph.kept, 0, reduced};
  return OuterPlanner(context, std::move(graph), std::move(facts), space).run();
}

}  // namespace onepass::codegen
