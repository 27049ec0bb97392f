// SPDX-License-Identifier: Apache-2.0
// Copies of operands: rows of the left one with k side by side, panels of the right one with the
// columns of a tile side by side.
#include "onepass/codegen/contraction_packing.h"

namespace onepass::codegen {
namespace {

bool is_plain_load(const PointGraph& graph, PointId root, const LoopGroup& along) {
  const Point& point = graph.points[static_cast<size_t>(root)];
  return point.kind == Point::Kind::load && graph.known_stride(point.index, along.last()) == 1;
}

}  // namespace

ContractionPacking::ContractionPacking(const PointGraph& graph, const ContractionSpace& space,
                                       const Blocking& blocking, NestBuilder& nest,
                                       PointEmitter& emitter)
    : graph_(graph),
      space_(space),
      blocking_(blocking),
      nest_(nest),
      emitter_(emitter),
      dtype_(graph.reductions[0].dtype),
      lanes_(blocking.lanes) {
  left_.root = graph.reductions[0].roots[0];
  left_.points = reachable(graph, {left_.root});
  if (blocking.copies_left) declare_copy_left();
  for (const Reduction& product : graph.reductions) {
    Operand right{.root = product.roots[1], .points = reachable(graph, {product.roots[1]})};
    if (blocking.packs_right) declare_pack_right(right);
    rights_.push_back(std::move(right));
  }
}

void ContractionPacking::emit_known(Block& into) {
  if (left_.array < 0) emitter_.emit(left_.points, into);
  for (const Operand& right : rights_) {
    if (right.array < 0) emitter_.emit(right.points, into);
  }
}

int ContractionPacking::procedure(
    const char* name, const std::vector<const char*>& parameters,
    const std::function<void(const std::vector<VariableId>&, Block&)>& write) {
  const PointEmitter::Scope outside = emitter_.scope();
  emitter_.restore(PointEmitter(nest_, graph_, space_.groups).scope());
  Procedure procedure{name, {}, {}};
  for (size_t g = 0; g < space_.batches; ++g) {
    const VariableId index = nest_.variable("n");
    procedure.parameters.push_back(index);
    emitter_.open(g, variable(index));
  }
  std::vector<VariableId> own;
  for (const char* parameter : parameters) own.push_back(nest_.variable(parameter));
  procedure.parameters.insert(procedure.parameters.end(), own.begin(), own.end());
  write(own, procedure.body);
  emitter_.restore(outside);
  return nest_.add_procedure(std::move(procedure));
}

Call ContractionPacking::call(int procedure, std::vector<Bound> arguments) const {
  Call call{procedure, {}};
  for (size_t g = 0; g < space_.batches; ++g) {
    call.arguments.push_back(bound(emitter_.scope().index[g]));
  }
  call.arguments.insert(call.arguments.end(), arguments.begin(), arguments.end());
  return call;
}

void ContractionPacking::open_depth(const Affine& index) {
  if (space_.depth) emitter_.open(*space_.depth, index);
}

std::optional<int> ContractionPacking::lies_along(const Operand& operand, size_t group) const {
  if (!is_plain_load(graph_, operand.root, space_.groups[group])) return std::nullopt;
  return graph_.points[static_cast<size_t>(operand.root)].index;
}

void ContractionPacking::declare_copy_left() {
  // A line more than the depth, so that rows do not share the ways of a cache.
  left_.pitch = blocking_.most_depth + lanes_;
  left_.array = nest_.scratch("rows", dtype_, blocking_.row_block * left_.pitch);
  left_.procedure = procedure("copy_rows", {"r", "re", "k", "ke"},
                              [&](const std::vector<VariableId>& p, Block& into) {
                                write_copy_left({variable(p[0]), bound(variable(p[1]))},
                                                {variable(p[2]), bound(variable(p[3]))}, into);
                              });
}

void ContractionPacking::declare_pack_right(Operand& right) {
  right.pitch = int64_t{blocking_.vectors.most} * lanes_;
  right.array = nest_.scratch("panel", dtype_, blocking_.most_depth * right.pitch);
  right.procedure = procedure("pack_panel", {"c", "ce", "k", "ke"},
                              [&](const std::vector<VariableId>& p, Block& into) {
                                write_pack_right(right, {variable(p[0]), bound(variable(p[1]))},
                                                 {variable(p[2]), bound(variable(p[3]))}, into);
                              });
}

void ContractionPacking::copy_left(const Span& rows, const Span& depth, Block& into) {
  copy(left_, rows, depth, into);
}

void ContractionPacking::pack_right(const Span& columns, const Span& depth, Block& into) {
  for (Operand& right : rights_) copy(right, columns, depth, into);
}

void ContractionPacking::copy(Operand& operand, const Span& span, const Span& depth, Block& into) {
  if (operand.array < 0) return;
  operand.first = span.begin;
  operand.depth = depth.begin;
  into.push_back(
      call(operand.procedure, {bound(span.begin), span.end, bound(depth.begin), depth.end}));
}

void ContractionPacking::write_copy_left(const Span& rows, const Span& depth, Block& into) {
  const Affine row_end = rows.end.smallest_of[0], depth_end = depth.end.smallest_of[0];
  const PointEmitter::Scope outside = emitter_.scope();
  if (const auto across = space_.row ? lies_along(left_, *space_.row) : std::nullopt) {
    emitter_.open(*space_.row, rows.begin);
    open_depth(depth.begin);
    const int depth_dimension = space_.depth ? space_.groups[*space_.depth].last() : 0;
    into.push_back(Transpose{
        left_.array, *across, emitter_.element(*across),
        space_.depth ? parameter(nest_.stride(*across, depth_dimension)) : constant(0),
        bound(constant(blocking_.row_block), row_end + -1 * rows.begin),
        bound(constant(blocking_.most_depth), depth_end + -1 * depth.begin), left_.pitch});
    return emitter_.restore(outside);
  }
  const VariableId row = nest_.variable("m"), lane = nest_.variable("j");
  For each = loop_over(LoopKind::serial, row, rows.begin, rows.end);
  if (space_.row) emitter_.open(*space_.row, variable(row));
  emitter_.emit(left_.points, each.body);
  For vector = loop_over(LoopKind::vector, lane, depth.begin, depth.end, lanes_);
  open_depth(variable(lane));
  emitter_.emit(left_.points, vector.body);
  const Affine place =
      left_.pitch * (variable(row) + -1 * rows.begin) + variable(lane) + -1 * depth.begin;
  vector.body.push_back(Store{left_.array, place, emitter_.value(left_.root)});
  emitter_.restore(outside);
  each.body.push_back(std::move(vector));
  into.push_back(std::move(each));
}

void ContractionPacking::write_pack_right(const Operand& right, const Span& columns,
                                          const Span& depth, Block& into) {
  const Affine column_end = columns.end.smallest_of[0], depth_end = depth.end.smallest_of[0];
  const PointEmitter::Scope outside = emitter_.scope();
  if (const auto across = space_.depth ? lies_along(right, *space_.depth) : std::nullopt) {
    emitter_.open(space_.column, columns.begin);
    open_depth(depth.begin);
    const int column_dimension = space_.groups[space_.column].last();
    into.push_back(Transpose{right.array, *across, emitter_.element(*across),
                             parameter(nest_.stride(*across, column_dimension)),
                             bound(constant(blocking_.most_depth), depth_end + -1 * depth.begin),
                             bound(constant(right.pitch), column_end + -1 * columns.begin),
                             right.pitch});
    return emitter_.restore(outside);
  }
  const VariableId k = nest_.variable("p");
  For each = loop_over(LoopKind::serial, k, depth.begin, depth.end);
  open_depth(variable(k));
  emitter_.emit(right.points, each.body);
  prefetch_panel_row(right, columns, variable(k), each.body);
  write_panel_row(right, columns, right.pitch * (variable(k) + -1 * depth.begin), each.body);
  emitter_.restore(outside);
  into.push_back(std::move(each));
}

/// Asks for a row that is packed soon: rows are too far apart for the processor to see them coming.
void ContractionPacking::prefetch_panel_row(const Operand& right, const Span& columns,
                                            const Affine& k, Block& into) {
  const auto operand = lies_along(right, space_.column);
  if (!operand || !space_.depth) return;
  constexpr int64_t rows_ahead = 16, line = 64;
  const PointEmitter::Scope outside = emitter_.scope();
  emitter_.open(*space_.depth, k + rows_ahead);
  const int64_t step = line / byte_size(graph_.operands[static_cast<size_t>(*operand)].dtype);
  for (int64_t column = 0; column < right.pitch; column += step) {
    emitter_.open(space_.column, columns.begin + column);
    into.push_back(Prefetch{*operand, emitter_.element(*operand)});
  }
  emitter_.restore(outside);
}

/// A row of the panel that begins at `place` of the copy: whole panels as one run of vectors.
void ContractionPacking::write_panel_row(const Operand& right, const Span& columns,
                                         const Affine& place, Block& into) {
  const auto row = [&](For loop) {
    const PointEmitter::Scope outside = emitter_.scope();
    emitter_.open(space_.column, variable(loop.variable));
    emitter_.emit(right.points, loop.body);
    loop.body.push_back(Store{right.array, place + variable(loop.variable) + -1 * columns.begin,
                              emitter_.value(right.root), /*all_lanes=*/true});
    emitter_.restore(outside);
    return loop;
  };
  If choice{columns.begin + (right.pitch - 1), columns.end, {}, {}};
  const VariableId vector = nest_.variable("v"), lane = nest_.variable("j"),
                   rest = nest_.variable("j");
  For vectors = loop_over(LoopKind::unrolled, vector, {}, bound(constant(blocking_.vectors.most)));
  const Affine begin = columns.begin + variable(vector, lanes_);
  For whole = loop_over(LoopKind::vector, lane, begin, bound(begin + lanes_), lanes_);
  whole.single = whole.exact = true;
  vectors.body.push_back(row(std::move(whole)));
  choice.then.push_back(std::move(vectors));
  choice.otherwise.push_back(
      row(loop_over(LoopKind::vector, rest, columns.begin, columns.end, lanes_)));
  into.push_back(std::move(choice));
}

ValueId ContractionPacking::left(Block& into) {
  if (left_.array < 0) {
    emitter_.emit(left_.points, into);
    return emitter_.value(left_.root);
  }
  const auto& index = emitter_.scope().index;
  const Affine row = space_.row ? index[*space_.row] : constant(0);
  const Affine depth = space_.depth ? index[*space_.depth] : constant(0);
  const ValueId value = nest_.value();
  into.push_back(
      Load{value, left_.array, left_.pitch * (row + -1 * left_.first) + depth + -1 * left_.depth});
  return value;
}

ValueId ContractionPacking::right(size_t product, Block& into) {
  const Operand& right = rights_[product];
  if (right.array < 0) {
    emitter_.emit(right.points, into);
    return emitter_.value(right.root);
  }
  const auto& index = emitter_.scope().index;
  const Affine depth = space_.depth ? index[*space_.depth] : constant(0);
  const ValueId value = nest_.value();
  into.push_back(
      Load{value, right.array,
           right.pitch * (depth + -1 * right.depth) + index[space_.column] + -1 * right.first});
  return value;
}

}  // namespace onepass::codegen
