// SPDX-License-Identifier: Apache-2.0
// Outer reductions: runs of 16 rows in index order, runs pairwise. A block of columns is walked row
// by row, as it lies in memory; its trees stay in the nearest caches. Blocks in parallel, or for
// few columns chunks of rows in parallel and their results in a second phase.
#include <algorithm>

#include "onepass/codegen/transposed_loads.h"
#include "onepass/codegen/turned_reduction.h"

namespace onepass::codegen {
namespace {

/// Runs of a chunk when rows are cut; a power of two, so that a chunk is a subtree.
constexpr int64_t runs_per_chunk = 64;
constexpr int64_t chunk_rows = runs_per_chunk * run_length;
/// With more columns than this the columns themselves are cut.
constexpr int64_t cut_columns = 2048;
constexpr int64_t least_chunks = 4;
/// Bytes of a row that are walked before the next row: as many as the processor reads ahead well,
/// where there are enough of them for every thread.
constexpr int64_t wide_block = 4096, narrow_block = 1024;
/// Where rows are turned over: a block and as many rows of it lie in the first level cache.
constexpr int64_t turned_block = 256;
/// Runs of heavier elements are loops.
constexpr double unrolled_units = 8;

class OuterPlanner final : public TurnedReduction {
 public:
  OuterPlanner(const PlanContext& context, PointGraph graph, SizeFacts facts, ReductionSpace space)
      : TurnedReduction(context, std::move(graph), std::move(facts), space),
        lanes_(choose_lanes()),
        block_(choose_block()),
        tree_(nest_, reduction(), lanes_, block_) {
    find_turned(block_, lanes_);
  }

 private:
  /// Columns of a tile. Light prologues keep several vectors of accumulators busy; the accumulator
  /// may be wider than the loads. Few columns are one tile that is no wider than it must be.
  int choose_lanes() {
    if (kept_.empty()) return 1;
    constexpr int unroll = 4, fewest = 4;
    const DType accumulator = ir::finds_position(reduction().op) ? DType::i64 : reduction().dtype;
    const int usual =
        unroll * context_.target.lanes(std::max(byte_size(accumulator), cost_.widest_bytes));
    for (int lanes = fewest; lanes < usual; lanes *= 2) {
      is_narrow_ = facts_.is_shorter(graph_, kept_.back(), lanes + 1);
      if (is_narrow_) return lanes;
    }
    return usual;
  }

  /// Columns of a block: whole tiles.
  int64_t choose_block() {
    if (kept_.empty()) return 1;
    const int64_t size = cost_.widest_bytes;
    if (is_narrow_) return lanes_;
    const bool turned = reduced_.size() == 1 &&
                        !transposed_loads(graph_, {reduced_[0], kept_.back()}).operands.empty();
    const bool wide = !turned && kept_groups() == 1 &&
                      !facts_.is_shorter(graph_, kept_[0], 2 * wide_block / size);
    const int64_t columns = (turned ? turned_block : wide ? wide_block : narrow_block) / size;
    return std::max<int64_t>(columns / lanes_, 1) * lanes_;
  }

  const char* way() const override {
    if (strip_rows() > 0) return "column by column, runs as lanes";
    return turns() ? "blocks of columns, turned over" : "blocks of columns";
  }

  void plan_phases() override {
    if (cuts_reduction(cut_columns, least_chunks * chunk_rows)) {
      plan_chunks();
    } else {
      plan_columns();
    }
  }

  using Walk = std::function<void(const Columns& columns, Block& into)>;
  /// What a tile of columns does: given where it begins, whether it is full, and the statements to
  /// add to.
  using Tile = std::function<void(const Affine& begin, bool full, Block& into)>;

  /// Tiles of a block: full ones, then one with masked lanes.
  void column_tiles(const Columns& columns, Block& into, const Tile& tile) {
    if (kept_.empty()) return tile({}, true, into);
    const VariableId first = nest_.variable("c");
    For tiles = loop_over(LoopKind::serial, first, columns.begin, columns.end, lanes_);
    tile(variable(first), true, tiles.body);
    tile(variable(first), false, tiles.rest);
    into.push_back(std::move(tiles));
  }

  /// The loops over all kept groups from `group` on, then blocks; one of one lane if nothing is
  /// kept.
  void all_blocks(PointEmitter& emitter, size_t group, Block& into, const Walk& walk) {
    if (kept_.empty()) return walk({}, into);
    kept_loops(emitter, group, last_group(), into, [&](Block& innermost) {
      const VariableId first = nest_.variable("d");
      const Affine extent = emitter.extent(last_group());
      For blocks = loop_over(LoopKind::serial, first, {}, bound(extent), block_);
      walk({variable(first), bound(variable(first) + block_, extent)}, blocks.body);
      innermost.push_back(std::move(blocks));
    });
  }

  /// Statements for the columns of a tile: in a vector loop, or plain where there is only one
  /// column.
  void columns(PointEmitter& emitter, const Affine& begin, bool full, Block& into,
               const std::function<void(Block&, VariableId lane)>& body) {
    if (kept_.empty()) return body(into, -1);
    const VariableId lane = nest_.variable("j");
    Bound end = bound(begin + lanes_);
    if (!full) end.smallest_of.push_back(emitter.extent(last_group()));
    For vector = loop_over(LoopKind::vector, lane, begin, end, lanes_);
    vector.single = true;
    vector.exact = full;
    const PointEmitter::Scope outside = emitter.scope();
    emitter.open(last_group(), variable(lane));
    body(vector.body, lane);
    emitter.restore(outside);
    into.push_back(std::move(vector));
  }

  /// Reduces rows [begin, end) of a block into its trees, run by run.
  void reduce_rows(PointEmitter& emitter, const Affine& begin, const Bound& end,
                   const Columns& block, Block& into) {
    if (!turns()) return reduce_runs(emitter, begin, begin, end, block, {}, into);
    if (strip_rows() == 0) return reduce_groups(emitter, begin, begin, end, block, into);
    const VariableId first = nest_.variable("o"), strip = nest_.variable("p");
    For stretches = loop_over(LoopKind::serial, first, begin, end, stretch_rows);
    sum_runs(emitter, variable(first), end, block, stretches.body);
    Bound stretch_end = end;
    stretch_end.smallest_of.push_back(variable(first) + stretch_rows);
    For strips =
        loop_over(LoopKind::serial, strip, variable(first), std::move(stretch_end), strip_rows());
    push_runs(variable(strip), variable(first), begin, block, strips.body);
    reduce_groups(emitter, begin, variable(strip), end, block, strips.rest);
    stretches.body.push_back(std::move(strips));
    into.push_back(std::move(stretches));
  }

  /// Takes the sums of the strip that begins at row `strip` as items of the trees; `stretch` and
  /// `begin` are the first rows of its stretch and of all.
  void push_runs(const Affine& strip, const Affine& stretch, const Affine& begin,
                 const Columns& block, Block& into) {
    const int64_t at_once = nest_.array(taken_sums()).elements;
    const VariableId run = nest_.variable("r"), column = nest_.variable("c");
    For runs = loop_over(LoopKind::serial, run, {}, bound(constant(runs_of_strip())), at_once);
    For tiles = loop_over(LoopKind::serial, column, block.begin, block.end, lanes_);
    const Affine from = place(variable(column), block);
    take_sums(strip + -1 * stretch, from, variable(run), tiles.body);
    for (int64_t i = 0; i < at_once; ++i) {
      const VariableId lane = nest_.variable("j");
      For vector = loop_over(LoopKind::vector, lane, {}, bound(constant(lanes_)), lanes_);
      vector.single = vector.exact = true;
      const ValueId value = nest_.value();
      vector.body.push_back(Load{value, taken_sums(), constant(i)});
      vector.body.push_back(Store{tree_.accumulators()[0], constant(0), value});
      tiles.body.push_back(std::move(vector));
      const Affine rows = strip + -1 * begin + variable(run, run_length) + i * run_length;
      tree_.push(rows / run_length, tiles.body, from);
    }
    runs.body.push_back(std::move(tiles));
    into.push_back(std::move(runs));
  }

  /// Rows [first, end), turned over group by group; `begin` is the first row of all.
  void reduce_groups(PointEmitter& emitter, const Affine& begin, const Affine& first,
                     const Bound& end, const Columns& block, Block& into) {
    const VariableId group = nest_.variable("o");
    For groups = loop_over(LoopKind::serial, group, first, end, turned_rows);
    turn_over(emitter, variable(group), end, block, groups.body);
    Bound last = end;
    last.smallest_of.push_back(variable(group) + turned_rows);
    reduce_runs(emitter, begin, variable(group), last, block, variable(group), groups.body);
    into.push_back(std::move(groups));
  }

  /// Runs of rows [first, end), the item numbers of which count from row `begin`. Copies of rows
  /// begin with row `copied`.
  void reduce_runs(PointEmitter& emitter, const Affine& begin, const Affine& first,
                   const Bound& end, const Columns& block, const Affine& copied, Block& into) {
    const VariableId run = nest_.variable("r");
    For runs = loop_over(LoopKind::serial, run, first, end, run_length);
    const auto tiles = [&](Rows rows, const AtRow& at_row, Block& body) {
      column_tiles(block, body, [&](const Affine& column, bool full, Block& tile) {
        tree_.clear(tile);
        const VariableId row = nest_.variable("q");
        const bool unrolled = rows == Rows::whole_run && (full || is_narrow_) &&
                              strip_rows() == 0 && cost_.units <= unrolled_units;
        For all = loop_over(unrolled ? LoopKind::unrolled : LoopKind::serial, row, variable(run),
                            rows == Rows::last ? end : bound(variable(run) + run_length));
        at_row(variable(row), all.body, [&](Block& opened) {
          columns(emitter, column, full, opened, [&](Block& inner, VariableId lane) {
            const PointEmitter::Scope outside = emitter.scope();
            read_turned(emitter, variable(row) + -1 * copied, block, lane, inner);
            tree_.accumulate(roots(emitter, variable(row), inner), !full, inner);
            emitter.restore(outside);
          });
        });
        tile.push_back(std::move(all));
        tree_.push((variable(run) + -1 * begin) / run_length, tile, place(column, block));
      });
    };
    const AtRow each = [&](const Affine& row, Block& body, const Inner& inner) {
      at_reduced(emitter, row, body, inner);
    };
    reduced_.size() > 1 ? tiles_of_split_run(emitter, run, tiles, each, runs.body)
                        : tiles(Rows::whole_run, each, runs.body);
    tiles(Rows::last, each, runs.rest);
    into.push_back(std::move(runs));
  }

  /// How many rows of a run there are, and whether they are known to lie one after the other.
  enum class Rows : uint8_t { whole_run, split_run, last };
  using Inner = std::function<void(Block&)>;
  /// Opens the reduced groups at a row.
  using AtRow = std::function<void(const Affine& row, Block&, const Inner&)>;

  /// A run of rows that several loops walk: mostly all within the last of them, so that where it
  /// begins tells where all rows are.
  template <class Tiles>
  void tiles_of_split_run(PointEmitter& emitter, VariableId run, const Tiles& tiles,
                          const AtRow& each, Block& into) {
    at_reduced(emitter, variable(run), into, [&](Block& opened) {
      const size_t last = kept_groups() + reduced_.size() - 1;
      const Affine begin = emitter.scope().index[last];
      If together{begin + (run_length - 1), bound(emitter.extent(last)), {}, {}};
      const AtRow beside = [&](const Affine& row, Block& body, const Inner& inner) {
        const PointEmitter::Scope outside = emitter.scope();
        emitter.open(last, begin + row + variable(run, -1));
        inner(body);
        emitter.restore(outside);
      };
      tiles(Rows::whole_run, beside, together.then);
      tiles(Rows::split_run, each, together.otherwise);
      opened.push_back(std::move(together));
    });
  }

  /// Where the trees of a tile begin.
  static Affine place(const Affine& column, const Columns& block) {
    return column + -1 * block.begin;
  }

  void finish_tile(PointEmitter& emitter, ResultOf& result_of, const Affine& column, bool full,
                   Block& into) {
    columns(emitter, column, full, into, [&](Block& body, VariableId) {
      const ValueId result = tree_.result(body);
      finish(emitter, result_of(result, body), body);
    });
  }

  void plan_columns() {
    Block phase;
    PointEmitter emitter = start_turned_phase(phase);
    tree_.emit_identity(phase);
    ResultOf result_of(nest_, reduction(), count(), phase);
    const Walk walk = [&](const Columns& block, Block& into) {
      reduce_rows(emitter, {}, bound(count()), block, into);
      column_tiles(block, into, [&](const Affine& column, bool full, Block& tile) {
        tree_.fold(blocks_of(count(), run_length), tile, place(column, block));
        finish_tile(emitter, result_of, column, full, tile);
      });
    };
    if (kept_.empty()) {
      walk({}, phase);
      return nest_.add_phase(std::move(phase), -1, 1, cost_.nanoseconds);
    }
    const VariableId index = nest_.variable("i");
    const bool rows_of_columns = kept_groups() > 1 && !facts_.is_shorter(graph_, kept_[0]);
    const size_t group = rows_of_columns ? 0 : last_group();
    const int64_t chunk = rows_of_columns ? 1 : block_;
    For parallel = loop_over(LoopKind::parallel, index, {}, bound(emitter.extent(group)), chunk);
    if (rows_of_columns) {
      open_kept(emitter, 0, variable(index), parallel.body);
      all_blocks(emitter, 1, parallel.body, walk);
    } else {
      kept_loops(emitter, 0, last_group(), parallel.body, [&](Block& innermost) {
        const Bound end = bound(variable(index) + chunk, emitter.extent(last_group()));
        walk({variable(index), end}, innermost);
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
    PointEmitter emitter = start_turned_phase(phase);
    tree_.emit_identity(phase);
    const VariableId chunk = nest_.variable("i");
    For parallel = loop_over(LoopKind::parallel, chunk, {}, bound(reduced_extent()), chunk_rows);
    const Bound end = bound(variable(chunk) + chunk_rows, reduced_extent());
    all_blocks(emitter, 0, parallel.body, [&](const Columns& block, Block& into) {
      reduce_rows(emitter, variable(chunk), end, block, into);
      column_tiles(block, into, [&](const Affine& column, bool full, Block& tile) {
        const VariableId whole = nest_.variable("w");
        For fold = loop_over(LoopKind::serial, whole, variable(chunk), end, chunk_rows);
        const Affine rest = reduced_extent() + variable(whole, -1);
        tree_.fold(constant(runs_per_chunk), fold.body, place(column, block));
        tree_.fold(blocks_of(rest, run_length), fold.rest, place(column, block));
        tile.push_back(std::move(fold));
        const VariableId number = nest_.variable("t");
        For one = loop_over(LoopKind::serial, number, variable(chunk) / chunk_rows,
                            bound((variable(chunk) + chunk_rows) / chunk_rows));
        columns(emitter, column, full, one.body, [&](Block& body, VariableId) {
          store_partials(tree_, partials, partial_index(emitter, number), body);
        });
        tile.push_back(std::move(one));
      });
    });
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), reduced_parameter(), chunk_rows, cost_.nanoseconds);
  }

  void plan_total(const std::vector<ArrayId>& partials) {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    ResultOf result_of(nest_, reduction(), count(), phase);
    all_blocks(emitter, 0, phase, [&](const Columns& block, Block& into) {
      column_tiles(block, into, [&](const Affine& column, bool full, Block& tile) {
        const VariableId number = nest_.variable("t");
        For chunks =
            loop_over(LoopKind::serial, number, {}, bound(blocks_of(reduced_extent(), chunk_rows)));
        columns(emitter, column, full, chunks.body, [&](Block& body, VariableId) {
          load_partials(tree_, partials, partial_index(emitter, number), body);
        });
        tree_.push(variable(number), chunks.body);
        tile.push_back(std::move(chunks));
        tree_.fold(blocks_of(reduced_extent(), chunk_rows), tile);
        finish_tile(emitter, result_of, column, full, tile);
      });
    });
    nest_.add_phase(std::move(phase), -1, 1, cost_.nanoseconds / static_cast<double>(chunk_rows));
  }

  bool is_narrow_ = false;  // a row of columns is one tile
  const int lanes_;
  const int64_t block_;  // columns
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
