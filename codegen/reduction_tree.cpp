// SPDX-License-Identifier: Apache-2.0
// Statements of the reduction order.
#include "onepass/codegen/reduction_tree.h"

#include "onepass/codegen/constant_bits.h"
#include "onepass/ir/extreme_position.h"

namespace onepass::codegen {

ReductionTree::ReductionTree(NestBuilder& nest, const Reduction& reduction, int lanes,
                             int64_t columns)
    : nest_(nest),
      dtype_(reduction.dtype),
      combine_(ir::reduction_info(reduction.op).combine),
      identity_number_(ir::reduction_info(reduction.op).identity),
      lanes_(lanes),
      columns_(columns),
      product_(reduction.product) {
  const auto add = [&](const char* accumulator, const char* stack, DType dtype) {
    accumulators_.push_back(nest.registers(accumulator, dtype, 1, lanes));
    stacks_.push_back(nest.scratch(stack, dtype, tree_levels * (columns > 0 ? columns : lanes)));
  };
  add("acc", "tree", dtype_);
  if (ir::finds_position(reduction.op)) add("position", "positions", DType::i64);
}

ValueId ReductionTree::compute(ir::OpCode op, DType dtype, std::vector<ValueId> operands,
                               std::vector<Statement>& into) {
  const ValueId result = nest_.value();
  into.push_back(Compute{result, op, dtype, std::move(operands)});
  return result;
}

ValueId ReductionTree::load(ArrayId accumulator, std::vector<Statement>& into) {
  const ValueId value = nest_.value();
  into.push_back(Load{value, accumulator, constant(0)});
  return value;
}

void ReductionTree::emit_identity(std::vector<Statement>& into) {
  identities_ = {nest_.value()};
  into.push_back(Constant{identities_[0], dtype_, constant_bits(dtype_, identity_number_)});
  if (!finds_position()) return;
  identities_.push_back(nest_.value());
  into.push_back(Constant{identities_[1], DType::i64, static_cast<uint64_t>(ir::no_position)});
}

void ReductionTree::clear(std::vector<Statement>& into) const {
  for (size_t i = 0; i < accumulators_.size(); ++i) {
    into.push_back(Store{accumulators_[i], constant(0), identities_[i]});
  }
}

std::vector<ValueId> ReductionTree::joined(const std::vector<ValueId>& old,
                                           const std::vector<ValueId>& roots,
                                           std::vector<Statement>& into) {
  if (product_ && is_floating(dtype_)) {
    return {compute(ir::OpCode::fma, dtype_, {roots[0], roots[1], old[0]}, into)};
  }
  if (product_) {
    const ValueId term = compute(ir::OpCode::multiply, dtype_, {roots[0], roots[1]}, into);
    return {compute(combine_, dtype_, {old[0], term}, into)};
  }
  if (!finds_position()) return {compute(combine_, dtype_, {old[0], roots[0]}, into)};
  const auto apply = [&](ir::OpCode op, DType dtype, auto... operands) {
    return compute(op, dtype, {operands...}, into);
  };
  const ir::PositionedValue<ValueId> older{old[0], old[1]}, newer{roots[0], roots[1]};
  const auto stays = ir::first_extreme(combine_, dtype_, older, newer, apply);
  return {stays.value, stays.position};
}

void ReductionTree::accumulate(const std::vector<ValueId>& roots, bool in_vector,
                               std::vector<Statement>& into) {
  std::vector<ValueId> old;
  for (const ArrayId accumulator : accumulators_) old.push_back(load(accumulator, into));
  const std::vector<ValueId> values = joined(old, roots, into);
  for (size_t i = 0; i < accumulators_.size(); ++i) {
    ValueId value = values[i];
    if (in_vector) {
      value = nest_.value();
      into.push_back(Fill{value, values[i], old[i]});
    }
    into.push_back(Store{accumulators_[i], constant(0), value});
  }
}

void ReductionTree::push(Affine index, std::vector<Statement>& into, Affine place) const {
  TreePush step{stacks_[0], accumulators_[0], combine_, dtype_, std::move(index)};
  if (finds_position()) {
    step.position_stack = stacks_[1];
    step.positions = accumulators_[1];
  }
  step.place = std::move(place);
  step.pitch = columns_;
  into.push_back(std::move(step));
}

void ReductionTree::fold(Affine count, std::vector<Statement>& into, Affine place) const {
  TreeFold step{accumulators_[0], stacks_[0], combine_, dtype_, std::move(count)};
  if (finds_position()) {
    step.position_stack = stacks_[1];
    step.positions = accumulators_[1];
  }
  step.place = std::move(place);
  step.pitch = columns_;
  into.push_back(std::move(step));
}

ValueId ReductionTree::fold_lanes(std::vector<Statement>& into) {
  LaneFold step{nest_.value(), accumulators_[0], combine_, dtype_};
  if (finds_position()) step.positions = accumulators_[1];
  into.push_back(step);
  return step.result;
}

ValueId ReductionTree::result(std::vector<Statement>& into) {
  return load(accumulators_.back(), into);
}

ResultOf::ResultOf(NestBuilder& nest, const Reduction& reduction, Affine count,
                   std::vector<Statement>& entry)
    : nest_(nest), dtype_(reduction.dtype) {
  const std::optional<double> result = ir::reduction_info(reduction.op).empty;
  if (!result) return;
  is_empty_ = nest.value();
  empty_ = nest.value();
  const ValueId number = nest.value(), none = nest.value();
  entry.push_back(IndexValue{number, DType::i64, std::move(count)});
  entry.push_back(Constant{none, DType::i64, 0});
  entry.push_back(Compute{is_empty_, ir::OpCode::equal, DType::i64, {number, none}});
  entry.push_back(Constant{empty_, dtype_, constant_bits(dtype_, *result)});
  if (!ir::averages(reduction.op)) return;
  const ValueId all = nest.value(), correction = nest.value(), zero = nest.value();
  const ValueId rest = nest.value();
  divisor_ = nest.value();
  entry.push_back(Convert{all, number, DType::i64, dtype_});
  entry.push_back(Constant{correction, dtype_, constant_bits(dtype_, reduction.correction)});
  entry.push_back(Compute{rest, ir::OpCode::subtract, dtype_, {all, correction}});
  entry.push_back(Constant{zero, dtype_, 0});
  entry.push_back(Compute{divisor_, ir::OpCode::maximum, dtype_, {rest, zero}});
}

ValueId ResultOf::operator()(ValueId accumulated, std::vector<Statement>& into) {
  ValueId result = accumulated;
  if (divisor_ >= 0) {
    result = nest_.value();
    into.push_back(Compute{result, ir::OpCode::divide, dtype_, {accumulated, divisor_}});
  }
  if (is_empty_ < 0) return result;
  const ValueId replaced = nest_.value();
  into.push_back(Compute{replaced, ir::OpCode::where, dtype_, {is_empty_, empty_, result}});
  return replaced;
}

}  // namespace onepass::codegen
