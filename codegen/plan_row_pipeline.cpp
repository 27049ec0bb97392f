// SPDX-License-Identifier: Apache-2.0
// Kernels over rows in a pipeline: one loop takes the last stage of a row, the stage before it of
// the next row, and so on; a first stage that saves nothing is two rows ahead. Memory, arithmetic
// and the folding of lanes then overlap, where a stage after the other would wait for each in turn.
// Values that later stages need lie in scratch for one row.
#include <algorithm>

#include "onepass/codegen/reduction_tree.h"
#include "onepass/codegen/row_planner.h"
#include "onepass/codegen/transposed_loads.h"

namespace onepass::codegen {
namespace {

/// Rows of a chunk, and where they are short. A thread's range of chunks is one run of the
/// pipeline: filling and draining it costs about as much as one row.
constexpr int64_t usual_rows = 16, short_rows = 64;
constexpr int64_t short_row = 256;
/// More stages would want rows of scratch that are told apart.
constexpr size_t most_stages = 3;

class RowPipeline final : public RowPlanner {
 public:
  using RowPlanner::RowPlanner;

 private:
  const char* way() const override { return "rows in a pipeline"; }
  bool rows_in_turn() const override { return true; }

  const RowLoops& plan_phases() override {
    choose();
    if (product_ != nullptr) {
      plan_product(
          nanoseconds_, [&](Block& entry) { return start_phase(accumulators_, entry); },
          [&](PointEmitter& emitter, const Affine& first, const Affine& end, Block& into) {
            outside_ = emitter.scope();
            last_ = end + -1;
            walk_rows(emitter, first, end, into);
          });
      return loops_;
    }
    Block phase;
    PointEmitter emitter = start_phase(accumulators_, phase);
    outside_ = emitter.scope();
    const VariableId first = nest_.variable("i"), end = nest_.variable("e");
    const Affine rows = emitter.extent(0);
    For parallel = loop_over(LoopKind::parallel, first, {}, bound(rows), chunk_);
    parallel.range_end = end;
    last_ = variable(end) + -1;
    walk_rows(emitter, variable(first), variable(end), parallel.body);
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), nest_.extent(kept_[0].first, kept_[0].count), chunk_,
                    nanoseconds_);
    return loops_;
  }

  static For fixed(VariableId variable, Bound value) {
    return loop_over(LoopKind::fixed, variable, {}, std::move(value));
  }

  void choose() {
    loops_ = cut_row_loops(graph_, true, {});
    lanes_ = loops_.loops[0].lanes;
    std::vector<PointId> all;
    for (const RowLoop& loop : loops_.loops) {
      nanoseconds_ += loop_nanoseconds(loop);
      all.insert(all.end(), loop.points.begin(), loop.points.end());
    }
    RowLoop together;
    together.points = std::move(all);
    width_ = vector_width(together, lanes_);
    stream_results();
    chunk_ = has_at_most(short_row) ? short_rows : usual_rows;
    lead_ = loops_.loops[0].saved.empty() ? 2 : 1;
    saved_.assign(graph_.points.size(), -1);
    history_.assign(graph_.reductions.size(), -1);
    for (size_t s = 0; s < stages(); ++s) {
      const RowLoop& loop = loops_.loops[s];
      accumulators_.emplace_back();
      for (const size_t number : loop.reductions) {
        const Reduction& reduction = graph_.reductions[number];
        accumulators_.back().emplace_back(nest_, reduction, lanes_, width_, false);
        if (s + 1 == stages()) continue;
        history_[number] =
            nest_.registers("total", reduction.dtype, rows_between(s, stages() - 1), 1);
      }
      for (const PointId id : loop.saved) {
        const auto i = static_cast<size_t>(id);
        saved_[i] = nest_.scratch("row", graph_.points[i].dtype, lanes_ * run_length);
      }
    }
  }

  size_t stages() const { return loops_.loops.size(); }
  /// How many rows a stage is ahead of a later one.
  int64_t rows_between(size_t stage, size_t later) const {
    return static_cast<int64_t>(later - stage) + (stage == 0 ? lead_ - 1 : 0);
  }

  /// Rows [first, end). Where a row has no next one it stands for it: its stages that store nothing
  /// are then walked again, in vain.
  void walk_rows(PointEmitter& emitter, const Affine& first, const Affine& end, Block& into) {
    tick(emitter, {{0, first}}, into);
    if (lead_ > 1) {
      with_row_ahead(first, 1, into,
                     [&](const Affine& next, Block& body) { tick(emitter, {{0, next}}, body); });
    }
    const VariableId row = nest_.variable("r");
    const bool three = stages() == most_stages;
    if (three) {
      with_row_ahead(first, lead_, into, [&](const Affine& next, Block& body) {
        tick(emitter, {{1, first}, {0, next}}, body);
      });
    }
    For rows = loop_over(LoopKind::serial, row, three ? first + 1 : first, bound(end));
    with_row_ahead(variable(row), lead_, rows.body, [&](const Affine& next, Block& body) {
      if (three) {
        tick(emitter, {{2, variable(row) + -1}, {1, variable(row)}, {0, next}}, body);
      } else {
        tick(emitter, {{1, variable(row)}, {0, next}}, body);
      }
    });
    into.push_back(std::move(rows));
    if (three) tick(emitter, {{2, last_}}, into);
  }

  template <class Body>
  void with_row_ahead(const Affine& row, int64_t lead, Block& into, const Body& body) {
    const VariableId next = nest_.variable("n");
    For both = fixed(next, bound(row + lead, last_));
    body(variable(next), both.body);
    into.push_back(std::move(both));
  }

  /// A stage and the row that it takes.
  struct Step {
    size_t stage;
    Affine row;
  };

  /// One loop over the elements of several rows, each at another stage. Later stages come first:
  /// they read what earlier ones save of the next row. But one that saves nothing is in front of
  /// all, since what it reduces is waited for the longest.
  void tick(PointEmitter& emitter, std::vector<Step> steps, Block& into) {
    if (loops_.loops[steps.back().stage].saved.empty()) {
      std::rotate(steps.begin(), steps.end() - 1, steps.end());
    }
    std::vector<PointEmitter::Scope> scopes;
    for (const Step& step : steps) {
      emitter.restore(outside_);
      for (size_t s = 0; s < step.stage; ++s)
        recall(emitter, s, rows_between(s, step.stage) - 1, into);
      open_kept(emitter, row_group(), step.row, into);
      scopes.push_back(emitter.scope());
      for (const LaneAccumulator& a : accumulators_[step.stage]) a.clear(into);
    }
    const Elements all = [&](const Affine& part, VariableId lane, Block& body) {
      Block stores;
      for (size_t i = 0; i < steps.size(); ++i) {
        const size_t stage = steps[i].stage;
        emitter.restore(scopes[i]);
        emit_elements(emitter, {loops_.loops[stage], width_, &saved_}, accumulators_[stage], part,
                      lane, body, stores);
      }
      body.insert(body.end(), stores.begin(), stores.end());
    };
    row_steps(all, lanes_, width_, constant(0), bound(elements()), into);
    for (size_t i = 0; i < steps.size(); ++i) {
      emitter.restore(scopes[i]);
      finish(emitter, steps[i].stage, into);
    }
  }

  /// Sets the totals of stage `stage` that were made `age` ticks before the last one.
  void recall(PointEmitter& emitter, size_t stage, int64_t age, Block& into) {
    for (const size_t number : loops_.loops[stage].reductions) {
      const ValueId total = nest_.value();
      into.push_back(Load{total, history_[number], constant(age)});
      set_total(emitter, number, total);
    }
  }

  /// The totals of a stage become the newest; the last stage stores what a row has one of.
  void finish(PointEmitter& emitter, size_t stage, Block& into) {
    for (size_t a = 0; a < accumulators_[stage].size(); ++a) {
      const size_t number = loops_.loops[stage].reductions[a];
      const ValueId total = accumulators_[stage][a].total(into);
      set_total(emitter, number, total);
      if (stage + 1 == stages()) continue;
      const ArrayId history = history_[number];
      for (int64_t age = nest_.array(history).elements - 1; age > 0; --age) {
        const ValueId older = nest_.value();
        into.push_back(Load{older, history, constant(age - 1)});
        into.push_back(Store{history, constant(age), older});
      }
      into.push_back(Store{history, constant(0), total});
    }
    if (stage + 1 < stages()) return;
    emitter.emit(row_points_, into);
    store_row_results(emitter, loops_.row_results, into);
  }

  RowLoops loops_;
  std::vector<std::vector<LaneAccumulator>> accumulators_;  // by stage and its reductions
  std::vector<ArrayId> history_;  // by reduction: its totals, the newest first; -1: none needed
  std::vector<ArrayId> saved_;    // by point
  int lanes_ = 0, width_ = 0;
  int64_t chunk_ = 0;  // rows
  /// Rows that the first stage is ahead of the second one. Two give the folding of its lanes the
  /// time of a row, where what it saves need not be told apart.
  int64_t lead_ = 1;
  PointEmitter::Scope outside_;
  Affine last_;  // row of the chunk
  double nanoseconds_ = 0;
};

/// Whether values are kept for the next stage only: scratch has room for one row.
bool saves_for_next(const RowLoops& loops) {
  for (size_t l = 0; l < loops.loops.size(); ++l) {
    for (const PointId id : loops.loops[l].points) {
      const int by = loops.saved_by[static_cast<size_t>(id)];
      if (by >= 0 && static_cast<size_t>(by) + 1 < l) return false;
    }
  }
  return true;
}

/// Whether the stages before the last only reduce, all with the same lanes.
bool stages_match(const RowLoops& loops) {
  for (const RowLoop& loop : loops.loops) {
    const bool is_last = &loop == &loops.loops.back();
    if (!is_last && !loop.results.empty()) return false;
    if (loop.lanes != loops.loops[0].lanes && !(is_last && loop.reductions.empty())) return false;
  }
  return loops.loops[0].lanes > 0;
}

}  // namespace

bool can_pipeline(const PlanContext& context, const PointGraph& graph, SizeFacts& facts) {
  const LoopGroup elements{graph.kept, static_cast<int>(graph.dimensions.size()) - graph.kept};
  std::vector<LoopGroup> groups = collapse(graph, 0, graph.kept);
  if (groups.size() != 1) return false;
  for (size_t operand = 0; operand < graph.operands.size(); ++operand) {
    if (!walks_as_one(graph, static_cast<int>(operand), elements)) return false;
  }
  for (const Point& point : graph.points) {
    const bool is_index = point.kind == Point::Kind::position && point.index >= graph.kept;
    if (is_index && elements.count > 1) return false;
  }
  groups.push_back(elements);
  if (!transposed_loads(graph, groups).operands.empty()) return false;
  const RowLoops loops = cut_row_loops(graph, true, {});
  if (loops.loops.size() < 2 || loops.loops.size() > most_stages) return false;
  if (!stages_match(loops) || !saves_for_next(loops)) return false;
  // The accumulators of all stages have registers. Where none is left they go to the stack and
  // back, which takes less than waiting for one stage after the other.
  int64_t bytes = 0;
  for (const RowLoop& loop : loops.loops) {
    for (const size_t number : loop.reductions) {
      if (ir::finds_position(graph.reductions[number].op)) return false;
      bytes += loop.lanes * byte_size(graph.reductions[number].dtype);
    }
  }
  const Target& target = context.target;
  if (bytes > target.vector_registers() * target.vector_bytes()) return false;
  const int64_t lanes = loops.loops[0].lanes;
  const auto has_at_most = [&](int64_t limit) {
    return elements.count == 1 ? facts.is_shorter(graph, elements, limit + 1)
                               : facts.holds_at_most(graph, graph.kept, elements.count, limit);
  };
  return !has_at_most(lanes) && has_at_most(lanes * run_length);
}

Plan plan_row_pipeline(const PlanContext& context, PointGraph graph, SizeFacts facts,
                       ProductRows* product) {
  return RowPipeline(context, std::move(graph), std::move(facts), product).run();
}

}  // namespace onepass::codegen
