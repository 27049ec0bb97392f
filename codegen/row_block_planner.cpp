// SPDX-License-Identifier: Apache-2.0
// Loops over blocks of rows, and values that a row has one of.
#include "onepass/codegen/row_block_planner.h"

#include <algorithm>
#include <numeric>

namespace onepass::codegen {

const RowLoops& RowBlockPlanner::plan_phases() {
  choose();
  const auto start = [&](Block& entry) {
    PointEmitter emitter = start_phase(entry);
    emit_constants(entry);
    return emitter;
  };
  if (product_ != nullptr) {
    plan_product(nanoseconds_, start,
                 [&](PointEmitter& emitter, const Affine& first, const Affine& end, Block& into) {
                   all_blocks(emitter, first, end, into);
                 });
    return loops_;
  }
  Block phase;
  PointEmitter emitter = start(phase);
  plan_loops(emitter, std::move(phase));
  return loops_;
}

void RowBlockPlanner::plan_loops(PointEmitter& emitter, Block phase) {
  const size_t cut = parallel_group();
  const VariableId index = nest_.variable("i");
  const int64_t chunk = cut == row_group() ? block_ : 1;
  const Affine extent = emitter.extent(row_group());
  For parallel = loop_over(LoopKind::parallel, index, {}, bound(emitter.extent(cut)), chunk);
  std::vector<size_t> others(row_group());
  std::iota(others.begin(), others.end(), size_t{0});
  if (cut == row_group()) {
    each_kept(emitter, others, 0, parallel.body,
              [&](Block& into) { walk_block(emitter, variable(index), extent, into); });
  } else {
    open_kept(emitter, cut, variable(index), parallel.body);
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(cut));
    each_kept(emitter, others, 0, parallel.body,
              [&](Block& into) { all_blocks(emitter, {}, extent, into); });
  }
  phase.push_back(std::move(parallel));
  nest_.add_phase(std::move(phase), nest_.extent(kept_[cut].first, kept_[cut].count), chunk,
                  nanoseconds_);
}

/// Rows [first, end) of the innermost group share vectors.
void RowBlockPlanner::all_blocks(PointEmitter& emitter, const Affine& first, const Affine& end,
                                 Block& into) {
  const VariableId block = nest_.variable("d");
  For blocks = loop_over(LoopKind::serial, block, first, bound(end), block_);
  walk_block(emitter, variable(block), end, blocks.body);
  into.push_back(std::move(blocks));
}

int RowBlockPlanner::widest(const RowLoop& loop) const {
  int bytes = 1;
  for (const PointId id : loop.points) bytes = std::max(bytes, byte_size(point(id).dtype));
  return bytes;
}

void RowBlockPlanner::find_row_values() {
  row_values_.assign(graph_.points.size(), -1);
  has_row_value_.assign(graph_.points.size(), false);
  for (size_t i = 0; i < graph_.points.size(); ++i) {
    const Point& p = graph_.points[i];
    if (p.kind == Point::Kind::accumulator) {
      row_values_[i] = nest_.scratch("total", p.dtype, block_);
    }
    if (!varies(static_cast<PointId>(i))) continue;
    for (const PointId input : p.inputs) {
      ArrayId& array = row_values_[static_cast<size_t>(input)];
      const Point& value = point(input);
      const bool is_computed =
          value.kind == Point::Kind::compute || value.kind == Point::Kind::convert;
      if (array >= 0 || varies(input) || value.depends == 0 || !is_computed) continue;
      array = nest_.scratch("value", value.dtype, block_);
    }
  }
}

void RowBlockPlanner::keep_row_values(PointEmitter& emitter, const RowLoop& loop,
                                      const Total& total, Block& into) {
  const PointEmitter::Scope outside = emitter.scope();
  std::vector<bool> has = has_row_value_;
  rows_.each(into, 1, [&](VariableId row, Block& body) {
    emitter.open(row_group(), variable(row));
    for (const size_t number : loop.reductions)
      set_total(emitter, number, total(number, row, body));
    std::vector<PointId> missing;
    for (size_t i = 0; i < graph_.points.size(); ++i) {
      if (row_values_[i] >= 0 && !has[i]) missing.push_back(static_cast<PointId>(i));
    }
    open_row(emitter, row, missing, body);
    for (const PointId id : missing) {
      if (!emitter.has(id)) continue;
      body.push_back(
          Store{row_values_[static_cast<size_t>(id)], rows_.place(row), emitter.value(id)});
      has[static_cast<size_t>(id)] = true;
    }
  });
  emitter.restore(outside);
  has_row_value_ = std::move(has);
}

void RowBlockPlanner::open_row(PointEmitter& emitter, VariableId row,
                               const std::vector<PointId>& needed, Block& into) {
  emitter.open(row_group(), variable(row));
  std::vector<PointId> open = needed, found;
  std::vector<bool> seen(graph_.points.size(), false);
  while (!open.empty()) {
    const PointId id = open.back();
    open.pop_back();
    const auto i = static_cast<size_t>(id);
    if (seen[i] || emitter.has(id)) continue;
    seen[i] = true;
    if (has_row_value_[i]) {
      const ValueId value = nest_.value();
      into.push_back(Load{value, row_values_[i], rows_.place(row)});
      emitter.set_value(id, value);
      continue;
    }
    if (!varies(id)) found.push_back(id);
    if (turned_[i] >= 0) continue;
    open.insert(open.end(), point(id).inputs.begin(), point(id).inputs.end());
  }
  std::sort(found.begin(), found.end());
  emitter.emit(found, into);
}

std::vector<PointId> RowBlockPlanner::graph_points_of(const std::vector<size_t>& results) const {
  std::vector<PointId> points;
  for (const size_t result : results) points.push_back(graph_.results[result]);
  return points;
}

/// Reductions and results may be of values that do not vary along a row.
std::vector<PointId> RowBlockPlanner::needed_by(const RowLoop& loop) const {
  std::vector<PointId> points = graph_points_of(loop.results);
  for (const size_t number : loop.reductions) points.push_back(reduction(number).roots[0]);
  points.insert(points.end(), loop.points.begin(), loop.points.end());
  return points;
}

/// What the loop finds in scratch.
void RowBlockPlanner::read(PointEmitter& emitter, const RowLoop& loop, PointId id,
                           const Affine& here, Block& into) {
  const auto i = static_cast<size_t>(id);
  const bool is_made_here = std::binary_search(loop.saved.begin(), loop.saved.end(), id);
  const ArrayId array = turned_[i] >= 0 ? turned_[i] : is_made_here ? -1 : saved_[i];
  if (array < 0) return;
  const ValueId value = nest_.value();
  into.push_back(Load{value, array, here});
  emitter.set_value(id, value);
}

void RowBlockPlanner::one_element(PointEmitter& emitter, const RowLoop& loop, const Affine& element,
                                  VariableId row, Block& into) {
  const Affine here = rows_.place(element, row);
  for (const PointId id : loop.points) read(emitter, loop, id, here, into);
  open_row(emitter, row, needed_by(loop), into);
  emitter.emit(loop.points, into);
  keep(emitter, loop, element, here, into);
}

void RowBlockPlanner::each_element(PointEmitter& emitter, const RowLoop& loop, int unroll,
                                   Block& into) {
  const PointEmitter::Scope outside = emitter.scope();
  const VariableId element = nest_.variable("e");
  For all = loop_over(LoopKind::serial, element, {}, bound(elements()));
  emitter.open(element_group(), variable(element));
  emitter.emit(loop.points, all.body);
  const int vectors =
      std::min<int>(unroll, vector_width(loop, 0) / context_.target.lanes(widest(loop)));
  rows_.each(all.body, std::max(vectors, 1), [&](VariableId row, Block& body) {
    one_element(emitter, loop, variable(element), row, body);
  });
  emitter.restore(outside);
  into.push_back(std::move(all));
}

void RowBlockPlanner::finish_rows(PointEmitter& emitter, Block& into) {
  const PointEmitter::Scope outside = emitter.scope();
  rows_.each(into, 1, [&](VariableId row, Block& body) {
    open_row(emitter, row, graph_points_of(loops_.row_results), body);
    store_row_results(emitter, loops_.row_results, body);
  });
  emitter.restore(outside);
  std::fill(has_row_value_.begin(), has_row_value_.end(), false);
}

}  // namespace onepass::codegen
