// SPDX-License-Identifier: Apache-2.0
// Roots and epilogues of reductions, and loops over their dimensions.
#include "onepass/codegen/reduction_planner.h"

#include <algorithm>

#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

std::vector<LoopGroup> joined(std::vector<LoopGroup> a, const std::vector<LoopGroup>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<PointId> all_roots(const PointGraph& graph) {
  return reachable(graph, graph.reductions.at(0).roots);
}

}  // namespace

ReductionPlanner::ReductionPlanner(const PlanContext& context, PointGraph graph, SizeFacts facts,
                                   ReductionSpace space)
    : context_(context),
      graph_(std::move(graph)),
      facts_(std::move(facts)),
      space_(space),
      kept_(collapse(graph_, space.kept_first, space.kept_count)),
      reduced_(collapse(graph_, space.reduced_first, space.reduced_count)),
      root_points_(all_roots(graph_)),
      result_points_(reachable(graph_, graph_.results)),
      cost_(body_cost(graph_, root_points_, context.target)),
      nest_(context, graph_) {
  internal_check(graph_.reductions.size() == 1, "a kernel holds more than one reduction");
}

Plan ReductionPlanner::run() {
  plan_phases();
  Plan plan;
  plan.nest = nest_.finish();
  plan.validity = facts_.take();
  plan.walk.way = way();
  plan.may_alias.assign(context_.fused.body->inputs.size(), false);
  return plan;
}

PointEmitter ReductionPlanner::start_phase(Block& entry) {
  PointEmitter emitter(nest_, graph_, joined(kept_, reduced_));
  emitter.emit(root_points_, entry);
  emitter.emit(result_points_, entry);
  return emitter;
}

void ReductionPlanner::at_reduced(PointEmitter& emitter, const Affine& index, Block& into,
                                  const std::function<void(Block&)>& body) {
  const PointEmitter::Scope outside = emitter.scope();
  if (reduced_.empty()) {
    body(into);
  } else {
    emitter.open_at(kept_.size(), kept_.size() + reduced_.size() - 1, index, into, body);
  }
  emitter.restore(outside);
}

Affine ReductionPlanner::kept_position(const PointEmitter& emitter) {
  const int end = space_.kept_first + space_.kept_count;
  Affine position;
  for (size_t g = 0; g < kept_.size(); ++g) {
    const int inside = end - kept_[g].last() - 1;
    const Affine& place = emitter.scope().index[g];
    position =
        position +
        (inside == 0 ? place : times_parameter(place, nest_.extent(kept_[g].last() + 1, inside)));
  }
  return position;
}

std::vector<ValueId> ReductionPlanner::roots(PointEmitter& emitter, const Affine& index,
                                             Block& into) {
  emitter.emit(root_points_, into);
  std::vector<ValueId> values;
  for (const PointId root : reduction().roots) values.push_back(emitter.value(root));
  if (ir::finds_position(reduction().op)) {
    values.push_back(nest_.value());
    into.push_back(IndexValue{values.back(), DType::i64, index});
  }
  return values;
}

std::vector<ArrayId> ReductionPlanner::partials(const ReductionTree& tree, int64_t elements,
                                                int64_t chunk) {
  std::vector<ArrayId> arrays;
  for (const ArrayId accumulator : tree.accumulators()) {
    arrays.push_back(nest_.workspace(nest_.array(accumulator).dtype, elements, space_.reduced_first,
                                     space_.reduced_count, chunk));
  }
  return arrays;
}

void ReductionPlanner::store_partials(const ReductionTree& tree,
                                      const std::vector<ArrayId>& partials, const Affine& place,
                                      Block& into) {
  for (size_t i = 0; i < partials.size(); ++i) {
    const ValueId value = nest_.value();
    into.push_back(Load{value, tree.accumulators()[i], constant(0)});
    into.push_back(Store{partials[i], place, value});
  }
}

void ReductionPlanner::load_partials(const ReductionTree& tree,
                                     const std::vector<ArrayId>& partials, const Affine& place,
                                     Block& into) {
  for (size_t i = 0; i < partials.size(); ++i) {
    const ValueId value = nest_.value();
    into.push_back(Load{value, partials[i], place});
    into.push_back(Store{tree.accumulators()[i], constant(0), value});
  }
}

void ReductionPlanner::finish(PointEmitter& emitter, ValueId result, Block& into) {
  for (size_t i = 0; i < graph_.points.size(); ++i) {
    if (graph_.points[i].kind == Point::Kind::accumulator) {
      emitter.set_value(static_cast<PointId>(i), result);
    }
  }
  emitter.emit(result_points_, into);
  emitter.store_results(into);
}

void ReductionPlanner::open_kept(PointEmitter& emitter, size_t group, Affine index, Block& into) {
  emitter.open(group, std::move(index));
  emitter.emit(result_points_, into);
  emitter.emit(root_points_, into);
}

void ReductionPlanner::kept_loops(PointEmitter& emitter, size_t group, size_t end, Block& into,
                                  const std::function<void(Block&)>& innermost) {
  if (group >= end) return innermost(into);
  const VariableId index = nest_.variable("k");
  For loop = loop_over(LoopKind::serial, index, {}, bound(emitter.extent(group)));
  const PointEmitter::Scope outside = emitter.scope();
  open_kept(emitter, group, variable(index), loop.body);
  kept_loops(emitter, group + 1, end, loop.body, innermost);
  emitter.restore(outside);
  into.push_back(std::move(loop));
}

}  // namespace onepass::codegen
