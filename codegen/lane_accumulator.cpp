// SPDX-License-Identifier: Apache-2.0
// Statements of one running reduction.
#include "onepass/codegen/lane_accumulator.h"

#include "onepass/codegen/constant_bits.h"
#include "onepass/ir/extreme_position.h"

namespace onepass::codegen {
namespace {

/// In a block: that of a lane without an element.
constexpr uint64_t no_place = INT32_MAX;

}  // namespace

LaneAccumulator::LaneAccumulator(NestBuilder& nest, const Reduction& reduction, int lanes,
                                 int width, bool has_tree)
    : nest_(nest),
      reduction_(reduction),
      combine_(ir::reduction_info(reduction.op).combine),
      lanes_(lanes),
      width_(width),
      registers_(nest.registers("acc", reduction.dtype, lanes / width, width)) {
  if (has_tree) stack_ = nest.scratch("tree", reduction.dtype, tree_levels * lanes);
  if (!ir::finds_position(reduction.op)) return;
  positions_ = nest.registers("position", DType::i64, lanes / width, width);
  places_ = nest.registers("place", DType::i32, lanes / width, width);
  if (has_tree) position_stack_ = nest.scratch("positions", DType::i64, tree_levels * lanes);
}

std::vector<DType> LaneAccumulator::dtypes() const {
  if (!finds_position()) return {reduction_.dtype};
  return {reduction_.dtype, DType::i64};
}

void LaneAccumulator::emit_identity(std::vector<Statement>& into) {
  const DType dtype = reduction_.dtype;
  const double identity = ir::reduction_info(reduction_.op).identity;
  identity_ = nest_.value();
  into.push_back(Constant{identity_, dtype, constant_bits(dtype, identity)});
  if (finds_position()) {
    no_position_ = nest_.value();
    into.push_back(Constant{no_position_, DType::i64, static_cast<uint64_t>(ir::no_position)});
    no_place_ = nest_.value();
    into.push_back(Constant{no_place_, DType::i32, no_place});
  }
}

void LaneAccumulator::emit_constants(const Affine& count, std::vector<Statement>& into) {
  emit_identity(into);
  const DType dtype = reduction_.dtype;
  const ir::ReductionInfo& info = ir::reduction_info(reduction_.op);
  if (!info.empty) return;
  // Without a tree the lanes hold the identity where nothing was accumulated.
  const bool is_identity = constant_bits(dtype, *info.empty) == constant_bits(dtype, info.identity);
  if (stack_ < 0 && is_identity) return;
  result_of_.emplace(nest_, reduction_, count, into);
}

void LaneAccumulator::clear(std::vector<Statement>& into) const {
  for (int64_t part = 0; part < parts(); ++part) {
    into.push_back(Store{registers_, constant(part), identity_});
    if (finds_position()) into.push_back(Store{places_, constant(part), no_place_});
  }
}

void LaneAccumulator::place(const Affine& part, const Affine& element, const Affine& begin,
                            std::vector<Statement>& into) {
  begin_ = begin;
  const ValueId place = nest_.value();
  into.push_back(IndexValue{place, DType::i32, element + -1 * begin});
  into.push_back(Store{places_, part, place});
}

void LaneAccumulator::end_block(std::vector<Statement>& into) const {
  if (!finds_position()) return;
  for (int64_t part = 0; part < parts(); ++part) {
    const VariableId lane = nest_.variable("j");
    For vector = loop_over(LoopKind::vector, lane, {}, bound(constant(width_)), width_);
    vector.single = vector.exact = true;
    const ValueId place = nest_.value(), wide = nest_.value(), begin = nest_.value();
    vector.body = {Load{place, places_, constant(part)},
                   Convert{wide, place, DType::i32, DType::i64},
                   IndexValue{begin, DType::i64, begin_}};
    const auto apply = [&](ir::OpCode op, DType of, auto... operands) {
      const ValueId value = nest_.value();
      vector.body.push_back(Compute{value, op, of, {operands...}});
      return value;
    };
    const ValueId position =
        ir::position_of_place(place, wide, begin, no_place_, no_position_, apply);
    vector.body.push_back(Store{positions_, constant(part), position});
    into.push_back(std::move(vector));
  }
}

void LaneAccumulator::accumulate(const Affine& part, ValueId root, const Affine& element,
                                 std::vector<Statement>& into) {
  const DType dtype = reduction_.dtype;
  const auto compute = [&](ir::OpCode op, DType of, std::vector<ValueId> operands) {
    const ValueId value = nest_.value();
    into.push_back(Compute{value, op, of, std::move(operands)});
    return value;
  };
  const auto load = [&](ArrayId array) {
    const ValueId value = nest_.value();
    into.push_back(Load{value, array, part});
    return value;
  };
  const ValueId old = load(registers_);
  if (!finds_position()) {
    into.push_back(Store{registers_, part, compute(combine_, dtype, {old, root})});
    return;
  }
  const ValueId old_position = load(places_), position = nest_.value();
  into.push_back(IndexValue{position, DType::i32, element + -1 * begin_});
  const auto stays = ir::first_extreme_so_far(
      combine_, dtype, ir::PositionedValue<ValueId>{old, old_position},
      ir::PositionedValue<ValueId>{root, position}, DType::i32,
      [&](ir::OpCode op, DType of, auto... operands) { return compute(op, of, {operands...}); });
  into.push_back(Store{registers_, part, stays.value});
  into.push_back(Store{places_, part, stays.position});
}

void LaneAccumulator::load(const Affine& part, const std::vector<ArrayId>& arrays,
                           const Affine& index, std::vector<Statement>& into) {
  for (size_t i = 0; i < arrays.size(); ++i) {
    const ValueId value = nest_.value();
    into.push_back(Load{value, arrays[i], index});
    into.push_back(Store{i == 0 ? registers_ : positions_, part, value});
  }
}

void LaneAccumulator::store(const Affine& part, const std::vector<ArrayId>& arrays,
                            const Affine& index, std::vector<Statement>& into) {
  for (size_t i = 0; i < arrays.size(); ++i) {
    const ValueId value = nest_.value();
    into.push_back(Load{value, i == 0 ? registers_ : positions_, part});
    into.push_back(Store{arrays[i], index, value});
  }
}

void LaneAccumulator::push(Affine index, std::vector<Statement>& into) const {
  into.push_back(TreePush{stack_, registers_, combine_, reduction_.dtype, std::move(index),
                          position_stack_, positions_});
}

void LaneAccumulator::fold(Affine count, std::vector<Statement>& into) const {
  into.push_back(TreeFold{registers_, stack_, combine_, reduction_.dtype, std::move(count),
                          position_stack_, positions_});
}

ValueId LaneAccumulator::total(std::vector<Statement>& into) {
  const ValueId folded = nest_.value();
  if (finds_position() && stack_ < 0) {
    const ValueId place = nest_.value();
    into.push_back(LaneFold{place, registers_, combine_, reduction_.dtype, places_});
    into.push_back(Convert{folded, place, DType::i32, DType::i64});
    return folded;
  }
  into.push_back(LaneFold{folded, registers_, combine_, reduction_.dtype, positions_});
  return result_of_ ? (*result_of_)(folded, into) : folded;
}

}  // namespace onepass::codegen
