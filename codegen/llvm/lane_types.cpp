// SPDX-License-Identifier: Apache-2.0
// Element types as LLVM types, and moving lanes between vectors.
#include "onepass/codegen/llvm/lane_types.h"

#include <numeric>

namespace onepass::codegen {

llvm::Type* lane_type(llvm::LLVMContext& context, DType dtype) {
  if (dtype == f32) return llvm::Type::getFloatTy(context);
  if (dtype == f64) return llvm::Type::getDoubleTy(context);
  if (dtype == boolean) return llvm::Type::getInt1Ty(context);
  return memory_type(context, dtype);
}

llvm::Type* memory_type(llvm::LLVMContext& context, DType dtype) {
  if (dtype == f32 || dtype == f64) return lane_type(context, dtype);
  constexpr unsigned bits_per_byte = 8;
  return llvm::Type::getIntNTy(context, static_cast<unsigned>(byte_size(dtype)) * bits_per_byte);
}

llvm::Type* vector_of(llvm::Type* type, int lanes) {
  return lanes == 1 ? type : llvm::FixedVectorType::get(type, static_cast<unsigned>(lanes));
}

int lane_count(const llvm::Value* value) {
  const auto* type = llvm::dyn_cast<llvm::FixedVectorType>(value->getType());
  return type == nullptr ? 1 : static_cast<int>(type->getNumElements());
}

llvm::Value* splat(llvm::IRBuilderBase& builder, llvm::Value* value, int lanes) {
  if (lanes == 1 || value->getType()->isVectorTy()) return value;
  return builder.CreateVectorSplat(static_cast<unsigned>(lanes), value);
}

llvm::Value* extract_lanes(llvm::IRBuilderBase& builder, llvm::Value* vector, int first,
                           int count) {
  if (count == lane_count(vector)) return vector;
  if (count == 1) return builder.CreateExtractElement(vector, static_cast<uint64_t>(first));
  llvm::SmallVector<int> lanes(static_cast<size_t>(count));
  std::iota(lanes.begin(), lanes.end(), first);
  return builder.CreateShuffleVector(vector, lanes);
}

llvm::Value* widen(llvm::IRBuilderBase& builder, llvm::Value* value, int lanes) {
  if (!value->getType()->isVectorTy()) {
    llvm::Value* const none = llvm::PoisonValue::get(vector_of(value->getType(), lanes));
    return builder.CreateInsertElement(none, value, uint64_t{0});
  }
  llvm::SmallVector<int> kept(static_cast<size_t>(lanes), llvm::PoisonMaskElem);
  std::iota(kept.begin(), kept.begin() + lane_count(value), 0);
  return builder.CreateShuffleVector(value, kept);
}

llvm::Value* concatenate(llvm::IRBuilderBase& builder, llvm::SmallVector<llvm::Value*> parts) {
  while (parts.size() > 1) {
    llvm::SmallVector<int> lanes(2 * static_cast<size_t>(lane_count(parts[0])));
    std::iota(lanes.begin(), lanes.end(), 0);
    for (size_t i = 0; i < parts.size() / 2; ++i)
      parts[i] = builder.CreateShuffleVector(parts[2 * i], parts[2 * i + 1], lanes);
    parts.resize(parts.size() / 2);
  }
  return parts[0];
}

llvm::Value* any_lane(llvm::IRBuilderBase& builder, llvm::Value* mask) {
  const int lanes = lane_count(mask);
  if (lanes == 1) return mask;
  llvm::Value* bits = builder.CreateBitCast(mask, builder.getIntNTy(static_cast<unsigned>(lanes)));
  return builder.CreateICmpNE(bits, llvm::Constant::getNullValue(bits->getType()));
}

}  // namespace onepass::codegen
