// SPDX-License-Identifier: Apache-2.0
// Look-up of a small constant table: register permutes where the table fits into a few registers,
// else memory.
#include <bit>

#include "onepass/codegen/llvm/llvm_emitter.h"

namespace onepass::codegen {
namespace {

// Beyond this many registers, loads from the (cached) table are cheaper than permutes and blends.
constexpr int most_registers = 4;

llvm::SmallVector<llvm::Constant*> constants(llvm::Type* type, std::span<const double> numbers) {
  llvm::SmallVector<llvm::Constant*> result;
  for (double number : numbers) result.push_back(llvm::ConstantFP::get(type, number));
  return result;
}

}  // namespace

LlvmEmitter::Value LlvmEmitter::table(std::span<const double> numbers, Integer index) {
  const int native = target_.lanes(byte_size(dtype_));
  const bool fits = static_cast<int>(numbers.size()) <= most_registers * native;
  // vpermps takes 8 or 16 floats; vpermpd with variable indices needs AVX-512.
  const bool permutes = !is_double() || target_.instruction_set == InstructionSet::x86_64_v4;
  if (lanes_ > 1 && fits && permutes) return {permute_table(numbers, index.lanes)};
  return {gather_table(numbers, index.lanes)};
}

// Padded to a power of two, so that no index whatever reads outside of the table.
llvm::Value* LlvmEmitter::gather_table(std::span<const double> numbers, llvm::Value* index) {
  llvm::Type* const element = lane_type(b_.getContext(), dtype_);
  llvm::SmallVector<llvm::Constant*> entries = constants(element, numbers);
  entries.resize(std::bit_ceil(entries.size()), entries.back());
  auto* const array = llvm::ArrayType::get(element, entries.size());
  llvm::Value* const memory = constant_array(llvm::ConstantArray::get(array, entries));
  llvm::Value* const inside =
      b_.CreateAnd(index, llvm::ConstantInt::get(index->getType(), entries.size() - 1));
  const auto load = [&](llvm::Value* i) {
    return b_.CreateLoad(element, b_.CreateGEP(element, memory, i));
  };
  if (lanes_ == 1) return load(inside);
  llvm::Value* result = llvm::PoisonValue::get(type());
  for (int lane = 0; lane < lanes_; ++lane) {
    const auto position = static_cast<uint64_t>(lane);
    llvm::Value* const entry = load(b_.CreateExtractElement(inside, position));
    result = b_.CreateInsertElement(result, entry, position);
  }
  return result;
}

llvm::Value* LlvmEmitter::constant_array(llvm::Constant* content) {
  llvm::Module& module = *b_.GetInsertBlock()->getModule();
  for (llvm::GlobalVariable& global : module.globals())
    if (global.getInitializer() == content) return &global;
  auto* const global = new llvm::GlobalVariable(
      module, content->getType(), true, llvm::GlobalValue::PrivateLinkage, content, "table");
  constexpr uint64_t cache_line = 64;
  global->setAlignment(llvm::Align(cache_line));
  return global;
}

llvm::Value* LlvmEmitter::permute_table(std::span<const double> numbers, llvm::Value* index) {
  const int native = target_.lanes(byte_size(dtype_));
  llvm::SmallVector<llvm::Constant*> entries =
      constants(lane_type(b_.getContext(), dtype_), numbers);
  entries.resize(std::bit_ceil(entries.size()), entries.back());
  // Repeated, so that a permute by a wider register takes the index modulo the length.
  for (size_t i = 0; entries.size() < static_cast<size_t>(native); ++i)
    entries.push_back(entries[i]);

  if (lanes_ < native) {
    llvm::SmallVector<int> widen;
    for (int i = 0; i < native; ++i) widen.push_back(i < lanes_ ? i : 0);
    llvm::Value* const wide = b_.CreateShuffleVector(index, widen);
    return extract_lanes(b_, permute_piece(entries, wide), 0, lanes_);
  }
  llvm::SmallVector<llvm::Value*> parts;
  for (int first = 0; first < lanes_; first += native)
    parts.push_back(permute_piece(entries, extract_lanes(b_, index, first, native)));
  return concatenate(b_, parts);
}

// One register of indices: look up in each half of the table, choose by the highest index bit.
llvm::Value* LlvmEmitter::permute_piece(llvm::ArrayRef<llvm::Constant*> entries,
                                        llvm::Value* index) {
  const auto native = static_cast<size_t>(lane_count(index));
  const bool wide = target_.instruction_set == InstructionSet::x86_64_v4;
  if (entries.size() == native) {
    llvm::Value* const lookup = llvm::ConstantVector::get(entries);
    if (!wide) return b_.CreateIntrinsic(llvm::Intrinsic::x86_avx2_permps, {}, {lookup, index});
    return b_.CreateIntrinsic(is_double() ? llvm::Intrinsic::x86_avx512_permvar_df_512
                                          : llvm::Intrinsic::x86_avx512_permvar_sf_512,
                              {}, {lookup, index});
  }
  const size_t half = entries.size() / 2;
  if (wide && half == native) {
    return b_.CreateIntrinsic(is_double() ? llvm::Intrinsic::x86_avx512_vpermi2var_pd_512
                                          : llvm::Intrinsic::x86_avx512_vpermi2var_ps_512,
                              {},
                              {llvm::ConstantVector::get(entries.take_front(half)), index,
                               llvm::ConstantVector::get(entries.drop_front(half))});
  }
  llvm::Value* const low = permute_piece(entries.take_front(half), index);
  llvm::Value* const high = permute_piece(entries.drop_front(half), index);
  llvm::Value* const bit = b_.CreateAnd(index, llvm::ConstantInt::get(index->getType(), half));
  return b_.CreateSelect(b_.CreateICmpNE(bit, llvm::Constant::getNullValue(bit->getType())), high,
                         low);
}

}  // namespace onepass::codegen
