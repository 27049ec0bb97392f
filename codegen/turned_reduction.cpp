// SPDX-License-Identifier: Apache-2.0
// Statements that turn lines over: blocks of rows and columns, or stretches of single columns,
// whose runs of 16 rows become the lanes of vectors and whose sums are turned over in turn.
#include "onepass/codegen/turned_reduction.h"

#include <algorithm>

#include "onepass/codegen/transposed_loads.h"

namespace onepass::codegen {
namespace {

/// Lines in step with the sets of a cache would push each other out.
constexpr int64_t skew = 16;

}  // namespace

void TurnedReduction::find_turned(int64_t block, int lanes) {
  if (kept_.empty() || reduced_.size() != 1) return;
  const TransposedLoads loads = transposed_loads(graph_, {reduced_[0], kept_.back()});
  block_columns_ = block;
  pitch_ = block + skew;
  for (const int operand : loads.operands) {
    const DType dtype = graph_.operands[static_cast<size_t>(operand)].dtype;
    Turned turned{operand, nest_.scratch("turned", dtype, turned_rows * pitch_), -1, {}};
    for (size_t i = 0; i < graph_.points.size(); ++i) {
      const Point& point = graph_.points[i];
      const bool loads_it = point.kind == Point::Kind::load && point.index == operand;
      if (loads_it) turned.points.push_back(static_cast<PointId>(i));
    }
    turned_.push_back(std::move(turned));
  }
  if (turns() && all_lie_along()) choose_strips(lanes);
}

void TurnedReduction::choose_strips(int lanes) {
  const DType dtype = reduction().dtype;
  const int width = context_.target.lanes(std::max(byte_size(dtype), cost_.widest_bytes));
  if (facts_.is_shorter(graph_, reduced_[0], width * run_length)) return;
  width_ = width;
  at_once_ = std::min<int64_t>(width, run_length);
  for (const Turned& turned : turned_) {
    const int64_t size = byte_size(graph_.operands[static_cast<size_t>(turned.operand)].dtype);
    at_once_ = std::min(at_once_, turned_bytes / size);
  }
  for (Turned& turned : turned_) {
    const DType read = graph_.operands[static_cast<size_t>(turned.operand)].dtype;
    turned.lines = nest_.registers("lines", read, at_once_, width);
  }
  run_sums_.emplace(nest_, reduction(), width, width, false);
  sums_ = {nest_.scratch("sums", dtype, stretch_rows * sums_per_row())};
  const int64_t at_once = std::min<int64_t>(turned_bytes / byte_size(dtype), lanes);
  taken_ = nest_.registers("run", dtype, at_once, lanes);
}

/// Whether what is turned over is all that moves along the reduced dimension.
bool TurnedReduction::all_lie_along() const {
  if (reduction().product || ir::finds_position(reduction().op)) return false;
  return std::all_of(root_points_.begin(), root_points_.end(), [&](PointId id) {
    const Point& point = graph_.points[static_cast<size_t>(id)];
    if (point.kind == Point::Kind::position) {
      return (point.depends & reduced_[0].dimensions()) == 0;
    }
    if (point.kind != Point::Kind::load) return true;
    return !graph_.moves(point.index, reduced_[0].last()) ||
           std::any_of(turned_.begin(), turned_.end(),
                       [&](const Turned& t) { return t.operand == point.index; });
  });
}

PointEmitter TurnedReduction::start_turned_phase(Block& entry) {
  PointEmitter emitter = start_phase(entry);
  if (run_sums_) run_sums_->emit_identity(entry);
  return emitter;
}

void TurnedReduction::turn_over(PointEmitter& emitter, const Affine& first, const Bound& end,
                                const Columns& block, Block& into) {
  const auto less = [](Bound bound, const Affine& begin, int64_t most) {
    for (Affine& a : bound.smallest_of) a = a + -1 * begin;
    bound.smallest_of.push_back(constant(most));
    return bound;
  };
  const PointEmitter::Scope outside = emitter.scope();
  emitter.open(last_group(), block.begin);
  emitter.open(kept_groups(), first);
  for (const Turned& turned : turned_) {
    const Affine stride = parameter(nest_.stride(turned.operand, kept_.back().last()));
    into.push_back(Transpose{turned.scratch, turned.operand, emitter.element(turned.operand),
                             stride, less(end, first, turned_rows),
                             less(block.end, block.begin, block_columns_), pitch_});
  }
  emitter.restore(outside);
}

void TurnedReduction::read_turned(PointEmitter& emitter, const Affine& row, const Columns& block,
                                  VariableId lane, Block& into) {
  for (const Turned& turned : turned_) {
    const ValueId value = nest_.value();
    into.push_back(Load{value, turned.scratch, pitch_ * row + variable(lane) + -1 * block.begin});
    for (const PointId point : turned.points) emitter.set_value(point, value);
  }
}

void TurnedReduction::sum_runs(PointEmitter& emitter, const Affine& first, const Bound& end,
                               const Columns& block, Block& into) {
  const VariableId column = nest_.variable("a"), strip = nest_.variable("t");
  For columns = loop_over(LoopKind::serial, column, block.begin, block.end);
  const PointEmitter::Scope outside = emitter.scope();
  open_kept(emitter, last_group(), variable(column), columns.body);
  Bound strips = bound(constant(stretch_rows / strip_rows()));
  for (const Affine& a : end.smallest_of) {
    strips.smallest_of.push_back((a + -1 * first) / strip_rows());
  }
  For all = loop_over(LoopKind::serial, strip, {}, std::move(strips));
  const Affine sums = variable(strip, strip_rows() * sums_per_row()) +
                      width_ * (variable(column) + -1 * block.begin);
  sum_strip(emitter, first + variable(strip, strip_rows()), sums, all.body);
  emitter.restore(outside);
  columns.body.push_back(std::move(all));
  into.push_back(std::move(columns));
}

/// Runs become lanes: element q of each run lies 16 elements from that of the next.
void TurnedReduction::sum_strip(PointEmitter& emitter, const Affine& first, const Affine& sums,
                                Block& into) {
  const PointEmitter::Scope outside = emitter.scope();
  const auto vector_loop = [&](Block& body, const auto& statements) {
    const VariableId lane = nest_.variable("j");
    For vector = loop_over(LoopKind::vector, lane, {}, bound(constant(width_)), width_);
    vector.single = vector.exact = true;
    statements(lane, vector.body);
    body.push_back(std::move(vector));
  };
  run_sums_->clear(into);
  for (int64_t part = 0; part < run_length; part += at_once_) {
    emitter.open(kept_groups(), first + part);
    for (const Turned& turned : turned_) {
      into.push_back(LoadTurned{turned.lines, turned.operand, emitter.element(turned.operand),
                                constant(run_length)});
    }
    emitter.restore(outside);
    const VariableId row = nest_.variable("q");
    For rows = loop_over(LoopKind::unrolled, row, {}, bound(constant(at_once_)));
    vector_loop(rows.body, [&](VariableId lane, Block& body) {
      emitter.open(kept_groups(), first + part + variable(lane, run_length) + variable(row));
      for (const Turned& turned : turned_) {
        const ValueId value = nest_.value();
        body.push_back(Load{value, turned.lines, variable(row)});
        for (const PointId point : turned.points) emitter.set_value(point, value);
      }
      emitter.emit(root_points_, body);
      run_sums_->accumulate({}, emitter.value(reduction().roots[0]), {}, body);
      emitter.restore(outside);
    });
    into.push_back(std::move(rows));
  }
  vector_loop(into, [&](VariableId lane, Block& body) {
    run_sums_->store({}, sums_, sums + variable(lane), body);
  });
}

void TurnedReduction::take_sums(const Affine& rows, const Affine& column, const Affine& first,
                                Block& into) {
  into.push_back(LoadTurned{taken_, sums_[0], sums_per_row() * rows + width_ * column + first,
                            constant(width_)});
}

}  // namespace onepass::codegen
