// SPDX-License-Identifier: Apache-2.0
// Arguments, variables, values and arrays of a phase function. Arguments are loaded once, in the
// entry block.
#include "onepass/codegen/llvm/phase_frame.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

constexpr int64_t scratch_alignment = 64;

int64_t scratch_bytes(const Array& array) {
  const int64_t bytes = array.elements * byte_size(array.dtype);
  return (bytes + scratch_alignment - 1) / scratch_alignment * scratch_alignment;
}

}  // namespace

PhaseFrame::PhaseFrame(const LoopNest& the_nest, const Target& the_target, llvm::Function& function)
    : nest(the_nest),
      target(the_target),
      builder(function.getContext()),
      function_(function),
      entry_(llvm::BasicBlock::Create(function.getContext(), "entry", &function)),
      variables_(the_nest.variables.size()),
      values_(static_cast<size_t>(the_nest.value_count)),
      integers_(the_nest.interface.integers.size()),
      bases_(the_nest.arrays.size()),
      registers_(the_nest.arrays.size()),
      scopes_(the_nest.arrays.size()),
      other_scopes_(the_nest.arrays.size()) {
  builder.SetInsertPoint(new_block("body"));
  llvm::BranchInst::Create(builder.GetInsertBlock(), entry_);

  llvm::MDBuilder metadata(function.getContext());
  llvm::MDNode* const domain = metadata.createAnonymousAliasScopeDomain(nest.name);
  llvm::SmallVector<llvm::Metadata*> scopes(nest.arrays.size());
  llvm::MDNode* const operands = metadata.createAnonymousAliasScope(domain, "operands");
  for (size_t i = 0; i < nest.arrays.size(); ++i) {
    const Array& array = nest.arrays[i];
    scopes[i] =
        is_private(array) ? metadata.createAnonymousAliasScope(domain, array.name) : operands;
  }
  for (size_t i = 0; i < scopes.size(); ++i) {
    llvm::SmallSetVector<llvm::Metadata*, 8> others(scopes.begin(), scopes.end());
    others.remove(scopes[i]);
    scopes_[i] = llvm::MDNode::get(function.getContext(), {scopes[i]});
    if (!others.empty())
      other_scopes_[i] = llvm::MDNode::get(function.getContext(), others.getArrayRef());
  }
}

// Operands may share memory with results; scratch and workspaces belong to the kernel.
bool PhaseFrame::is_private(const Array& array) const {
  return array.space != Array::Space::buffer ||
         array.buffer >= static_cast<int>(nest.interface.operands.size());
}

llvm::BasicBlock* PhaseFrame::new_block(const char* name) {
  return llvm::BasicBlock::Create(function_.getContext(), name, &function_);
}

void PhaseFrame::finish() {
  // Streamed stores are weakly ordered: other threads see them only after a fence.
  if (has_streamed) builder.CreateIntrinsic(llvm::Intrinsic::x86_sse_sfence, {}, {});
  builder.CreateRetVoid();
}

llvm::Value* PhaseFrame::number(const Index& index) {
  if (index.dynamic == nullptr) return number(index.constant);
  if (index.constant == 0) return index.dynamic;
  return builder.CreateNSWAdd(index.dynamic, number(index.constant));
}

llvm::Value* PhaseFrame::number(const Bound& bound) {
  llvm::Value* smallest = nullptr;
  for (const Affine& affine : bound.smallest_of) {
    llvm::Value* const next = number(evaluate(affine));
    smallest = smallest == nullptr
                   ? next
                   : builder.CreateSelect(builder.CreateICmpSLT(next, smallest), next, smallest);
  }
  return smallest;
}

// The constant part of the term is added to `constant`; the rest is returned, or null.
llvm::Value* PhaseFrame::term(const Term& term, int64_t& constant) {
  Index factor{1, nullptr};
  if (term.variable >= 0) factor = variables_[static_cast<size_t>(term.variable)].value;
  if (term.parameter < 0) {
    constant += term.coefficient * factor.constant;
    if (factor.dynamic == nullptr) return nullptr;
    return term.coefficient == 1 ? factor.dynamic
                                 : builder.CreateNSWMul(factor.dynamic, number(term.coefficient));
  }
  if (factor.dynamic == nullptr && factor.constant * term.coefficient == 0) return nullptr;
  llvm::Value* product = integer_argument(term.parameter);
  if (term.coefficient != 1) product = builder.CreateNSWMul(product, number(term.coefficient));
  if (factor.dynamic == nullptr && factor.constant == 1) return product;
  return builder.CreateNSWMul(product, number(factor));
}

// Terms of outer variables first, so that their sum can leave the inner loops.
Index PhaseFrame::evaluate(const Affine& affine) {
  std::vector<Term> terms = affine.terms;
  std::stable_sort(terms.begin(), terms.end(), [this](const Term& a, const Term& b) {
    const auto depth = [this](const Term& t) {
      return t.variable < 0 ? -1 : variables_[static_cast<size_t>(t.variable)].depth;
    };
    return depth(a) < depth(b);
  });
  Index sum{affine.constant, nullptr};
  for (const Term& t : terms) {
    llvm::Value* const part = term(t, sum.constant);
    if (part == nullptr) continue;
    sum.dynamic = sum.dynamic == nullptr ? part : builder.CreateNSWAdd(sum.dynamic, part);
  }
  if (affine.divisor_parameter >= 0) {
    return {0, builder.CreateUDiv(number(sum), integer_argument(affine.divisor_parameter))};
  }
  if (affine.divisor == 1) return sum;
  if (sum.dynamic == nullptr) return {sum.constant / affine.divisor, nullptr};
  llvm::Value* const numerator = number(sum);
  const auto divisor = static_cast<uint64_t>(affine.divisor);
  if (std::has_single_bit(divisor))
    return {0, builder.CreateLShr(numerator, static_cast<uint64_t>(std::countr_zero(divisor)))};
  return {0, builder.CreateUDiv(numerator, builder.getInt64(divisor))};
}

Index PhaseFrame::lane_stride(const Affine& affine) {
  Index stride;
  for (Term t : affine.terms) {
    if (t.variable != vector.variable || vector.lanes == 1) continue;
    t.variable = -1;
    llvm::Value* const part = term(t, stride.constant);
    if (part == nullptr) continue;
    stride.dynamic = stride.dynamic == nullptr ? part : builder.CreateNSWAdd(stride.dynamic, part);
  }
  return stride;
}

bool PhaseFrame::is_uniform(const Affine& affine) const {
  if (vector.lanes == 1) return true;
  return std::none_of(affine.terms.begin(), affine.terms.end(),
                      [this](const Term& t) { return t.variable == vector.variable; });
}

bool PhaseFrame::is_hoistable(const Affine& affine) const {
  if (hoist.before == nullptr) return false;
  return std::all_of(affine.terms.begin(), affine.terms.end(), [this](const Term& t) {
    if (t.variable < 0) return true;
    const Variable& variable = variables_[static_cast<size_t>(t.variable)];
    return variable.value.dynamic == nullptr || variable.depth < hoist.depth;
  });
}

void PhaseFrame::bind(VariableId variable, Index value) {
  variables_[static_cast<size_t>(variable)] = {value, depth_++};
}

void PhaseFrame::unbind(VariableId variable) {
  variables_[static_cast<size_t>(variable)] = {};
  --depth_;
}

void PhaseFrame::define(ValueId id, llvm::Value* value) {
  values_[static_cast<size_t>(id)] = value;
}

llvm::Value* PhaseFrame::value(ValueId id) {
  llvm::Value* const value = values_[static_cast<size_t>(id)];
  internal_check(value != nullptr, "a loop nest uses a value before its definition");
  return value;
}

llvm::Value* PhaseFrame::argument_field(unsigned field, llvm::Type* type) {
  llvm::Value*& loaded = fields_[field];
  if (loaded == nullptr) {
    llvm::IRBuilder<> at_entry(entry_->getTerminator());
    llvm::Value* const place =
        at_entry.CreateConstGEP1_64(builder.getPtrTy(), function_.getArg(0), field);
    loaded = at_entry.CreateLoad(type, place);
  }
  return loaded;
}

llvm::Value* PhaseFrame::integer_argument(int index) {
  constexpr unsigned field = offsetof(runtime::Arguments, integers) / sizeof(void*);
  llvm::Value*& loaded = integers_[static_cast<size_t>(index)];
  if (loaded == nullptr) {
    llvm::Value* const integers = argument_field(field, builder.getPtrTy());
    llvm::IRBuilder<> at_entry(entry_->getTerminator());
    loaded = at_entry.CreateLoad(
        builder.getInt64Ty(),
        at_entry.CreateConstGEP1_64(builder.getInt64Ty(), integers, static_cast<uint64_t>(index)));
  }
  return loaded;
}

llvm::Value* PhaseFrame::scalar_argument(int index, DType dtype) {
  constexpr unsigned field = offsetof(runtime::Arguments, scalars) / sizeof(void*);
  llvm::Value* const scalars = argument_field(field, builder.getPtrTy());
  llvm::IRBuilder<> at_entry(entry_->getTerminator());
  llvm::Value* const slot =
      at_entry.CreateConstGEP1_64(builder.getInt64Ty(), scalars, static_cast<uint64_t>(index));
  llvm::Value* const value = at_entry.CreateLoad(memory_type(builder.getContext(), dtype), slot);
  return dtype == boolean ? at_entry.CreateIsNotNull(value) : value;
}

llvm::Value* PhaseFrame::array_base(ArrayId id) {
  llvm::Value*& base = bases_[static_cast<size_t>(id)];
  if (base != nullptr) return base;
  const Array& the_array = array(id);
  if (the_array.space == Array::Space::scratch) {
    constexpr unsigned field = offsetof(runtime::Arguments, scratch) / sizeof(void*);
    int64_t offset = 0;
    for (ArrayId before = 0; before < id; ++before)
      if (array(before).space == Array::Space::scratch) offset += scratch_bytes(array(before));
    llvm::Value* const scratch = argument_field(field, builder.getPtrTy());
    llvm::IRBuilder<> at_entry(entry_->getTerminator());
    base = at_entry.CreateConstGEP1_64(builder.getInt8Ty(), scratch, static_cast<uint64_t>(offset));
    return base;
  }
  constexpr unsigned field = offsetof(runtime::Arguments, buffers) / sizeof(void*);
  llvm::Value* const buffers = argument_field(field, builder.getPtrTy());
  llvm::IRBuilder<> at_entry(entry_->getTerminator());
  llvm::Value* const place = at_entry.CreateConstGEP1_64(builder.getPtrTy(), buffers,
                                                         static_cast<uint64_t>(the_array.buffer));
  base = at_entry.CreateLoad(builder.getPtrTy(), place);
  return base;
}

llvm::Value* PhaseFrame::address(ArrayId id, const Index& index) {
  llvm::Type* const element = memory_type(builder.getContext(), array(id).dtype);
  llvm::Value* pointer = array_base(id);
  if (index.dynamic != nullptr) pointer = builder.CreateGEP(element, pointer, index.dynamic);
  if (index.constant != 0) pointer = builder.CreateGEP(element, pointer, number(index.constant));
  return pointer;
}

llvm::Value* PhaseFrame::overwrites_operand(ArrayId id) {
  llvm::Value* const base = array_base(id);
  llvm::Value* overwrites = builder.getFalse();
  for (size_t other = 0; other < nest.arrays.size(); ++other) {
    const Array& read = nest.arrays[other];
    if (read.written || read.space != Array::Space::buffer) continue;
    llvm::Value* const read_base = array_base(static_cast<ArrayId>(other));
    llvm::IRBuilder<> at_entry(entry_->getTerminator());
    overwrites = at_entry.CreateOr(overwrites, at_entry.CreateICmpEQ(base, read_base));
  }
  return overwrites;
}

llvm::AllocaInst* PhaseFrame::register_element(ArrayId id, int64_t element) {
  const Array& the_array = array(id);
  internal_check(element >= 0 && element < the_array.elements,
                 "a loop nest indexes a register array outside of its elements");
  auto& elements = registers_[static_cast<size_t>(id)];
  elements.resize(static_cast<size_t>(the_array.elements));
  llvm::AllocaInst*& slot = elements[static_cast<size_t>(element)];
  if (slot == nullptr) {
    llvm::IRBuilder<> at_entry(entry_->getTerminator());
    slot = at_entry.CreateAlloca(
        vector_of(lane_type(builder.getContext(), the_array.dtype), the_array.lanes), nullptr,
        the_array.name);
  }
  return slot;
}

llvm::AllocaInst* PhaseFrame::staging(llvm::Type* type) {
  llvm::AllocaInst*& slot = staging_[type];
  if (slot == nullptr) {
    llvm::IRBuilder<> at_entry(entry_->getTerminator());
    slot = at_entry.CreateAlloca(type, nullptr, "staging");
  }
  return slot;
}

llvm::Instruction* PhaseFrame::annotate(llvm::Instruction* access, ArrayId id) {
  access->setMetadata(llvm::LLVMContext::MD_alias_scope, scopes_[static_cast<size_t>(id)]);
  access->setMetadata(llvm::LLVMContext::MD_noalias, other_scopes_[static_cast<size_t>(id)]);
  return access;
}

}  // namespace onepass::codegen
