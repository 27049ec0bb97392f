// SPDX-License-Identifier: Apache-2.0
// Packing, loops over kept dimensions, and the body of a vector loop over a row.
#include "onepass/codegen/row_planner.h"

#include <algorithm>
#include <numeric>

#include "onepass/codegen/aliasing.h"
#include "onepass/codegen/body_cost.h"
#include "onepass/codegen/streaming.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/schedule.h"

namespace onepass::codegen {
namespace {

std::vector<LoopGroup> with(std::vector<LoopGroup> groups, const LoopGroup& last) {
  groups.push_back(last);
  return groups;
}

}  // namespace

RowPlanner::RowPlanner(const PlanContext& context, PointGraph graph, SizeFacts facts,
                       ProductRows* product)
    : context_(context),
      graph_(std::move(graph)),
      facts_(std::move(facts)),
      product_(product),
      kept_(product != nullptr ? product->kept() : collapse(graph_, 0, graph_.kept)),
      nest_(context, product != nullptr ? product->kernel() : graph_),
      turned_(graph_.points.size(), -1) {
  for (size_t i = 0; i < graph_.points.size(); ++i) {
    const DimensionSet elements = element_dimensions().dimensions();
    if ((graph_.points[i].depends & elements) == 0) row_points_.push_back(static_cast<PointId>(i));
  }
}

Plan RowPlanner::run() {
  find_packed();
  if (has_packed_) pack();
  const RowLoops& loops = plan_phases();
  if (has_packed_results_) unpack();
  Plan plan;
  plan.nest = nest_.finish();
  plan.validity = facts_.take();
  plan.valid_products = facts_.take_products();
  plan.may_alias = in_place_operands(loops);
  plan.walk = describe_walk(loops);
  if (product_ == nullptr) return plan;
  plan.walk.way = product_->describe() + ", " + plan.walk.way;
  plan.may_alias.assign(plan.may_alias.size(), false);
  return plan;
}

void RowPlanner::plan_product(double nanoseconds,
                              const std::function<PointEmitter(Block& entry)>& start,
                              const std::function<void(PointEmitter& emitter, const Affine& first,
                                                       const Affine& end, Block& into)>& walk) {
  product_->plan_phase(nest_, [&](const std::vector<Affine>& batch, const Affine& first,
                                  const Affine& end, Block& into) {
    PointEmitter emitter = start(into);
    for (size_t g = 0; g < batch.size(); ++g) open_kept(emitter, g, batch[g], into);
    walk(emitter, first, end, into);
  });
  nest_.add_result_cost(static_cast<int>(graph_.dimensions.size()), nanoseconds);
}

/// Counts what the second loop over a row and later ones read, and what is kept for them.
Walk RowPlanner::describe_walk(const RowLoops& loops) const {
  int64_t elements = 1, row = 1;
  for (size_t d = 0; d < graph_.dimensions.size(); ++d) {
    const int64_t extent = context_.graph.captured_extent(graph_.dimensions[d]);
    elements = runtime::saturating_multiply(elements, extent);
    if (static_cast<int>(d) >= graph_.kept) row = runtime::saturating_multiply(row, extent);
  }
  const int64_t strip = runtime::saturating_multiply(row, rows_at_once());
  int64_t again = 0, distinct = 0;
  std::vector<bool> seen(graph_.points.size(), false);
  for (const RowLoop& loop : loops.loops) {
    for (const PointId id : loop.points) {
      const Point& point = graph_.points[static_cast<size_t>(id)];
      const int64_t bytes = byte_size(point.dtype);
      const int saved_by = loops.saved_by[static_cast<size_t>(id)];
      const bool saves = std::binary_search(loop.saved.begin(), loop.saved.end(), id);
      if (point.kind == Point::Kind::load || saved_by >= 0) {
        (seen[static_cast<size_t>(id)] || saves ? again : distinct) += bytes;
      }
      if (saves) distinct += bytes;
      seen[static_cast<size_t>(id)] = true;
    }
  }
  return {way(), static_cast<int>(loops.loops.size()),
          runtime::saturating_multiply(again, elements),
          runtime::saturating_multiply(distinct, rows_in_turn() ? strip : elements)};
}

/// Operands that every result walks alike and that no loop reads after one has stored.
std::vector<bool> RowPlanner::in_place_operands(const RowLoops& loops) const {
  std::vector<bool> safe(context_.fused.body->inputs.size(), true);
  const auto reads = [&](const RowLoop& loop, int operand) {
    return std::any_of(loop.points.begin(), loop.points.end(), [&](PointId id) {
      const Point& point = graph_.points[static_cast<size_t>(id)];
      return point.kind == Point::Kind::load && point.index == operand;
    });
  };
  for (int operand = 0; operand < graph_.first_result_operand; ++operand) {
    bool ok = true, stored = false;
    for (const RowLoop& loop : loops.loops) {
      ok = ok && !(stored && reads(loop, operand));
      stored = stored || !loop.results.empty();
    }
    for (size_t r = 0; r < graph_.results.size(); ++r) {
      ok = ok && walks_alike(graph_, operand, graph_.first_result_operand + static_cast<int>(r));
    }
    const auto array = static_cast<size_t>(graph_.operands[static_cast<size_t>(operand)].array);
    safe[array] = safe[array] && ok;
  }
  return safe;
}

bool RowPlanner::has_at_most(int64_t limit) {
  if (element_count() == 1) return facts_.is_shorter(graph_, element_dimensions(), limit + 1);
  return facts_.holds_at_most(graph_, graph_.kept, element_count(), limit);
}

std::vector<PointId> RowPlanner::given_points() const {
  std::vector<PointId> given;
  for (size_t i = 0; i < packed_.size(); ++i) {
    if (packed_[i] >= 0 || gathered_[i] >= 0 || turned_[i] >= 0)
      given.push_back(static_cast<PointId>(i));
  }
  return given;
}

PointEmitter RowPlanner::start_phase(Block& entry) {
  PointEmitter emitter(nest_, graph_, with(kept_, element_dimensions()));
  emitter.emit(row_points_, entry);
  return emitter;
}

PointEmitter RowPlanner::start_phase(std::vector<std::vector<LaneAccumulator>>& accumulators,
                                     Block& entry) {
  PointEmitter emitter = start_phase(entry);
  for (auto& list : accumulators) {
    for (LaneAccumulator& a : list) a.emit_constants(elements(), entry);
  }
  return emitter;
}

void RowPlanner::open_kept(PointEmitter& emitter, size_t group, Affine index, Block& into) {
  emitter.open(group, std::move(index));
  emitter.emit(row_points_, into);
}

void RowPlanner::each_kept(PointEmitter& emitter, const std::vector<size_t>& order, size_t next,
                           Block& into, const std::function<void(Block&)>& innermost) {
  if (next == order.size()) return innermost(into);
  const VariableId index = nest_.variable("k");
  For loop = loop_over(LoopKind::serial, index, {}, bound(emitter.extent(order[next])));
  const PointEmitter::Scope outside = emitter.scope();
  open_kept(emitter, order[next], variable(index), loop.body);
  each_kept(emitter, order, next + 1, loop.body, innermost);
  emitter.restore(outside);
  into.push_back(std::move(loop));
}

void RowPlanner::all_kept(PointEmitter& emitter, Block& into,
                          const std::function<void(Block&)>& innermost) {
  std::vector<size_t> order(kept_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  each_kept(emitter, order, 0, into, innermost);
}

Affine RowPlanner::row_number(const PointEmitter& emitter, int64_t scale) {
  Affine position;
  for (size_t g = 0; g < kept_.size(); ++g) {
    const int inside = graph_.kept - kept_[g].last() - 1;
    const Affine place = scale * emitter.scope().index[g];
    position =
        position +
        (inside == 0 ? place : times_parameter(place, nest_.extent(kept_[g].last() + 1, inside)));
  }
  return position;
}

void RowPlanner::emit_elements(PointEmitter& emitter, const Walk& walk,
                               std::vector<LaneAccumulator>& accumulators, const Affine& part,
                               VariableId lane, Block& into, Block& stores) {
  const PointEmitter::Scope outside = emitter.scope();
  emitter.open(element_group(), variable(lane));
  const auto read = [&](PointId id, ArrayId array, Affine index) {
    const ValueId value = nest_.value();
    into.push_back(Load{value, array, std::move(index)});
    emitter.set_value(id, value);
  };
  std::vector<ArrayId> saved(graph_.points.size(), -1);
  if (walk.saved != nullptr) saved = *walk.saved;
  const auto stored_here = [&](PointId id) {
    return std::binary_search(walk.loop.saved.begin(), walk.loop.saved.end(), id);
  };
  for (const PointId id : walk.loop.points) {
    const auto i = static_cast<size_t>(id);
    if (packed_[i] >= 0) {
      read(id, packed_[i], flat_index(emitter));
    } else if (gathered_[i] >= 0) {
      read(id, gathered_[i], variable(lane) + -1 * gathered_place_);
    } else if (turned_[i] >= 0) {
      read(id, turned_[i], turned_place_ + variable(lane));
    } else if (saved[i] >= 0 && !stored_here(id)) {
      read(id, saved[i], variable(lane));
    }
  }
  emitter.emit(walk.loop.points, into);
  for (const PointId id : walk.loop.saved) {
    into.push_back(Store{saved[static_cast<size_t>(id)], variable(lane), emitter.value(id)});
  }
  for (const size_t result : walk.loop.results) {
    const int operand = graph_.first_result_operand + static_cast<int>(result);
    const bool packed = packed_results_[result] >= 0;
    stores.push_back(Store{packed ? packed_results_[result] : operand,
                           packed ? flat_index(emitter) : emitter.element(operand),
                           emitter.value(graph_.results[result])});
  }
  for (size_t a = 0; a < accumulators.size(); ++a) {
    const Reduction& reduction = graph_.reductions[walk.loop.reductions[a]];
    accumulators[a].accumulate(part, emitter.value(reduction.roots[0]), variable(lane), into);
  }
  emitter.restore(outside);
}

RowPlanner::Elements RowPlanner::all_of(PointEmitter& emitter, const Walk& walk,
                                        std::vector<LaneAccumulator>& accumulators) {
  return [&, walk](const Affine& part, VariableId lane, Block& into) {
    Block stores;
    emit_elements(emitter, walk, accumulators, part, lane, into, stores);
    into.insert(into.end(), stores.begin(), stores.end());
  };
}

For RowPlanner::part_loop(const Elements& elements, int width, const Affine& part,
                          const Affine& begin, const std::optional<Affine>& end) {
  const VariableId lane = nest_.variable("j");
  Bound last = bound(begin + width);
  if (end) last.smallest_of.push_back(*end);
  For vector = loop_over(LoopKind::vector, lane, begin, std::move(last), width);
  vector.single = true;
  vector.exact = !end;
  elements(part, lane, vector.body);
  return vector;
}

void RowPlanner::row_steps(const Elements& elements, int lanes, int width, const Affine& begin,
                           const Bound& end, Block& into) {
  const int parts = lanes / width;
  if (parts == 1) {
    const VariableId lane = nest_.variable("j");
    For vector = loop_over(LoopKind::vector, lane, begin, end, width);
    elements(constant(0), lane, vector.body);
    into.push_back(std::move(vector));
    return;
  }
  const VariableId step = nest_.variable("s");
  For whole = loop_over(LoopKind::serial, step, begin, end, lanes);
  const auto all_parts = [&](const std::optional<Affine>& last, Block& body) {
    const VariableId part = nest_.variable("u");
    For unrolled = loop_over(LoopKind::unrolled, part, {}, bound(constant(parts)));
    unrolled.body.push_back(
        part_loop(elements, width, variable(part), variable(step) + variable(part, width), last));
    body.push_back(std::move(unrolled));
  };
  all_parts(std::nullopt, whole.body);
  all_parts(this->elements(), whole.rest);
  into.push_back(std::move(whole));
}

void RowPlanner::clear(std::vector<LaneAccumulator>& accumulators, int width, const Affine& begin,
                       Block& into) {
  int64_t parts = 0;
  for (const LaneAccumulator& a : accumulators) {
    a.clear(into);
    if (a.finds_position()) parts = a.parts();
  }
  const Elements place = [&](const Affine& part, VariableId lane, Block& body) {
    for (LaneAccumulator& a : accumulators) {
      if (a.finds_position()) a.place(part, variable(lane), begin, body);
    }
  };
  for (int64_t part = 0; part < parts; ++part) {
    into.push_back(part_loop(place, width, constant(part), begin + part * width, elements()));
  }
}

int RowPlanner::vector_width(const RowLoop& loop, int lanes) const {
  BodyCost cost = body_cost(graph_, loop.points, context_.target);
  for (const size_t number : loop.reductions) {
    if (ir::finds_position(graph_.reductions[number].op)) {
      cost.widest_bytes = std::max(cost.widest_bytes, byte_size(DType::i32));
    }
  }
  const int width = context_.target.lanes(cost.widest_bytes) * vector_unroll(cost, context_.target);
  return lanes == 0 ? width : std::min(width, lanes);
}

double RowPlanner::loop_nanoseconds(const RowLoop& loop) const {
  return body_cost(graph_, loop.points, context_.target).nanoseconds;
}

void RowPlanner::stream_results() {
  if (element_count() == 0) return;
  const int64_t limit = context_.target.last_level_bytes();
  for (const int operand : streamed_results(graph_, facts_, element_dimensions().last(), limit)) {
    nest_.stream(operand);
  }
}

void RowPlanner::store_row_results(PointEmitter& emitter, const std::vector<size_t>& results,
                                   Block& into) {
  for (const size_t result : results) {
    const int operand = graph_.first_result_operand + static_cast<int>(result);
    into.push_back(Store{operand, emitter.element(operand), emitter.value(graph_.results[result])});
  }
}

void RowPlanner::set_total(PointEmitter& emitter, size_t reduction, ValueId total) const {
  for (size_t i = 0; i < graph_.points.size(); ++i) {
    const Point& point = graph_.points[i];
    const bool is_it =
        point.kind == Point::Kind::accumulator && point.index == static_cast<int>(reduction);
    if (is_it) emitter.set_value(static_cast<PointId>(i), total);
  }
}

}  // namespace onepass::codegen
