// SPDX-License-Identifier: Apache-2.0
// Statements of the reduction order.
#include "onepass/codegen/reduction_tree.h"

#include "onepass/codegen/constant_bits.h"

namespace onepass::codegen {

ReductionTree::ReductionTree(NestBuilder& nest, const Reduction& reduction, int lanes)
    : nest_(nest),
      dtype_(reduction.dtype),
      combine_(ir::reduction_info(reduction.op).combine),
      identity_number_(ir::reduction_info(reduction.op).identity),
      lanes_(lanes),
      product_(reduction.product),
      accumulator_(nest.registers("acc", dtype_, 1, lanes)),
      stack_(nest.scratch("tree", dtype_, tree_levels * lanes)) {}

void ReductionTree::emit_identity(std::vector<Statement>& into) {
  identity_ = nest_.value();
  into.push_back(Constant{identity_, dtype_, constant_bits(dtype_, identity_number_)});
}

void ReductionTree::clear(std::vector<Statement>& into) const {
  into.push_back(Store{accumulator_, constant(0), identity_});
}

void ReductionTree::accumulate(const std::vector<ValueId>& roots, bool in_vector,
                               std::vector<Statement>& into) {
  const ValueId old = nest_.value();
  into.push_back(Load{old, accumulator_, constant(0)});
  ValueId joined = nest_.value();
  if (product_ && is_floating(dtype_)) {
    into.push_back(Compute{joined, ir::OpCode::fma, dtype_, {roots[0], roots[1], old}});
  } else if (product_) {
    const ValueId term = nest_.value();
    into.push_back(Compute{term, ir::OpCode::multiply, dtype_, {roots[0], roots[1]}});
    into.push_back(Compute{joined, combine_, dtype_, {old, term}});
  } else {
    into.push_back(Compute{joined, combine_, dtype_, {old, roots[0]}});
  }
  if (in_vector) {
    const ValueId filled = nest_.value();
    into.push_back(Fill{filled, joined, old});
    joined = filled;
  }
  into.push_back(Store{accumulator_, constant(0), joined});
}

void ReductionTree::push(Affine index, std::vector<Statement>& into) const {
  into.push_back(TreePush{stack_, accumulator_, combine_, dtype_, std::move(index)});
}

void ReductionTree::fold(Affine count, std::vector<Statement>& into) const {
  into.push_back(TreeFold{accumulator_, stack_, combine_, dtype_, std::move(count)});
}

ValueId ReductionTree::fold_lanes(std::vector<Statement>& into) {
  const ValueId result = nest_.value();
  into.push_back(LaneFold{result, accumulator_, combine_, dtype_});
  return result;
}

EmptyResult::EmptyResult(NestBuilder& nest, const Reduction& reduction, Affine count,
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
}

ValueId EmptyResult::replace(ValueId result, std::vector<Statement>& into) {
  if (is_empty_ < 0) return result;
  const ValueId replaced = nest_.value();
  into.push_back(Compute{replaced, ir::OpCode::where, dtype_, {is_empty_, empty_, result}});
  return replaced;
}

}  // namespace onepass::codegen
