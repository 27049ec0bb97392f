// SPDX-License-Identifier: Apache-2.0
// The op table as vector code. The only file that instantiates the formulas for the vector emitter.
#include "onepass/codegen/llvm/emit_ops.h"

#include "onepass/codegen/llvm/llvm_emitter.h"
#include "onepass/ir/math/math.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

namespace math = ir::math;

using Operands = llvm::ArrayRef<llvm::Value*>;

/// Operand `position` as the formulas of `rule` take it; any value stands in for one the op does
/// not have.
template <ir::TypeRule rule, size_t position>
auto typed(Operands operands) {
  llvm::Value* const lanes = position < operands.size() ? operands[position] : nullptr;
  constexpr bool is_mask =
      rule == ir::TypeRule::boolean || (rule == ir::TypeRule::select && position == 0);
  if constexpr (is_mask)
    return LlvmEmitter::Mask{lanes};
  else
    return LlvmEmitter::Value{lanes};
}

llvm::Value* emit_row(LlvmEmitter& e, ir::OpCode op, Operands operands) {
  switch (op) {
#define ONEPASS_OP(name, arity, rule, laws, ulp_f32, ulp_f64, ulp_fast, low, high, reference, \
                   lowering, doc)                                                             \
  case ir::OpCode::name: {                                                                    \
    [[maybe_unused]] const auto x = typed<ir::TypeRule::rule, 0>(operands);                   \
    [[maybe_unused]] const auto y = typed<ir::TypeRule::rule, 1>(operands);                   \
    [[maybe_unused]] const auto z = typed<ir::TypeRule::rule, 2>(operands);                   \
    return (lowering).lanes;                                                                  \
  }
#include "onepass/ir/ops.def"
    default:
      throw InternalError("codegen: a loop nest computes an op that is not element-wise");
  }
}

}  // namespace

llvm::Value* emit_op(const OpContext& context, ir::OpCode op, DType dtype, int lanes,
                     Operands operands, double exponent) {
  LlvmEmitter e(context.builder, context.target, dtype, lanes, context.accuracy);
  if (op == ir::OpCode::pow && operands.size() == 1)
    return math::pow_constant(e, LlvmEmitter::Value{operands[0]}, exponent).lanes;
  internal_check(!is_half(dtype) || ir::info(op).rule == ir::TypeRule::select,
                 "f16 and bf16 are computed in f32");
  return emit_row(e, op, operands);
}

bool is_extreme(ir::OpCode op) { return op == ir::OpCode::maximum || op == ir::OpCode::minimum; }

llvm::Value* emit_extreme_of_numbers(const OpContext& context, ir::OpCode op, DType dtype,
                                     llvm::Value* x, llvm::Value* y) {
  LlvmEmitter e(context.builder, context.target, dtype, lane_count(x), context.accuracy);
  const LlvmEmitter::Value a{x}, b{y};
  return (op == ir::OpCode::maximum ? math::larger_number(e, a, b) : math::smaller_number(e, a, b))
      .lanes;
}

}  // namespace onepass::codegen
