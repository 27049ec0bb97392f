// SPDX-License-Identifier: Apache-2.0
// Kernels over rows, one row after the other: a loop per stage of reductions, then the final map.
// What later loops need again stays in scratch where computing it again would be dearer.
#include <algorithm>
#include <numeric>

#include "onepass/codegen/reduction_planner.h"
#include "onepass/codegen/row_planner.h"
#include "onepass/codegen/transposed_loads.h"

namespace onepass::codegen {
namespace {

/// At most this many rows are cut into chunks; more are walked in parallel.
constexpr int64_t cut_rows = 8;
/// Rows of fewer elements are not worth several phases.
constexpr int64_t least_cut_row = int64_t{1} << 16;
/// Classes of rows by length: what is kept of a row takes scratch for the longest of its class.
constexpr int64_t turned_lengths[] = {64, 256, 1024, 2048, 4096, 8192, int64_t{1} << 14};
constexpr int64_t saved_lengths[] = {int64_t{1} << 10, int64_t{1} << 14, int64_t{1} << 17};

class RowByRow final : public RowPlanner {
 public:
  using RowPlanner::RowPlanner;

 private:
  const char* way() const override {
    return turns() ? "blocks of rows, turned over" : "row by row";
  }
  bool rows_in_turn() const override { return true; }
  bool gathers() const override { return true; }
  bool gathers_blocks() const override { return true; }

  const RowLoops& plan_phases() override {
    choose();
    if (product_ != nullptr) {
      plan_product(
          nanoseconds_, [&](Block& entry) { return start_phase(accumulators_, entry); },
          [&](PointEmitter& emitter, const Affine& first, const Affine& end, Block& into) {
            turns() ? all_blocks(emitter, first, end, into) : walk_rows(emitter, first, end, into);
          });
      return loops_;
    }
    Block phase;
    PointEmitter emitter = start_phase(accumulators_, phase);
    if (kept_.empty()) {
      walk_row(emitter, phase);
      nest_.add_phase(std::move(phase), -1, 1, nanoseconds_);
      return loops_;
    }
    // Rows that are turned over together lie next to each other: their loop is the innermost.
    std::vector<size_t> order;
    for (size_t g = 0; g < kept_.size(); ++g) {
      if (!turns() || g != across_.group) order.push_back(g);
    }
    if (turns() && (order.empty() || across_.group == 0)) {
      plan_blocks(emitter, order, std::move(phase));
    } else {
      const VariableId index = nest_.variable("i");
      For parallel = loop_over(LoopKind::parallel, index, {}, bound(emitter.extent(0)));
      open_kept(emitter, 0, variable(index), parallel.body);
      order.erase(order.begin());
      each_kept(emitter, order, 0, parallel.body, [&](Block& into) {
        turns() ? all_blocks(emitter, {}, emitter.extent(across_.group), into)
                : walk_row(emitter, into);
      });
      phase.push_back(std::move(parallel));
      const LoopGroup& group = kept_[0];
      nest_.add_phase(std::move(phase), nest_.extent(group.first, group.count), 1, nanoseconds_);
    }
    return loops_;
  }

  /// Blocks of rows in parallel, the other kept dimensions inside.
  void plan_blocks(PointEmitter& emitter, const std::vector<size_t>& others, Block phase) {
    const VariableId first = nest_.variable("i");
    For parallel = loop_over(LoopKind::parallel, first, {}, bound(emitter.extent(across_.group)),
                             across_.rows);
    each_kept(emitter, others, 0, parallel.body, [&](Block& into) {
      walk_block(emitter, variable(first), emitter.extent(across_.group), into);
    });
    phase.push_back(std::move(parallel));
    const LoopGroup& group = kept_[across_.group];
    nest_.add_phase(std::move(phase), nest_.extent(group.first, group.count), across_.rows,
                    nanoseconds_);
  }

  void all_blocks(PointEmitter& emitter, const Affine& begin, const Affine& end, Block& into) {
    const VariableId first = nest_.variable("i");
    For blocks = loop_over(LoopKind::serial, first, begin, bound(end), across_.rows);
    walk_block(emitter, variable(first), end, blocks.body);
    into.push_back(std::move(blocks));
  }

  void walk_rows(PointEmitter& emitter, const Affine& first, const Affine& end, Block& into) {
    const VariableId row = nest_.variable("r");
    For rows = loop_over(LoopKind::serial, row, first, bound(end));
    const PointEmitter::Scope outside = emitter.scope();
    open_kept(emitter, row_group(), variable(row), rows.body);
    walk_row(emitter, rows.body);
    emitter.restore(outside);
    into.push_back(std::move(rows));
  }

  /// Turns the loads of a block of rows, those before `extent`, over, then walks the rows one by
  /// one.
  void walk_block(PointEmitter& emitter, const Affine& first, const Affine& extent, Block& into) {
    const PointEmitter::Scope outside = emitter.scope();
    emitter.open(across_.group, first);
    emitter.open(element_group(), {});
    for (size_t t = 0; t < across_.operands.size(); ++t) {
      const int operand = across_.operands[t];
      const Affine stride = parameter(nest_.stride(operand, element_dimensions().last()));
      into.push_back(Transpose{across_.scratch[t], operand, emitter.element(operand), stride,
                               bound(constant(across_.rows), extent + -1 * first),
                               bound(constant(across_.longest), elements()), across_.pitch});
    }
    emitter.restore(outside);
    const VariableId row = nest_.variable("r");
    For rows = loop_over(LoopKind::serial, row, first, bound(first + across_.rows, extent));
    turned_place_ = across_.pitch * (variable(row) + -1 * first);
    open_kept(emitter, across_.group, variable(row), rows.body);
    walk_row(emitter, rows.body);
    emitter.restore(outside);
    into.push_back(std::move(rows));
  }

  /// Loads that lie across rows: contiguous from row to row.
  struct Across {
    size_t group = 0;  // of the kept dimensions, along which they are contiguous
    std::vector<int> operands;
    std::vector<ArrayId> scratch;
    int64_t rows = 0;     // turned over together
    int64_t longest = 0;  // row
    int64_t pitch = 0;    // from row to row in scratch
  };
  bool turns() const { return !across_.operands.empty(); }

  void choose_across() {
    std::vector<LoopGroup> groups = kept_;
    groups.push_back(element_dimensions());
    TransposedLoads loads = transposed_loads(graph_, groups);
    std::erase_if(loads.operands, [&](int operand) {
      return !walks_as_one(graph_, operand, element_dimensions());
    });
    if (loads.operands.empty()) return;
    if (product_ != nullptr && loads.group != row_group()) return;
    int64_t bytes = 0;
    for (const int operand : loads.operands) {
      bytes += byte_size(graph_.operands[static_cast<size_t>(operand)].dtype);
    }
    // Rows in step with the sets of a cache would push each other out.
    constexpr int64_t skew = 16, fewest_rows = 16, most_rows = 32;
    const int64_t memory = context_.target.second_level_bytes() * 3 / 4;
    for (const int64_t length : turned_lengths) {
      if (fewest_rows * (length + skew) * bytes > memory) return;
      if (!has_at_most(length)) continue;
      across_ = {loads.group, std::move(loads.operands), {}, most_rows, length, length + skew};
      break;
    }
    if (!turns()) return;
    while (across_.rows * across_.pitch * bytes > memory) across_.rows /= 2;
    for (const int operand : across_.operands) {
      const DType dtype = graph_.operands[static_cast<size_t>(operand)].dtype;
      across_.scratch.push_back(nest_.scratch("turned", dtype, across_.rows * across_.pitch));
      for (size_t i = 0; i < graph_.points.size(); ++i) {
        const Point& point = graph_.points[i];
        if (point.kind == Point::Kind::load && point.index == operand) {
          turned_[i] = across_.scratch.back();
        }
      }
    }
  }

  /// By the length of rows: how many lanes, whether there is more than one block, what is kept.
  void choose() {
    choose_across();
    loops_ = cut_row_loops(graph_, true, given_points());
    fewest_lanes_ = INT32_MAX;
    for (const RowLoop& loop : loops_.loops) {
      if (loop.lanes > 0) fewest_lanes_ = std::min(fewest_lanes_, loop.lanes);
    }
    if (loops_.loops.empty()) return;
    choose_length();
    choose_saved();
    if (single_ == 0) stream_results();
    for (RowLoop& loop : loops_.loops) {
      nanoseconds_ += loop_nanoseconds(loop);
      const int lanes = lanes_of(loop);
      widths_.push_back(vector_width(loop, single_ > 0 ? static_cast<int>(single_) : lanes));
      accumulators_.emplace_back();
      for (const size_t number : loop.reductions) {
        accumulators_.back().emplace_back(nest_, graph_.reductions[number], lanes, widths_.back(),
                                          has_tree_);
      }
    }
  }

  void choose_length() {
    if (reduces()) {
      constexpr int64_t shortest = 4;
      for (int64_t length = shortest; length <= fewest_lanes_; length *= 2) {
        if (!has_at_most(length)) continue;
        most_elements_ = single_ = length;
        return;
      }
      const int64_t block = fewest_lanes_ * run_length;
      if (has_at_most(block)) {
        most_elements_ = block;
        return;
      }
    }
    has_tree_ = reduces();
  }

  void choose_saved() {
    const int64_t bytes = loops_.saved_bytes(graph_);
    if (bytes == 0) return;
    for (const int64_t length : saved_lengths) {
      if (most_elements_ > 0) break;
      if (length * bytes > context_.target.second_level_bytes() / 2) break;
      if (has_at_most(length)) most_elements_ = length;
    }
    if (most_elements_ == 0) loops_ = cut_row_loops(graph_, false, given_points());
    saved_.assign(graph_.points.size(), -1);
    for (const RowLoop& loop : loops_.loops) {
      for (const PointId id : loop.saved) {
        const auto i = static_cast<size_t>(id);
        saved_[i] = nest_.scratch("row", graph_.points[i].dtype, most_elements_);
      }
    }
  }

  bool reduces() const { return fewest_lanes_ != INT32_MAX; }
  int lanes_of(const RowLoop& loop) const {
    return loop.lanes > 0 && single_ > 0 ? static_cast<int>(single_) : loop.lanes;
  }

  void walk_row(PointEmitter& emitter, Block& into) {
    emitter.emit(row_points_, into);
    gather_row(emitter, into);
    for (size_t l = 0; l < loops_.loops.size(); ++l) {
      const RowLoop& loop = loops_.loops[l];
      if (loop.reductions.empty()) {
        final_loop(emitter, l, into);
        continue;
      }
      single_ > 0 ? single_walk(emitter, l, into) : block_walk(emitter, l, into);
      for (size_t a = 0; a < loop.reductions.size(); ++a) {
        set_total(emitter, loop.reductions[a], accumulators_[l][a].total(into));
      }
      emitter.emit(row_points_, into);
    }
    store_row_results(emitter, loops_.row_results, into);
  }

  Walk walk_of(size_t l) const {
    return {loops_.loops[l], widths_[l], saved_.empty() ? nullptr : &saved_};
  }

  /// A row of at most as many elements as there are lanes.
  void single_walk(PointEmitter& emitter, size_t l, Block& into) {
    clear(accumulators_[l], widths_[l], constant(0), into);
    for (int64_t begin = 0; begin < single_; begin += widths_[l]) {
      into.push_back(part_loop(all_of(emitter, walk_of(l), accumulators_[l]), widths_[l],
                               constant(begin / widths_[l]), constant(begin), elements()));
    }
  }

  /// Blocks of 16 steps over all lanes; the tree joins them.
  void block_walk(PointEmitter& emitter, size_t l, Block& into) {
    auto& list = accumulators_[l];
    const Elements all = all_of(emitter, walk_of(l), list);
    const int lanes = loops_.loops[l].lanes;
    if (!has_tree_) {
      clear(list, widths_[l], constant(0), into);
      return row_steps(all, lanes, widths_[l], constant(0), bound(elements()), into);
    }
    const int64_t block_size = run_length * lanes;
    const VariableId block = nest_.variable("b");
    For blocks = loop_over(LoopKind::serial, block, {}, bound(elements()), block_size);
    gather_block(emitter, variable(block), bound(variable(block) + block_size, elements()),
                 blocks.body);
    clear(list, widths_[l], variable(block), blocks.body);
    row_steps(all, lanes, widths_[l], variable(block),
              bound(variable(block) + block_size, elements()), blocks.body);
    for (const LaneAccumulator& a : list) {
      a.end_block(blocks.body);
      a.push(variable(block) / block_size, blocks.body);
    }
    into.push_back(std::move(blocks));
    for (const LaneAccumulator& a : list) a.fold(blocks_of(elements(), block_size), into);
  }

  void final_loop(PointEmitter& emitter, size_t l, Block& into) {
    const RowLoop& loop = loops_.loops[l];
    if (single_ > 0) {
      return single_walk(emitter, l, into);
    }
    const VariableId lane = nest_.variable("j");
    const int lanes = context_.target.lanes(widest_bytes(loop));
    For vector = loop_over(LoopKind::vector, lane, {}, bound(elements()), lanes);
    vector.unroll = widths_[l] / lanes;
    Walk walk = walk_of(l);
    walk.width = lanes;
    all_of(emitter, walk, accumulators_[l])({}, lane, vector.body);
    into.push_back(std::move(vector));
  }

  int widest_bytes(const RowLoop& loop) const {
    int widest = 1;
    for (const PointId id : loop.points) {
      widest = std::max(widest, byte_size(graph_.points[static_cast<size_t>(id)].dtype));
    }
    return widest;
  }

  Across across_;
  RowLoops loops_;
  std::vector<int> widths_;  // by loop: elements that one pass over its body takes
  std::vector<std::vector<LaneAccumulator>> accumulators_;  // by loop and its reductions
  std::vector<ArrayId> saved_;                              // by point
  int fewest_lanes_ = INT32_MAX;
  int64_t single_ = 0;  // lanes of rows that have at most as many elements; 0: they may have more
  int64_t most_elements_ = 0;  // of a row, as far as is known; 0: it is not
  bool has_tree_ = false;
  double nanoseconds_ = 0;
};

}  // namespace

Plan plan_row_by_row(const PlanContext& context, PointGraph graph, SizeFacts facts,
                     ProductRows* product) {
  return RowByRow(context, std::move(graph), std::move(facts), product).run();
}

bool is_free_of_order(const Reduction& reduction) {
  return !reduction.product && ir::is_free_of_order(reduction.op, reduction.dtype);
}

namespace {

/// Where no reduction asks for an order, the elements of a row are taken as they lie in memory.
void take_as_they_lie(PointGraph& graph) {
  if (!std::all_of(graph.reductions.begin(), graph.reductions.end(), is_free_of_order)) return;
  const auto rank = static_cast<int>(graph.dimensions.size());
  for (int operand = 0; operand < graph.first_result_operand; ++operand) {
    const runtime::Layout& layout = graph.layouts[static_cast<size_t>(operand)];
    const auto& axes = graph.operands[static_cast<size_t>(operand)].axes;
    std::vector<int> order(static_cast<size_t>(graph.kept));
    std::iota(order.begin(), order.end(), 0);
    for (int i = 0; i < layout.rank(); ++i) {
      for (int d = graph.kept; d < rank; ++d) {
        if (axes[static_cast<size_t>(d)].dimension == layout.by_stride(i)) order.push_back(d);
      }
    }
    if (static_cast<int>(order.size()) == rank) return graph.reorder(order);
  }
}

}  // namespace

Plan plan_rows(const PlanContext& context, PointGraph graph) {
  take_as_they_lie(graph);
  SizeFacts facts(context);
  const auto rank = static_cast<int>(graph.dimensions.size());
  const bool cut = !graph.reductions.empty() &&
                   facts.holds_at_most(graph, 0, graph.kept, cut_rows) &&
                   !facts.holds_at_most(graph, graph.kept, rank - graph.kept, least_cut_row);
  if (cut && can_plan_planes(context, graph, facts)) {
    return plan_planes(context, std::move(graph), std::move(facts));
  }
  if (cut) return plan_row_chunks(context, std::move(graph), std::move(facts));
  if (lie_side_by_side(graph)) {
    const std::vector<LoopGroup> groups = collapse(graph, 0, graph.kept);
    const bool few = facts.is_shorter(graph, groups.back(), 2 * short_extent);
    if (!few) return plan_rows_across(context, std::move(graph), std::move(facts));
  }
  if (are_short(graph, facts)) {
    return plan_short_rows(context, std::move(graph), std::move(facts));
  }
  if (can_pipeline(context, graph, facts)) {
    return plan_row_pipeline(context, std::move(graph), std::move(facts));
  }
  return plan_row_by_row(context, std::move(graph), std::move(facts));
}

}  // namespace onepass::codegen
