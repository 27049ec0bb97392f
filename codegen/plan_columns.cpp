// SPDX-License-Identifier: Apache-2.0
// Kernels over columns: a strip of them goes through all stages before the next one, so that what a
// stage reads again lies in a cache. The order is that of outer reductions: runs of 16 rows in
// index order, runs pairwise.
#include <algorithm>
#include <bit>

#include "onepass/codegen/body_cost.h"
#include "onepass/codegen/reduction_tree.h"
#include "onepass/codegen/row_block_planner.h"
#include "onepass/codegen/streaming.h"

namespace onepass::codegen {
namespace {

/// Bytes of a row that belong to a strip: many where rows are few, fewer where values are kept of
/// all, and at least as many as the processor reads ahead well.
constexpr int64_t widest_strip = 4096, usual_strip = 1024, kept_strip = 512, narrowest_strip = 256;
/// Bytes of a strip of all rows but the narrowest.
constexpr int64_t strip_bytes = int64_t{1} << 20;
/// Rows are cut into at least as many strips: every thread wants some.
constexpr int64_t fewest_strips = 2;
/// Runs of heavier elements are loops.
constexpr double unrolled_units = 8;
/// What is kept takes at most as many times the second level of the cache.
constexpr int64_t scratch_levels = 4;
/// Classes of columns by length: what is kept of a strip takes scratch for the longest of its
/// class.
constexpr int64_t saved_lengths[] = {64, 256, 1024, 2048, 4096, 8192};

class ColumnStrips final : public RowBlockPlanner {
 public:
  using RowBlockPlanner::RowBlockPlanner;

 private:
  const char* way() const override { return "strips of columns"; }
  bool rows_in_turn() const override { return true; }
  int64_t rows_at_once() const override { return block_; }

  void choose() override {
    choose_strip();
    choose_saved();
    for (const RowLoop& loop : loops_.loops) {
      nanoseconds_ += loop_nanoseconds(loop);
      tiles_.push_back(tile_lanes(loop));
    }
    for (size_t r = 0; r < graph_.reductions.size(); ++r) {
      const DType dtype = ir::finds_position(reduction(r).op) ? DType::i64 : reduction(r).dtype;
      trees_.emplace_back(nest_, reduction(r), lanes_of(r), block_);
      totals_.push_back(nest_.scratch("sums", dtype, block_));
    }
    find_row_values();
    const int64_t limit = context_.target.last_level_bytes();
    for (const int result : streamed_results(graph_, facts_, kept_.back().last(), limit)) {
      nest_.stream(result);
    }
  }

  void choose_strip() {
    int bytes = 1;
    for (const Point& p : graph_.points) bytes = std::max(bytes, byte_size(p.dtype));
    lanes_ = context_.target.lanes(bytes);
    loops_ = cut_row_loops(graph_, true, {}, kept_.back().last());
    int64_t strip = loops_.saved_bytes(graph_) > 0 ? kept_strip : widest_strip;
    const auto is_too_wide = [&] {
      return (strip > usual_strip && !has_at_most(strip_bytes / strip)) ||
             facts_.is_shorter(graph_, kept_.back(), fewest_strips * strip / bytes);
    };
    while (strip > narrowest_strip && is_too_wide()) strip /= 2;
    block_ = strip / bytes;
  }

  /// Values are kept for later stages if they fit the second level of the cache, or nearly: reading
  /// them from the third takes less than computing them again.
  void choose_saved() {
    const int64_t bytes = loops_.saved_bytes(graph_) * block_;
    if (bytes == 0) return saved_.assign(graph_.points.size(), -1);
    int64_t longest = 0;
    for (const int64_t length : saved_lengths) {
      if (longest > 0 || length * bytes > scratch_levels * context_.target.second_level_bytes()) {
        break;
      }
      if (has_at_most(length)) longest = length;
    }
    if (longest == 0) loops_ = cut_row_loops(graph_, false, {}, kept_.back().last());
    saved_.assign(graph_.points.size(), -1);
    for (const RowLoop& loop : loops_.loops) {
      for (const PointId id : loop.saved) {
        saved_[static_cast<size_t>(id)] = nest_.scratch("row", point(id).dtype, longest * block_);
      }
    }
  }

  /// Columns of a tile: several vectors of accumulators at once, as far as registers last.
  int tile_lanes(const RowLoop& loop) const {
    constexpr int usual = 4;
    int bytes = widest(loop);
    for (const size_t r : loop.reductions) {
      bytes = std::max(bytes, byte_size(reduction(r).dtype));
      if (ir::finds_position(reduction(r).op)) bytes = std::max(bytes, byte_size(DType::i64));
    }
    const int vector = context_.target.lanes(bytes);
    const auto count = std::max<int>(static_cast<int>(loop.reductions.size()), 1);
    const int vectors = std::clamp(vector_width(loop, 0) / vector, 1, std::max(usual / count, 1));
    return vector * static_cast<int>(std::bit_floor(static_cast<unsigned>(vectors)));
  }

  int lanes_of(size_t number) const {
    for (size_t l = 0; l < loops_.loops.size(); ++l) {
      const auto& reductions = loops_.loops[l].reductions;
      if (std::find(reductions.begin(), reductions.end(), number) != reductions.end()) {
        return tiles_[l];
      }
    }
    return lanes_;
  }

  void emit_constants(Block& entry) override {
    for (size_t r = 0; r < trees_.size(); ++r) {
      trees_[r].emit_identity(entry);
      results_of_.emplace_back(nest_, reduction(r), elements(), entry);
    }
  }

  size_t parallel_group() override {
    return row_group() > 0 && facts_.is_shorter(graph_, kept_[0]) ? row_group() : 0;
  }

  void walk_block(PointEmitter& emitter, const Affine& first, const Affine& extent,
                  Block& into) override {
    const Bound end = bound(first + block_, extent);
    rows_ = {&nest_, lanes_, block_, first, end};
    for (size_t l = 0; l < loops_.loops.size(); ++l) {
      const RowLoop& loop = loops_.loops[l];
      if (loop.reductions.empty()) {
        each_tile(block_, into, [&](const Affine&, bool full, Block& strip) {
          rows_.exact = full;
          rows_.end = full ? bound(first + block_) : end;
          each_element(emitter, loop, static_cast<int>(block_ / lanes_), strip);
        });
        rows_.exact = false;
        rows_.end = end;
        continue;
      }
      reduce(emitter, l, into);
      fold(l, into);
      const Total total = [&](size_t number, VariableId column, Block& body) {
        const ValueId sum = nest_.value();
        body.push_back(Load{sum, totals_[number], rows_.place(column)});
        return results_of_[number](sum, body);
      };
      keep_row_values(emitter, loop, total, into);
    }
    finish_rows(emitter, into);
  }

  /// Tiles of the strip, `lanes` columns each: full ones, then one with masked lanes.
  using Tile = std::function<void(const Affine& begin, bool full, Block& into)>;
  void each_tile(int64_t lanes, Block& into, const Tile& tile) {
    const VariableId first = nest_.variable("c");
    For tiles = loop_over(LoopKind::serial, first, rows_.first, rows_.end, lanes);
    tile(variable(first), true, tiles.body);
    tile(variable(first), false, tiles.rest);
    into.push_back(std::move(tiles));
  }

  /// The columns of a tile.
  template <class Body>
  void columns(const Affine& begin, int lanes, bool full, Block& into, const Body& body) {
    const VariableId lane = nest_.variable("j");
    Bound end = full ? bound(begin + lanes) : rows_.end;
    if (!full) end.smallest_of.push_back(begin + lanes);
    For vector = loop_over(LoopKind::vector, lane, begin, std::move(end), lanes);
    vector.single = true;
    vector.exact = full;
    body(lane, vector.body);
    into.push_back(std::move(vector));
  }

  /// All rows of the strip, run by run.
  void reduce(PointEmitter& emitter, size_t l, Block& into) {
    const VariableId run = nest_.variable("r");
    For runs = loop_over(LoopKind::serial, run, {}, bound(elements()), run_length);
    reduce_run(emitter, l, run, true, runs.body);
    reduce_run(emitter, l, run, false, runs.rest);
    into.push_back(std::move(runs));
  }

  void reduce_run(PointEmitter& emitter, size_t l, VariableId run, bool whole, Block& into) {
    const RowLoop& loop = loops_.loops[l];
    const double units = body_cost(graph_, loop.points, context_.target).units;
    each_tile(tiles_[l], into, [&](const Affine& first, bool full, Block& tile) {
      for (const size_t r : loop.reductions) trees_[r].clear(tile);
      const VariableId row = nest_.variable("q");
      const bool unrolled = whole && full && units <= unrolled_units;
      For rows = loop_over(unrolled ? LoopKind::unrolled : LoopKind::serial, row, variable(run),
                           bound(whole ? variable(run) + run_length : elements()));
      const PointEmitter::Scope outside = emitter.scope();
      emitter.open(element_group(), variable(row));
      emitter.emit(loop.points, rows.body);
      columns(first, tiles_[l], full, rows.body, [&](VariableId lane, Block& body) {
        is_masked_ = !full;
        one_element(emitter, loop, variable(row), lane, body);
      });
      emitter.restore(outside);
      tile.push_back(std::move(rows));
      for (const size_t r : loop.reductions) {
        trees_[r].push(variable(run) / run_length, tile, first + -1 * rows_.first);
      }
    });
  }

  void keep(PointEmitter& emitter, const RowLoop& loop, const Affine& element, const Affine& here,
            Block& into) override {
    for (const PointId id : loop.saved) {
      into.push_back(Store{saved_[static_cast<size_t>(id)], here, emitter.value(id)});
    }
    for (const size_t r : loop.reductions) {
      std::vector<ValueId> roots{emitter.value(reduction(r).roots[0])};
      if (ir::finds_position(reduction(r).op)) {
        roots.push_back(nest_.value());
        into.push_back(IndexValue{roots.back(), DType::i64, element});
      }
      trees_[r].accumulate(roots, is_masked_, into);
    }
    store_row_results(emitter, loop.results, into);
  }

  /// The trees of all columns of the strip to their totals.
  void fold(size_t l, Block& into) {
    each_tile(tiles_[l], into, [&](const Affine& first, bool full, Block& tile) {
      for (const size_t r : loops_.loops[l].reductions) {
        trees_[r].fold(blocks_of(elements(), run_length), tile, first + -1 * rows_.first);
      }
      columns(first, tiles_[l], full, tile, [&](VariableId lane, Block& body) {
        for (const size_t r : loops_.loops[l].reductions) {
          body.push_back(Store{totals_[r], rows_.place(lane), trees_[r].result(body)});
        }
      });
    });
  }

  int lanes_ = 1;                     // columns of a vector
  std::vector<int> tiles_;            // by loop: columns of a tile
  std::vector<ReductionTree> trees_;  // by reduction
  std::vector<ArrayId> totals_;       // by reduction: what its trees fold to
  std::vector<ResultOf> results_of_;
  bool is_masked_ = false;  // the open tile
};

}  // namespace

Plan plan_columns(const PlanContext& context, PointGraph graph) {
  return ColumnStrips(context, std::move(graph), SizeFacts(context)).run();
}

}  // namespace onepass::codegen
