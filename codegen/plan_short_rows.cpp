// SPDX-License-Identifier: Apache-2.0
// Kernels over rows shorter than a vector: a vector holds one element of each of several rows. What
// lies row after row is turned over on the way in and back on the way out, so every lane works.
#include <algorithm>
#include <numeric>

#include "onepass/codegen/row_block_planner.h"

namespace onepass::codegen {
namespace {

/// Longer rows fill vectors of their own.
constexpr int64_t shortest_class = 4, longest_row = 32;
/// Vectors of rows in a block: what is kept of a block stays in the first level cache.
constexpr int64_t vectors_per_block = 4;
/// Fewer rows than this are not worth turning over.
constexpr int64_t fewest_rows = 32;
/// The widest tile that turns over in registers.
constexpr int64_t tile = 16;
/// Lines of scratch in step with the sets of a cache would push each other out.
constexpr int64_t skew = 16;

class ShortRows final : public RowBlockPlanner {
 public:
  using RowBlockPlanner::RowBlockPlanner;

 private:
  const char* way() const override { return "several short rows at once"; }
  bool rows_in_turn() const override { return true; }

  void choose() override {
    for (longest_ = shortest_class; longest_ < longest_row && !has_at_most(longest_);) {
      longest_ *= 2;
    }
    int widest = 1;
    for (const Point& p : graph_.points) widest = std::max(widest, byte_size(p.dtype));
    lanes_ = context_.target.lanes(widest);
    block_ = vectors_per_block * lanes_;
    pitch_ = block_ + skew;
    find_turned();
    loops_ = cut_row_loops(graph_, true, given_points());
    for (const RowLoop& loop : loops_.loops) nanoseconds_ += loop_nanoseconds(loop);
    saved_.assign(graph_.points.size(), -1);
    for (const RowLoop& loop : loops_.loops) {
      for (const PointId id : loop.saved) saved_[static_cast<size_t>(id)] = lines("row", id);
    }
    for (const Reduction& r : graph_.reductions) lanes_of_.emplace_back(nest_, r, longest_, pitch_);
    find_row_values();
    find_turned_results();
  }

  void emit_constants(Block& entry) override {
    for (ShortRowLanes& lanes : lanes_of_) lanes.emit_constants(elements(), entry);
  }

  ArrayId lines(const char* name, PointId id) {
    return nest_.scratch(name, point(id).dtype, longest_ * pitch_);
  }
  /// Lines of what is turned over, and elements of what is turned back: with room for whole tiles.
  int64_t roomy() const { return std::max(longest_, tile); }

  bool lies_along_rows(int operand) const {
    const int row = kept_.back().last();
    return graph_.known_stride(operand, element_dimensions().last()) == 1 &&
           graph_.moves(operand, row) && graph_.known_stride(operand, row) != 1;
  }

  void find_turned() {
    std::vector<int> operands(static_cast<size_t>(graph_.first_result_operand));
    std::iota(operands.begin(), operands.end(), 0);
    if (graph_.window) operands.push_back(graph_.window->operand);
    for (const int operand : operands) {
      if (!lies_along_rows(operand)) continue;
      const DType dtype = graph_.operands[static_cast<size_t>(operand)].dtype;
      const ArrayId scratch = nest_.scratch("turned", dtype, roomy() * pitch_);
      turned_loads_.push_back({operand, scratch});
      for (size_t i = 0; i < graph_.points.size(); ++i) {
        const Point& p = graph_.points[i];
        if (p.kind == Point::Kind::load && p.index == operand) turned_[i] = scratch;
      }
    }
  }

  void find_turned_results() {
    const auto count = static_cast<int>(graph_.results.size());
    turned_results_.resize(graph_.results.size());
    for (int result = 0; result < count; ++result) {
      const int operand = graph_.first_result_operand + result;
      if (!lies_along_rows(operand)) continue;
      const DType dtype = graph_.operands[static_cast<size_t>(operand)].dtype;
      turned_results_[static_cast<size_t>(result)] = {
          nest_.scratch("lines", dtype, longest_ * pitch_),
          nest_.scratch("rows", dtype, block_ * roomy())};
    }
  }

  void walk_block(PointEmitter& emitter, const Affine& first, const Affine& extent,
                  Block& into) override {
    rows_ = {&nest_, lanes_, pitch_, first, bound(first + block_, extent)};
    row_count_ = bound(constant(block_), extent + -1 * first);
    turn_over(emitter, into);
    for (const RowLoop& loop : loops_.loops) {
      each_element(emitter, loop, vectors_per_block, into);
      for (const size_t number : loop.reductions) lanes_of_[number].halve(rows_, elements(), into);
      const Total total = [&](size_t number, VariableId row, Block& body) {
        return lanes_of_[number].total(rows_.place(row), body);
      };
      if (!loop.reductions.empty()) keep_row_values(emitter, loop, total, into);
    }
    finish_rows(emitter, into);
    turn_back(emitter, into);
  }

  void turn_over(PointEmitter& emitter, Block& into) {
    const PointEmitter::Scope outside = emitter.scope();
    emitter.open(row_group(), rows_.first);
    emitter.open(element_group(), {});
    for (const auto& [operand, scratch] : turned_loads_) {
      const Affine stride = emitter.stride(operand, kept_.back().last());
      into.push_back(Transpose{scratch, operand, emitter.element(operand), stride,
                               bound(constant(longest_), elements()), row_count_, pitch_});
    }
    emitter.restore(outside);
  }

  void keep(PointEmitter& emitter, const RowLoop& loop, const Affine& element, const Affine& here,
            Block& into) override {
    for (const PointId id : loop.saved) {
      into.push_back(Store{saved_[static_cast<size_t>(id)], here, emitter.value(id)});
    }
    for (const size_t number : loop.reductions) {
      lanes_of_[number].keep(here, element, emitter.value(reduction(number).roots[0]), into);
    }
    for (const size_t result : loop.results) {
      const int operand = graph_.first_result_operand + static_cast<int>(result);
      const ArrayId lines = turned_results_[result].lines;
      into.push_back(Store{lines >= 0 ? lines : operand,
                           lines >= 0 ? here : emitter.element(operand),
                           emitter.value(graph_.results[result])});
    }
  }

  /// Results row after row.
  void turn_back(PointEmitter& emitter, Block& into) {
    const PointEmitter::Scope outside = emitter.scope();
    for (size_t result = 0; result < turned_results_.size(); ++result) {
      const TurnedResult& turned = turned_results_[result];
      if (turned.lines < 0) continue;
      const int operand = graph_.first_result_operand + static_cast<int>(result);
      into.push_back(Transpose{turned.rows,
                               turned.lines,
                               {},
                               constant(pitch_),
                               row_count_,
                               bound(constant(longest_), elements()),
                               roomy()});
      const VariableId row = nest_.variable("r"), element = nest_.variable("j");
      For rows = loop_over(LoopKind::serial, row, rows_.first, rows_.end);
      For vector =
          loop_over(LoopKind::vector, element, {}, bound(constant(longest_), elements()), longest_);
      vector.single = true;
      emitter.open(row_group(), variable(row));
      emitter.open(element_group(), variable(element));
      const ValueId value = nest_.value();
      vector.body.push_back(
          Load{value, turned.rows, roomy() * rows_.place(row) + variable(element)});
      vector.body.push_back(Store{operand, emitter.element(operand), value});
      rows.body.push_back(std::move(vector));
      into.push_back(std::move(rows));
    }
    emitter.restore(outside);
  }

  struct TurnedLoad {
    int operand;
    ArrayId scratch;
  };
  struct TurnedResult {
    ArrayId lines = -1, rows = -1;  // -1: stored where it is computed
  };

  int lanes_ = 1;        // rows of a vector
  int64_t pitch_ = 0;    // of scratch, from one element of all rows to the next
  int64_t longest_ = 0;  // elements of a row, a power of two
  std::vector<TurnedLoad> turned_loads_;
  std::vector<TurnedResult> turned_results_;
  std::vector<ShortRowLanes> lanes_of_;  // by reduction
  Bound row_count_;
};

}  // namespace

bool are_short(const PointGraph& graph, SizeFacts& facts) {
  const LoopGroup elements{graph.kept, static_cast<int>(graph.dimensions.size()) - graph.kept};
  const std::vector<LoopGroup> groups = collapse(graph, 0, graph.kept);
  if (groups.empty() || elements.count == 0 || graph.reductions.empty()) return false;
  // A row that is only summed up is done sooner than turned over.
  const RowLoops loops = cut_row_loops(graph, false, {});
  const bool stores_rows = std::any_of(loops.loops.begin(), loops.loops.end(),
                                       [](const RowLoop& loop) { return !loop.results.empty(); });
  const bool finds_position =
      std::any_of(graph.reductions.begin(), graph.reductions.end(),
                  [](const Reduction& r) { return ir::finds_position(r.op); });
  if (!stores_rows && !finds_position) return false;
  for (size_t operand = 0; operand < graph.operands.size(); ++operand) {
    if (!walks_as_one(graph, static_cast<int>(operand), elements)) return false;
  }
  for (const Point& point : graph.points) {
    const bool is_index = point.kind == Point::Kind::position && point.index >= graph.kept;
    if (is_index && elements.count > 1) return false;
  }
  const bool is_short = elements.count == 1
                            ? facts.is_shorter(graph, elements, longest_row + 1)
                            : facts.holds_at_most(graph, graph.kept, elements.count, longest_row);
  return is_short && !facts.is_shorter(graph, groups.back(), fewest_rows);
}

Plan plan_short_rows(const PlanContext& context, PointGraph graph, SizeFacts facts,
                     ProductRows* product) {
  return ShortRows(context, std::move(graph), std::move(facts), product).run();
}

}  // namespace onepass::codegen
