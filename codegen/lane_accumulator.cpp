// SPDX-License-Identifier: Apache-2.0
// Statements of one running reduction.
#include "onepass/codegen/lane_accumulator.h"

#include "onepass/codegen/constant_bits.h"

namespace onepass::codegen {

LaneAccumulator::LaneAccumulator(NestBuilder& nest, const Reduction& reduction, int lanes,
                                 int width, bool has_tree)
    : nest_(nest),
      reduction_(reduction),
      combine_(ir::reduction_info(reduction.op).combine),
      lanes_(lanes),
      width_(width),
      registers_(nest.registers("acc", reduction.dtype, lanes / width, width)) {
  if (has_tree) stack_ = nest.scratch("tree", reduction.dtype, tree_levels * lanes);
}

void LaneAccumulator::emit_constants(const Affine& count, std::vector<Statement>& into) {
  const DType dtype = reduction_.dtype;
  const ir::ReductionInfo& info = ir::reduction_info(reduction_.op);
  const uint64_t identity = constant_bits(dtype, info.identity);
  identity_ = nest_.value();
  into.push_back(Constant{identity_, dtype, identity});
  if (!info.empty) return;
  // Without a tree the lanes hold the identity where nothing was accumulated.
  if (stack_ < 0 && constant_bits(dtype, *info.empty) == identity) return;
  result_of_.emplace(nest_, reduction_, count, into);
}

void LaneAccumulator::clear(std::vector<Statement>& into) const {
  for (int64_t part = 0; part < parts(); ++part) {
    into.push_back(Store{registers_, constant(part), identity_});
  }
}

void LaneAccumulator::accumulate(const Affine& part, ValueId root, std::vector<Statement>& into) {
  const ValueId old = nest_.value(), combined = nest_.value();
  into.push_back(Load{old, registers_, part});
  into.push_back(Compute{combined, combine_, reduction_.dtype, {old, root}});
  into.push_back(Store{registers_, part, combined});
}

void LaneAccumulator::load(const Affine& part, ArrayId array, Affine index,
                           std::vector<Statement>& into) {
  const ValueId value = nest_.value();
  into.push_back(Load{value, array, std::move(index)});
  into.push_back(Store{registers_, part, value});
}

void LaneAccumulator::store(const Affine& part, ArrayId array, Affine index,
                            std::vector<Statement>& into) {
  const ValueId value = nest_.value();
  into.push_back(Load{value, registers_, part});
  into.push_back(Store{array, std::move(index), value});
}

void LaneAccumulator::push(Affine index, std::vector<Statement>& into) const {
  into.push_back(TreePush{stack_, registers_, combine_, reduction_.dtype, std::move(index)});
}

void LaneAccumulator::fold(Affine count, std::vector<Statement>& into) const {
  into.push_back(TreeFold{registers_, stack_, combine_, reduction_.dtype, std::move(count)});
}

ValueId LaneAccumulator::total(std::vector<Statement>& into) {
  const ValueId folded = nest_.value();
  into.push_back(LaneFold{folded, registers_, combine_, reduction_.dtype});
  return result_of_ ? (*result_of_)(folded, into) : folded;
}

}  // namespace onepass::codegen
