// SPDX-License-Identifier: Apache-2.0
// Primitives of the vector emitter. No fast-math flag is ever set: each operation rounds once, as
// written.
#include "onepass/codegen/llvm/llvm_emitter.h"

#include <algorithm>
#include <bit>

namespace onepass::codegen {
namespace {

// Adding this to an integral double within +-2^51 leaves the integer in the low bits of the sum.
constexpr double magic = 0x1.8p52;

constexpr uint32_t current_rounding = 4;

}  // namespace

int LlvmEmitter::bits() const {
  constexpr int bits_per_byte = 8;
  return dtype_ == boolean ? 1 : byte_size(dtype_) * bits_per_byte;
}

llvm::Type* LlvmEmitter::integer_type() const {
  return vector_of(b_.getIntNTy(static_cast<unsigned>(bits())), lanes_);
}

LlvmEmitter::Value LlvmEmitter::constant(double number) {
  if (!is_floating()) return integer_value(static_cast<int64_t>(number));
  return {llvm::ConstantFP::get(type(), number)};
}

LlvmEmitter::Value LlvmEmitter::integer_value(int64_t number) {
  return {llvm::ConstantInt::get(type(), static_cast<uint64_t>(number))};
}

LlvmEmitter::Integer LlvmEmitter::integer(int64_t number) {
  return {llvm::ConstantInt::get(integer_type(), static_cast<uint64_t>(number))};
}

LlvmEmitter::Value LlvmEmitter::add(Value x, Value y) {
  return {is_floating() ? b_.CreateFAdd(x.lanes, y.lanes) : b_.CreateAdd(x.lanes, y.lanes)};
}

LlvmEmitter::Value LlvmEmitter::sub(Value x, Value y) {
  return {is_floating() ? b_.CreateFSub(x.lanes, y.lanes) : b_.CreateSub(x.lanes, y.lanes)};
}

LlvmEmitter::Value LlvmEmitter::mul(Value x, Value y) {
  return {is_floating() ? b_.CreateFMul(x.lanes, y.lanes) : b_.CreateMul(x.lanes, y.lanes)};
}

LlvmEmitter::Value LlvmEmitter::div(Value x, Value y) {
  if (is_floating()) return {b_.CreateFDiv(x.lanes, y.lanes)};
  return {divide_integers(x.lanes, y.lanes)};
}

// x86 divides no integer vectors. Floats of more than twice the width give the exact truncated
// quotient: it is at least 1 / |x| away, relatively, from the next integer.
llvm::Value* LlvmEmitter::divide_integers(llvm::Value* x, llvm::Value* y) {
  constexpr int widest_in_float = 16, widest_in_double = 32;
  if (lanes_ == 1 || bits() > widest_in_double)
    return is_signed() ? b_.CreateSDiv(x, y) : b_.CreateUDiv(x, y);
  llvm::Type* const floats =
      vector_of(bits() <= widest_in_float ? b_.getFloatTy() : b_.getDoubleTy(), lanes_);
  if (is_signed()) {
    llvm::Value* q = b_.CreateFDiv(b_.CreateSIToFP(x, floats), b_.CreateSIToFP(y, floats));
    return b_.CreateFPToSI(q, type());
  }
  llvm::Value* q = b_.CreateFDiv(b_.CreateUIToFP(x, floats), b_.CreateUIToFP(y, floats));
  return b_.CreateFPToUI(q, type());
}

LlvmEmitter::Value LlvmEmitter::fma(Value x, Value y, Value z) {
  return {
      b_.CreateIntrinsic(llvm::Intrinsic::fma, {x.lanes->getType()}, {x.lanes, y.lanes, z.lanes})};
}

bool LlvmEmitter::has_scale() const {
  constexpr int bytes = 64;
  return target_.instruction_set == InstructionSet::x86_64_v4 && is_floating() &&
         lanes_ * byte_size(dtype_) % bytes == 0;
}

bool LlvmEmitter::has_extremes() const {
  return target_.instruction_set == InstructionSet::x86_64_v4 && is_floating() &&
         std::has_single_bit(static_cast<unsigned>(lanes_));
}

LlvmEmitter::Value LlvmEmitter::range(Value x, Value y, bool larger) {
  constexpr int fewest_bytes = 16;
  const int fewest = fewest_bytes / byte_size(dtype_);
  const int native = target_.lanes(byte_size(dtype_));
  const int lanes = std::clamp(lanes_, fewest, native);
  llvm::SmallVector<llvm::Value*> parts;
  for (int first = 0; first < lanes_; first += lanes) {
    const auto part = [&](Value v) {
      return lanes_ < lanes ? widen(b_, v.lanes, lanes) : extract_lanes(b_, v.lanes, first, lanes);
    };
    parts.push_back(range_of_register(part(x), part(y), larger));
  }
  return {extract_lanes(b_, concatenate(b_, parts), 0, lanes_)};
}

// Arguments: which of the two (with the sign of the one chosen), what masked-off lanes keep, the
// mask, for 64 bytes the rounding mode.
llvm::Value* LlvmEmitter::range_of_register(llvm::Value* x, llvm::Value* y, bool larger) {
  using namespace llvm::Intrinsic;
  constexpr ID of_floats[] = {x86_avx512_mask_range_ps_128, x86_avx512_mask_range_ps_256,
                              x86_avx512_mask_range_ps_512};
  constexpr ID of_doubles[] = {x86_avx512_mask_range_pd_128, x86_avx512_mask_range_pd_256,
                               x86_avx512_mask_range_pd_512};
  constexpr unsigned smallest_register = 16, fewest_mask_bits = 8;
  constexpr uint32_t smaller_one = 4, larger_one = 5;
  const auto lanes = static_cast<unsigned>(lane_count(x));
  const auto bytes = lanes * static_cast<unsigned>(byte_size(dtype_));
  const int width = std::countr_zero(bytes / smallest_register);
  llvm::SmallVector<llvm::Value*> arguments = {
      x, y, b_.getInt32(larger ? larger_one : smaller_one), x,
      llvm::Constant::getAllOnesValue(b_.getIntNTy(std::max(lanes, fewest_mask_bits)))};
  if (width == 2) arguments.push_back(b_.getInt32(current_rounding));
  return b_.CreateIntrinsic((is_double() ? of_doubles : of_floats)[width], {}, arguments);
}

// AVX-512 has both for whole registers. Their last arguments: what masked-off lanes keep, the mask,
// the rounding mode.
LlvmEmitter::Value LlvmEmitter::scale(Value x, Value n) {
  const auto id = is_double() ? llvm::Intrinsic::x86_avx512_mask_scalef_pd_512
                              : llvm::Intrinsic::x86_avx512_mask_scalef_ps_512;
  return by_register([&](const auto& part) {
    return b_.CreateIntrinsic(
        id, {}, {part(x), part(n), part(x), all_active(), b_.getInt32(current_rounding)});
  });
}

LlvmEmitter::Value LlvmEmitter::beyond_nearest(Value x) {
  constexpr uint32_t to_nearest_integer = 0;
  const auto id = is_double() ? llvm::Intrinsic::x86_avx512_mask_reduce_pd_512
                              : llvm::Intrinsic::x86_avx512_mask_reduce_ps_512;
  return by_register([&](const auto& part) {
    return b_.CreateIntrinsic(id, {},
                              {part(x), b_.getInt32(to_nearest_integer), part(x), all_active(),
                               b_.getInt32(current_rounding)});
  });
}

llvm::Constant* LlvmEmitter::all_active() const {
  return llvm::Constant::getAllOnesValue(
      b_.getIntNTy(static_cast<unsigned>(target_.lanes(byte_size(dtype_)))));
}

template <class Piece>
LlvmEmitter::Value LlvmEmitter::by_register(const Piece& piece) {
  const int native = target_.lanes(byte_size(dtype_));
  llvm::SmallVector<llvm::Value*> parts;
  for (int first = 0; first < lanes_; first += native) {
    parts.push_back(piece([&](Value x) { return extract_lanes(b_, x.lanes, first, native); }));
  }
  return {concatenate(b_, parts)};
}

LlvmEmitter::Value LlvmEmitter::neg(Value x) {
  return {is_floating() ? b_.CreateFNeg(x.lanes) : b_.CreateNeg(x.lanes)};
}

LlvmEmitter::Value LlvmEmitter::abs(Value x) {
  if (is_floating()) return unary(llvm::Intrinsic::fabs, x);
  if (!is_signed()) return x;
  return {b_.CreateBinaryIntrinsic(llvm::Intrinsic::abs, x.lanes, b_.getFalse())};
}

LlvmEmitter::Mask LlvmEmitter::equal(Value x, Value y) {
  return {is_floating() ? b_.CreateFCmpOEQ(x.lanes, y.lanes) : b_.CreateICmpEQ(x.lanes, y.lanes)};
}

LlvmEmitter::Mask LlvmEmitter::not_equal(Value x, Value y) {
  return {is_floating() ? b_.CreateFCmpUNE(x.lanes, y.lanes) : b_.CreateICmpNE(x.lanes, y.lanes)};
}

LlvmEmitter::Mask LlvmEmitter::less(Value x, Value y) {
  if (is_floating()) return {b_.CreateFCmpOLT(x.lanes, y.lanes)};
  return {is_signed() ? b_.CreateICmpSLT(x.lanes, y.lanes) : b_.CreateICmpULT(x.lanes, y.lanes)};
}

LlvmEmitter::Mask LlvmEmitter::less_equal(Value x, Value y) {
  if (is_floating()) return {b_.CreateFCmpOLE(x.lanes, y.lanes)};
  return {is_signed() ? b_.CreateICmpSLE(x.lanes, y.lanes) : b_.CreateICmpULE(x.lanes, y.lanes)};
}

LlvmEmitter::Value LlvmEmitter::shift_right(Value x, Value count) {
  return {is_signed() ? b_.CreateAShr(x.lanes, count.lanes) : b_.CreateLShr(x.lanes, count.lanes)};
}

LlvmEmitter::Integer LlvmEmitter::as_integer(Value x) {
  return {b_.CreateBitCast(x.lanes, integer_type())};
}

LlvmEmitter::Value LlvmEmitter::as_value(Integer x) { return {b_.CreateBitCast(x.lanes, type())}; }

// Lanes out of range are not used, but must not be undefined either: they may reach a branch.
LlvmEmitter::Integer LlvmEmitter::to_integer(Value x) {
  if (!is_floating()) return {x.lanes};
  if (!is_double()) return {b_.CreateFreeze(b_.CreateFPToSI(x.lanes, integer_type()))};
  const Value shifted = add(x, constant(magic));
  return sub(as_integer(shifted), as_integer(constant(magic)));
}

LlvmEmitter::Value LlvmEmitter::to_value(Integer x) {
  if (!is_floating()) return {x.lanes};
  if (!is_double() || target_.instruction_set == InstructionSet::x86_64_v4)
    return {b_.CreateSIToFP(x.lanes, type())};
  const Value shifted = as_value(add(x, as_integer(constant(magic))));
  return sub(shifted, constant(magic));
}

llvm::Function* LlvmEmitter::rare_function(const char* name, int lanes, size_t arguments) {
  llvm::Module& module = *b_.GetInsertBlock()->getModule();
  const std::string symbol =
      std::string(name) + "_" + std::string(to_string(dtype_)) + "x" + std::to_string(lanes);
  if (llvm::Function* const known = module.getFunction(symbol)) return known;
  llvm::Type* const piece = vector_of(lane_type(b_.getContext(), dtype_), lanes);
  const llvm::SmallVector<llvm::Type*> types(arguments, piece);
  auto* const function = llvm::Function::Create(llvm::FunctionType::get(piece, types, false),
                                                llvm::GlobalValue::InternalLinkage, symbol, module);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  function->addFnAttr(llvm::Attribute::Cold);
  // Keeps registers 16 to 31 for the caller. Its form for AVX2 keeps 8 to 15, whose upper halves
  // LLVM clears before calls that pass halves.
  if (target_.instruction_set == InstructionSet::x86_64_v4)
    function->setCallingConv(llvm::CallingConv::Intel_OCL_BI);
  function->setOnlyReadsMemory();
  return function;
}

LlvmEmitter::Value LlvmEmitter::call_by_piece(llvm::Function* function, int lanes,
                                              std::span<const Value> arguments) {
  llvm::SmallVector<llvm::Value*> pieces;
  for (int first = 0; first < lanes_; first += lanes) {
    llvm::SmallVector<llvm::Value*> parts;
    for (const Value& argument : arguments)
      parts.push_back(extract_lanes(b_, argument.lanes, first, lanes));
    llvm::CallInst* const call = b_.CreateCall(function, parts);
    call->setCallingConv(function->getCallingConv());
    pieces.push_back(call);
  }
  return {concatenate(b_, pieces)};
}

llvm::BasicBlock* LlvmEmitter::new_block(const char* name) {
  return llvm::BasicBlock::Create(b_.getContext(), name, b_.GetInsertBlock()->getParent());
}

void LlvmEmitter::branch_if_any(Mask m, llvm::BasicBlock* taken, llvm::BasicBlock* otherwise) {
  constexpr uint32_t rare = 1, usual = 1000;
  llvm::MDNode* const weights = llvm::MDBuilder(b_.getContext()).createBranchWeights(rare, usual);
  b_.CreateCondBr(any_lane(b_, m.lanes), taken, otherwise, weights);
}

}  // namespace onepass::codegen
