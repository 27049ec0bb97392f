// SPDX-License-Identifier: Apache-2.0
// Statements of the reduction order.
#include "onepass/codegen/reduction_tree.h"

#include "onepass/codegen/constant_bits.h"

namespace onepass::codegen {

ReductionTree::ReductionTree(NestBuilder& nest, DType dtype, int lanes, bool product)
    : nest_(nest),
      dtype_(dtype),
      lanes_(lanes),
      product_(product),
      accumulator_(nest.registers("acc", dtype, 1, lanes)),
      stack_(nest.scratch("tree", dtype, tree_levels * lanes)) {}

void ReductionTree::emit_identity(std::vector<Statement>& into) {
  identity_ = nest_.value();
  into.push_back(Constant{identity_, dtype_, sum_identity_bits(dtype_)});
}

void ReductionTree::clear(std::vector<Statement>& into) const {
  into.push_back(Store{accumulator_, constant(0), identity_});
}

void ReductionTree::accumulate(const std::vector<ValueId>& roots, bool in_vector,
                               std::vector<Statement>& into) {
  const ValueId old = nest_.value();
  into.push_back(Load{old, accumulator_, constant(0)});
  ValueId sum = nest_.value();
  if (product_ && is_floating(dtype_)) {
    into.push_back(Compute{sum, ir::OpCode::fma, dtype_, {roots[0], roots[1], old}});
  } else if (product_) {
    const ValueId term = nest_.value();
    into.push_back(Compute{term, ir::OpCode::multiply, dtype_, {roots[0], roots[1]}});
    into.push_back(Compute{sum, ir::OpCode::add, dtype_, {old, term}});
  } else {
    into.push_back(Compute{sum, ir::OpCode::add, dtype_, {old, roots[0]}});
  }
  if (in_vector) {
    const ValueId filled = nest_.value();
    into.push_back(Fill{filled, sum, old});
    sum = filled;
  }
  into.push_back(Store{accumulator_, constant(0), sum});
}

void ReductionTree::push(Affine index, std::vector<Statement>& into) const {
  into.push_back(TreePush{stack_, accumulator_, ir::OpCode::add, dtype_, std::move(index)});
}

void ReductionTree::fold(Affine count, std::vector<Statement>& into) const {
  into.push_back(TreeFold{accumulator_, stack_, ir::OpCode::add, dtype_, std::move(count)});
}

ValueId ReductionTree::fold_lanes(std::vector<Statement>& into) {
  const ValueId result = nest_.value();
  into.push_back(LaneFold{result, accumulator_, ir::OpCode::add, dtype_});
  return result;
}

EmptySum::EmptySum(NestBuilder& nest, DType dtype, Affine count, std::vector<Statement>& entry)
    : nest_(nest), dtype_(dtype), is_empty_(nest.value()), zero_(nest.value()) {
  const ValueId number = nest.value(), none = nest.value();
  entry.push_back(IndexValue{number, DType::i64, std::move(count)});
  entry.push_back(Constant{none, DType::i64, 0});
  entry.push_back(Compute{is_empty_, ir::OpCode::equal, DType::i64, {number, none}});
  entry.push_back(Constant{zero_, dtype, 0});
}

ValueId EmptySum::replace(ValueId sum, std::vector<Statement>& into) {
  const ValueId result = nest_.value();
  into.push_back(Compute{result, ir::OpCode::where, dtype_, {is_empty_, zero_, sum}});
  return result;
}

}  // namespace onepass::codegen
