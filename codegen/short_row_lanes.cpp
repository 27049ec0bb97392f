// SPDX-License-Identifier: Apache-2.0
// Statements of reductions across lines.
#include "onepass/codegen/short_row_lanes.h"

#include "onepass/codegen/constant_bits.h"
#include "onepass/ir/extreme_position.h"

namespace onepass::codegen {

void RowBlock::each(Block& into, int unroll,
                    const std::function<void(VariableId, Block&)>& body) const {
  const VariableId row = nest->variable("j");
  For rows = loop_over(LoopKind::vector, row, first, end, exact ? lanes * unroll : lanes);
  rows.unroll = exact ? 1 : unroll;
  rows.exact = exact;
  body(row, rows.body);
  if (!rows.body.empty()) into.push_back(std::move(rows));
}

ShortRowLanes::ShortRowLanes(NestBuilder& nest, const Reduction& reduction, int64_t lines,
                             int64_t pitch)
    : nest_(nest),
      reduction_(reduction),
      combine_(ir::reduction_info(reduction.op).combine),
      lines_(lines),
      values_(nest.scratch("lanes", reduction.dtype, lines * pitch)) {
  if (ir::finds_position(reduction.op)) {
    positions_ = nest.scratch("positions", DType::i64, lines * pitch);
  }
}

void ShortRowLanes::emit_constants(const Affine& count, Block& into) {
  const DType dtype = reduction_.dtype;
  identity_ = nest_.value();
  const double number = ir::reduction_info(reduction_.op).identity;
  into.push_back(Constant{identity_, dtype, constant_bits(dtype, number)});
  result_of_.emplace(nest_, reduction_, count, into);
  if (positions_ < 0) return;
  no_position_ = nest_.value();
  into.push_back(Constant{no_position_, DType::i64, static_cast<uint64_t>(ir::no_position)});
}

ValueId ShortRowLanes::load(ArrayId array, const Affine& index, Block& into) {
  const ValueId value = nest_.value();
  into.push_back(Load{value, array, index});
  return value;
}

void ShortRowLanes::keep(const Affine& place, const Affine& element, ValueId root, Block& into) {
  into.push_back(Store{values_, place, root});
  if (positions_ < 0) return;
  const ValueId position = nest_.value();
  into.push_back(IndexValue{position, DType::i64, element});
  into.push_back(Store{positions_, place, position});
}

void ShortRowLanes::halve(const RowBlock& rows, const Affine& count, Block& into) {
  constexpr int vectors_at_once = 4;
  const VariableId missing = nest_.variable("l");
  For rest = loop_over(LoopKind::serial, missing, count, bound(constant(lines_)));
  rows.each(rest.body, 1, [&](VariableId row, Block& body) {
    const Affine lane = rows.place(variable(missing), row);
    body.push_back(Store{values_, lane, identity_});
    if (positions_ >= 0) body.push_back(Store{positions_, lane, no_position_});
  });
  into.push_back(std::move(rest));
  for (int64_t half = lines_ / 2; half > 0; half /= 2) {
    const VariableId lane = nest_.variable("l");
    For pairs = loop_over(LoopKind::serial, lane, {}, bound(constant(half)));
    rows.each(pairs.body, vectors_at_once, [&](VariableId row, Block& body) {
      join(rows.place(variable(lane), row), rows.place(variable(lane) + half, row), body);
    });
    into.push_back(std::move(pairs));
  }
}

/// What lies at `low` becomes both.
void ShortRowLanes::join(const Affine& low, const Affine& high, Block& into) {
  const auto compute = [&](ir::OpCode op, DType of, auto... operands) {
    const ValueId value = nest_.value();
    into.push_back(Compute{value, op, of, {operands...}});
    return value;
  };
  const ValueId older = load(values_, low, into), newer = load(values_, high, into);
  if (positions_ < 0) {
    into.push_back(Store{values_, low, compute(combine_, reduction_.dtype, older, newer)});
    return;
  }
  const ValueId first = load(positions_, low, into), second = load(positions_, high, into);
  const auto stays =
      ir::first_extreme(combine_, reduction_.dtype, ir::PositionedValue<ValueId>{older, first},
                        ir::PositionedValue<ValueId>{newer, second}, compute);
  into.push_back(Store{values_, low, stays.value});
  into.push_back(Store{positions_, low, stays.position});
}

ValueId ShortRowLanes::total(const Affine& place, Block& into) {
  return (*result_of_)(load(positions_ < 0 ? values_ : positions_, place, into), into);
}

}  // namespace onepass::codegen
