// SPDX-License-Identifier: Apache-2.0
// One statement per point; loads get their affine index from the strides of their operand.
#include "onepass/codegen/point_emitter.h"

#include "onepass/runtime/error.h"

namespace onepass::codegen {

PointEmitter::PointEmitter(NestBuilder& nest, const PointGraph& graph,
                           std::vector<LoopGroup> groups)
    : nest_(nest), graph_(graph), groups_(std::move(groups)) {
  scope_.index.resize(groups_.size());
  scope_.values.assign(graph.points.size(), -1);
}

void PointEmitter::open(size_t group, Affine index) {
  scope_.open |= groups_[group].dimensions();
  scope_.index[group] = std::move(index);
}

void PointEmitter::open_at(size_t first, size_t last, const Affine& number,
                           std::vector<Statement>& into,
                           const std::function<void(std::vector<Statement>&)>& body) {
  if (first == last) {
    open(first, number);
    return body(into);
  }
  // What the extent of the last one divides is the number of those before it.
  const int extent = nest_.extent(groups_[last].first, groups_[last].count);
  const VariableId before = nest_.variable("g");
  For one = loop_over(LoopKind::fixed, before, {}, bound(over_parameter(number, extent)));
  const VariableId inside = nest_.variable("g");
  For rest = loop_over(LoopKind::fixed, inside, {},
                       bound(number + times_parameter(variable(before, -1), extent)));
  open(last, variable(inside));
  open_at(first, last - 1, variable(before), rest.body, body);
  one.body.push_back(std::move(rest));
  into.push_back(std::move(one));
}

ValueId PointEmitter::value(PointId point) const {
  const ValueId value = scope_.values[static_cast<size_t>(point)];
  internal_check(value >= 0, "a point is used before it is computed");
  return value;
}

Affine PointEmitter::extent(size_t group) {
  return parameter(nest_.extent(groups_[group].first, groups_[group].count));
}

Affine PointEmitter::window_element() {
  const Window& window = *graph_.window;
  Affine index;
  for (size_t g = 0; g < groups_.size(); ++g) {
    const int dimension = groups_[g].first;
    if (groups_[g].count == 0 || !(scope_.open & dimension_bit(dimension))) continue;
    const Affine& place = scope_.index[g];
    if (dimension == window.row) index = index + window.pitch * (place + -1 * nest_.window_begin());
    if (dimension == window.column) index = index + place;
  }
  return index;
}

Affine PointEmitter::stride(int operand, int dimension) {
  if (!graph_.window || operand != graph_.window->operand) {
    return parameter(nest_.stride(operand, dimension));
  }
  return constant(dimension == graph_.window->row ? graph_.window->pitch : 1);
}

Affine PointEmitter::element(int operand) {
  if (graph_.window && operand == graph_.window->operand) return window_element();
  Affine index;
  for (size_t g = 0; g < groups_.size(); ++g) {
    if (groups_[g].count == 0) continue;  // of no dimensions: one point
    const int dimension = groups_[g].last();
    if (!(scope_.open & dimension_bit(dimension)) || !graph_.moves(operand, dimension)) continue;
    const int64_t known = graph_.known_stride(operand, dimension);
    index =
        index + (known != 0 ? known * scope_.index[g]
                            : times_parameter(scope_.index[g], nest_.stride(operand, dimension)));
  }
  return index;
}

void PointEmitter::emit(std::span<const PointId> points, std::vector<Statement>& into) {
  for (const PointId id : points) {
    const Point& point = graph_.points[static_cast<size_t>(id)];
    if (has(id) || (point.depends & ~scope_.open) != 0) continue;
    if (point.kind == Point::Kind::accumulator) continue;
    bool ready = true;
    for (const PointId input : point.inputs) ready = ready && has(input);
    if (ready) emit_point(id, into);
  }
}

void PointEmitter::emit_position(const Point& point, ValueId result, std::vector<Statement>& into) {
  Affine index;
  for (size_t g = 0; g < groups_.size(); ++g) {
    if (groups_[g].first == point.index) index = point.step * scope_.index[g];
  }
  for (const auto& offset : point.offsets) {
    const bool is_constant = offset.start >= 0 && offset.step > 0;
    index = is_constant ? index + offset.scale * offset.start
                        : index + parameter(nest_.first_index(offset), offset.scale);
  }
  if (is_integer(point.dtype)) {
    into.push_back(IndexValue{result, point.dtype, index});
    return;
  }
  const ValueId integer = nest_.value();
  into.push_back(IndexValue{integer, DType::i64, index});
  into.push_back(Convert{result, integer, DType::i64, point.dtype});
}

void PointEmitter::emit_point(PointId id, std::vector<Statement>& into) {
  const Point& point = graph_.points[static_cast<size_t>(id)];
  const ValueId result = nest_.value();
  std::vector<ValueId> inputs;
  for (const PointId input : point.inputs) inputs.push_back(value(input));
  switch (point.kind) {
    case Point::Kind::load:
      into.push_back(Load{result, point.index, element(point.index)});
      break;
    case Point::Kind::constant:
      into.push_back(Constant{result, point.dtype, point.bits});
      break;
    case Point::Kind::scalar:
      into.push_back(ScalarArgument{result, point.dtype, point.index});
      break;
    case Point::Kind::position:
      emit_position(point, result, into);
      break;
    case Point::Kind::compute:
      into.push_back(
          Compute{result, point.op, point.operand_dtype, std::move(inputs), point.exponent});
      break;
    case Point::Kind::convert:
      into.push_back(Convert{result, inputs[0], point.operand_dtype, point.dtype});
      break;
    case Point::Kind::accumulator:
      throw InternalError("an accumulator is no statement");
  }
  scope_.values[static_cast<size_t>(id)] = result;
}

void PointEmitter::store_results(std::vector<Statement>& into) {
  for (size_t i = 0; i < graph_.results.size(); ++i) {
    const int operand = graph_.first_result_operand + static_cast<int>(i);
    into.push_back(Store{operand, element(operand), value(graph_.results[i])});
  }
}

}  // namespace onepass::codegen
