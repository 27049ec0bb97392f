// SPDX-License-Identifier: Apache-2.0
// Copies of operands: rows of the left one with k side by side, panels of the right one with the
// columns of a tile side by side.
#include "onepass/codegen/contraction_packing.h"

#include "onepass/codegen/contraction_operands.h"

namespace onepass::codegen {
namespace {

/// Of k that are summed at once.
constexpr int64_t bytes = 4;

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
  // Bytes are copied as they are before they become i32.
  const auto operand_root = [&](PointId root) {
    return blocking.sums_bytes ? graph.points[static_cast<size_t>(root)].inputs[0] : root;
  };
  left_.root = operand_root(graph.reductions[0].roots[0]);
  left_.points = reachable(graph, {left_.root});
  if (blocking.copies_left) declare_copy_left();
  for (const Reduction& product : graph.reductions) {
    const PointId root = operand_root(product.roots[1]);
    Operand right{.root = root, .points = reachable(graph, {root})};
    if (blocking.packs_right) declare_pack_right(right);
    if (blocking.panel_width > 0) right.array = graph.points[static_cast<size_t>(root)].index;
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
  const DType dtype = graph_.points[static_cast<size_t>(left_.root)].dtype;
  constexpr int64_t line = 64;
  left_.pitch = blocking_.most_depth + (blocking_.sums_bytes ? line : lanes_);
  left_.array = nest_.scratch("rows", dtype, blocking_.row_block * left_.pitch);
  if (blocking_.sums_bytes && dtype == i8) {
    shifted_sums_ = nest_.scratch("shifted", dtype_, int64_t{blocking_.vectors.most} * lanes_);
  }
  left_.procedure = procedure("copy_rows", {"r", "re", "k", "ke"},
                              [&](const std::vector<VariableId>& p, Block& into) {
                                write_copy_left({variable(p[0]), bound(variable(p[1]))},
                                                {variable(p[2]), bound(variable(p[3]))}, into);
                              });
}

void ContractionPacking::declare_pack_right(Operand& right) {
  right.pitch = int64_t{blocking_.vectors.most} * lanes_;
  const int64_t rows = blocking_.sums_bytes ? blocking_.most_depth / bytes : blocking_.most_depth;
  right.array = nest_.scratch("panel", dtype_, rows * right.pitch);
  right.procedure = procedure(
      "pack_panel", {"c", "ce", "k", "ke"}, [&](const std::vector<VariableId>& p, Block& into) {
        const Span columns{variable(p[0]), bound(variable(p[1]))};
        const Span depth{variable(p[2]), bound(variable(p[3]))};
        blocking_.sums_bytes ? write_pack_bytes(right, columns, depth, into)
                             : write_pack_right(right, columns, depth, into);
      });
}

void ContractionPacking::copy_left(const Span& rows, const Span& depth, Block& into) {
  copy(left_, rows, depth, into);
}

void ContractionPacking::pack_right(const Span& columns, const Span& depth, Block& into) {
  if (!blocking_.packs_right) return;
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
  const bool may_transpose = space_.row && !shifts_left();
  if (const auto across = may_transpose ? lies_along(left_, *space_.row) : std::nullopt) {
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
  const int64_t lanes = lanes_ * byte_size(dtype_) / byte_size(nest_.array(left_.array).dtype);
  For vector = loop_over(LoopKind::vector, lane, depth.begin, depth.end, lanes);
  open_depth(variable(lane));
  emitter_.emit(left_.points, vector.body);
  const Affine place =
      left_.pitch * (variable(row) + -1 * rows.begin) + variable(lane) + -1 * depth.begin;
  vector.body.push_back(Store{left_.array, place, copied_left(vector.body)});
  emitter_.restore(outside);
  each.body.push_back(std::move(vector));
  into.push_back(std::move(each));
}

/// The element of the left operand as the copy has it.
ValueId ContractionPacking::copied_left(Block& into) {
  const ValueId element = emitter_.value(left_.root);
  if (!shifts_left()) return element;
  constexpr uint64_t sign = 0x80;
  const ValueId bit = constant_value(i8, sign, into), shifted = nest_.value();
  into.push_back(Compute{shifted, ir::OpCode::bitwise_xor, i8, {element, bit}});
  return shifted;
}

ValueId ContractionPacking::constant_value(DType dtype, uint64_t bits, Block& into) {
  const ValueId value = nest_.value();
  into.push_back(Constant{value, dtype, bits});
  return value;
}

/// Four bytes of each column side by side. Beyond the depth they are zero, so that what the copy of
/// the left operand holds there does not count.
void ContractionPacking::write_pack_bytes(const Operand& right, const Span& columns,
                                          const Span& depth, Block& into) {
  if (shifts_left()) {
    const VariableId lane = nest_.variable("j");
    For zeros = loop_over(LoopKind::vector, lane, {}, bound(constant(right.pitch)), lanes_);
    const ValueId zero = constant_value(dtype_, 0, zeros.body);
    zeros.body.push_back(Store{shifted_sums_, variable(lane), zero});
    into.push_back(std::move(zeros));
  }
  const VariableId k = nest_.variable("p");
  const Affine place = (right.pitch / bytes) * (variable(k) + -1 * depth.begin);
  For each = loop_over(LoopKind::serial, k, depth.begin, depth.end, bytes);
  pack_bytes(right, columns, variable(k), place, bytes, each.body);
  If two{variable(k) + 1, depth.end, {}, {}}, three{variable(k) + 2, depth.end, {}, {}};
  pack_bytes(right, columns, variable(k), place, 3, three.then);
  pack_bytes(right, columns, variable(k), place, 2, two.then);
  pack_bytes(right, columns, variable(k), place, 1, two.otherwise);
  three.otherwise.push_back(std::move(two));
  each.rest.push_back(std::move(three));
  into.push_back(std::move(each));
}

/// `count` rows from k on, to the row of the panel at `place`.
void ContractionPacking::pack_bytes(const Operand& right, const Span& columns, const Affine& k,
                                    const Affine& place, int count, Block& into) {
  const PointEmitter::Scope outside = emitter_.scope();
  const VariableId lane = nest_.variable("j");
  For vector = loop_over(LoopKind::vector, lane, columns.begin, columns.end, lanes_);
  emitter_.open(space_.column, variable(lane));
  const ValueId joined = joined_bytes(right, k, count, vector.body);
  const Affine column = variable(lane) + -1 * columns.begin;
  vector.body.push_back(Store{right.array, place + column, joined, /*all_lanes=*/true});
  if (shifts_left()) {
    constexpr uint64_t shifts = 0x80808080;
    const ValueId old = nest_.value(), sum = nest_.value();
    vector.body.push_back(Load{old, shifted_sums_, column});
    const ValueId left = constant_value(dtype_, shifts, vector.body);
    vector.body.push_back(SumBytes{sum, old, left, joined});
    vector.body.push_back(Store{shifted_sums_, column, sum, /*all_lanes=*/true});
  }
  emitter_.restore(outside);
  into.push_back(std::move(vector));
}

ValueId ContractionPacking::joined_bytes(const Operand& right, const Affine& k, int count,
                                         Block& into) {
  constexpr uint64_t byte_mask = 0xFF, byte_bits = 8;
  ValueId joined = -1;
  for (int i = 0; i < count; ++i) {
    const PointEmitter::Scope outside = emitter_.scope();
    open_depth(k + i);
    emitter_.emit(right.points, into);
    const ValueId wide = nest_.value(), low = nest_.value();
    into.push_back(Convert{wide, emitter_.value(right.root), i8, i32});
    const ValueId mask = constant_value(i32, byte_mask, into);
    into.push_back(Compute{low, ir::OpCode::bitwise_and, i32, {wide, mask}});
    emitter_.restore(outside);
    if (i == 0) {
      joined = low;
      continue;
    }
    const ValueId places = constant_value(i32, byte_bits * static_cast<uint64_t>(i), into);
    const ValueId shifted = nest_.value(), both = nest_.value();
    into.push_back(Compute{shifted, ir::OpCode::bitwise_left_shift, i32, {low, places}});
    into.push_back(Compute{both, ir::OpCode::bitwise_or, i32, {joined, shifted}});
    joined = both;
  }
  return joined;
}

ValueId ContractionPacking::shifted_sum(Block& into) {
  const ValueId value = nest_.value();
  const Affine& column = emitter_.scope().index[space_.column];
  into.push_back(Load{value, shifted_sums_, column + -1 * rights_[0].first});
  return value;
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
  const Affine place = left_.pitch * (row + -1 * left_.first) + depth + -1 * left_.depth;
  if (blocking_.sums_bytes) {
    into.push_back(LoadBytes{value, left_.array, place});
  } else {
    into.push_back(Load{value, left_.array, place});
  }
  return value;
}

ValueId ContractionPacking::right(size_t product, const Affine& begin, Block& into) {
  const Operand& right = rights_[product];
  if (right.array < 0) {
    emitter_.emit(right.points, into);
    return emitter_.value(right.root);
  }
  const auto& index = emitter_.scope().index;
  const Affine depth = space_.depth ? index[*space_.depth] : constant(0);
  const ValueId value = nest_.value();
  if (blocking_.panel_width > 0) {
    const Affine panel =
        times_parameter(begin, nest_.extent(space_.groups[*space_.depth].first, 1));
    into.push_back(Load{value, right.array,
                        panel + blocking_.panel_width * depth + index[space_.column] + -1 * begin});
    return value;
  }
  const int64_t pitch = blocking_.sums_bytes ? right.pitch / bytes : right.pitch;
  into.push_back(
      Load{value, right.array,
           pitch * (depth + -1 * right.depth) + index[space_.column] + -1 * right.first});
  return value;
}

}  // namespace onepass::codegen
