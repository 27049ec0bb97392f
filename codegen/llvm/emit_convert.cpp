// SPDX-License-Identifier: Apache-2.0
// Conversions between element types. Floats to integers saturate and send NaN to 0: clamped first,
// then converted, since LLVM's saturating conversions become scalar code.
#include <cmath>
#include <limits>

#include "onepass/codegen/llvm/emit_ops.h"
#include "onepass/codegen/llvm/lane_types.h"

namespace onepass::codegen {
namespace {

constexpr int bits_per_byte = 8;
constexpr int float_mantissa = 24, double_mantissa = 53;
constexpr int half_bits = 16;

int bits_of(DType dtype) { return byte_size(dtype) * bits_per_byte; }

/// Conversions of lanes of one count.
class Conversion {
 public:
  Conversion(llvm::IRBuilderBase& builder, int lanes) : b_(builder), lanes_(lanes) {}

  llvm::Value* convert(llvm::Value* x, DType from, DType to) {
    if (from == to) return x;
    if (is_half(from)) return convert(widen_half(x, from), f32, to);
    if (to == boolean) return is_not_zero(x, from);
    if (is_half(to)) return to_half(x, from, to);
    if (is_floating(to)) return to_float(x, from, to);
    return is_floating(from) ? float_to_integer(x, from, to) : integer_to_integer(x, from, to);
  }

 private:
  llvm::Type* type(DType dtype) { return vector_of(lane_type(b_.getContext(), dtype), lanes_); }
  llvm::Type* bits_type(int bits) {
    return vector_of(b_.getIntNTy(static_cast<unsigned>(bits)), lanes_);
  }
  llvm::Type* half_type() { return vector_of(b_.getHalfTy(), lanes_); }
  static llvm::Constant* number(const llvm::Value* like, uint64_t value) {
    return llvm::ConstantInt::get(like->getType(), value);
  }

  llvm::Value* is_not_zero(llvm::Value* x, DType from) {
    if (is_floating(from)) return b_.CreateFCmpUNE(x, llvm::Constant::getNullValue(x->getType()));
    return b_.CreateIsNotNull(x);
  }

  llvm::Value* integer_to_integer(llvm::Value* x, DType from, DType to) {
    return is_signed_integer(from) ? b_.CreateSExtOrTrunc(x, type(to))
                                   : b_.CreateZExtOrTrunc(x, type(to));
  }

  llvm::Value* to_float(llvm::Value* x, DType from, DType to) {
    if (is_floating(from)) return b_.CreateFPCast(x, type(to));
    return is_signed_integer(from) ? b_.CreateSIToFP(x, type(to)) : b_.CreateUIToFP(x, type(to));
  }

  llvm::Value* float_to_integer(llvm::Value* x, DType from, DType to);
  llvm::Value* truncate(llvm::Value* x, DType to);
  llvm::Value* widen_half(llvm::Value* x, DType from);
  llvm::Value* to_half(llvm::Value* x, DType from, DType to);
  llvm::Value* round_to_odd(llvm::Value* x);
  llvm::Value* float_to_bfloat(llvm::Value* x);

  llvm::IRBuilderBase& b_;
  int lanes_;
};

// The bounds are the outermost floats inside of the integer's range; what lies beyond the upper one
// is the largest integer itself, which a float need not represent.
llvm::Value* Conversion::float_to_integer(llvm::Value* x, DType from, DType to) {
  const int bits = is_signed_integer(to) ? bits_of(to) - 1 : bits_of(to);
  const int mantissa = from == f32 ? float_mantissa : double_mantissa;
  const double above = std::ldexp(1.0, bits);
  const double highest = bits > mantissa ? above - std::ldexp(1.0, bits - mantissa) : above - 1;
  const double lowest = is_signed_integer(to) ? -above : 0;
  llvm::Type* const floats = x->getType();
  llvm::Constant* const low = llvm::ConstantFP::get(floats, lowest);
  llvm::Constant* const high = llvm::ConstantFP::get(floats, highest);
  llvm::Value* clamped =
      b_.CreateSelect(b_.CreateFCmpORD(x, x), x, llvm::Constant::getNullValue(floats));
  clamped = b_.CreateSelect(b_.CreateFCmpOGT(clamped, low), clamped, low);
  clamped = b_.CreateSelect(b_.CreateFCmpOLT(clamped, high), clamped, high);
  llvm::Value* const result = truncate(clamped, to);
  if (bits <= mantissa) return result;
  llvm::Constant* const largest = llvm::ConstantInt::get(
      type(to), is_signed_integer(to) ? llvm::APInt::getSignedMaxValue(bits_of(to))
                                      : llvm::APInt::getMaxValue(bits_of(to)));
  llvm::Value* const is_above = b_.CreateFCmpOGE(x, llvm::ConstantFP::get(floats, above));
  return b_.CreateSelect(is_above, largest, result);
}

/// A float within the range of `to`, towards zero. Narrow types go through i32, which x86 converts
/// to.
llvm::Value* Conversion::truncate(llvm::Value* x, DType to) {
  constexpr int native_bits = 32;
  if (bits_of(to) < native_bits)
    return b_.CreateTrunc(b_.CreateFPToSI(x, bits_type(native_bits)), type(to));
  return is_signed_integer(to) ? b_.CreateFPToSI(x, type(to)) : b_.CreateFPToUI(x, type(to));
}

llvm::Value* Conversion::widen_half(llvm::Value* x, DType from) {
  if (from == f16) return b_.CreateFPExt(b_.CreateBitCast(x, half_type()), type(f32));
  llvm::Value* const wide = b_.CreateZExt(x, bits_type(2 * half_bits));
  return b_.CreateBitCast(b_.CreateShl(wide, number(wide, half_bits)), type(f32));
}

// Floats round once: f64 reaches f32 by rounding to odd. Integers go through f64.
llvm::Value* Conversion::to_half(llvm::Value* x, DType from, DType to) {
  llvm::Value* narrow = x;
  if (from == f64)
    narrow = round_to_odd(x);
  else if (from != f32 && bits_of(from) <= half_bits)
    narrow = to_float(x, from, f32);
  else if (from != f32)
    narrow = round_to_odd(to_float(x, from, f64));
  if (to == bf16) return float_to_bfloat(narrow);
  return b_.CreateBitCast(b_.CreateFPTrunc(narrow, half_type()), bits_type(half_bits));
}

// f64 to f32 such that a second rounding, to fewer bits, gives what one rounding would: an inexact
// result is the neighbour whose last bit is 1.
llvm::Value* Conversion::round_to_odd(llvm::Value* x) {
  llvm::Value* const nearest = b_.CreateFPTrunc(x, type(f32));
  llvm::Value* const back = b_.CreateFPExt(nearest, type(f64));
  llvm::Value* const bits = b_.CreateBitCast(nearest, bits_type(2 * half_bits));
  const auto magnitude = [this](llvm::Value* v) {
    return b_.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, v);
  };
  llvm::Value* const away = b_.CreateFCmpOGT(magnitude(back), magnitude(x));
  llvm::Value* const toward_zero = b_.CreateAdd(bits, b_.CreateSExt(away, bits->getType()));
  llvm::Value* const odd = b_.CreateOr(toward_zero, number(bits, 1));
  llvm::Value* const inexact = b_.CreateFCmpONE(back, x);
  return b_.CreateBitCast(b_.CreateSelect(inexact, odd, bits), type(f32));
}

// The upper half of the bits, rounded to nearest even; NaN stays NaN by its quiet bit.
llvm::Value* Conversion::float_to_bfloat(llvm::Value* x) {
  constexpr uint64_t below_half = 0x7fff, quiet = 0x400000;
  llvm::Value* const bits = b_.CreateBitCast(x, bits_type(2 * half_bits));
  llvm::Value* const last =
      b_.CreateAnd(b_.CreateLShr(bits, number(bits, half_bits)), number(bits, 1));
  llvm::Value* const rounded = b_.CreateAdd(bits, b_.CreateAdd(last, number(bits, below_half)));
  llvm::Value* const nan = b_.CreateOr(bits, number(bits, quiet));
  llvm::Value* const chosen = b_.CreateSelect(b_.CreateFCmpUNO(x, x), nan, rounded);
  return b_.CreateTrunc(b_.CreateLShr(chosen, number(bits, half_bits)), bits_type(half_bits));
}

}  // namespace

llvm::Value* emit_convert(const OpContext& context, llvm::Value* operand, DType from, DType to) {
  return Conversion(context.builder, lane_count(operand)).convert(operand, from, to);
}

}  // namespace onepass::codegen
