// SPDX-License-Identifier: Apache-2.0
// A row of the op table as vector code.
#pragma once

#include "onepass/codegen/llvm/llvm_headers.h"
#include "onepass/codegen/target.h"
#include "onepass/ir/interpret.h"
#include "onepass/ir/op.h"
#include "onepass/runtime/dtype.h"

namespace onepass::codegen {

/// Where code goes and for whom.
struct OpContext {
  llvm::IRBuilderBase& builder;
  const Target& target;
  ir::Accuracy accuracy = ir::Accuracy::strict;
};

/// Appends `op` on operands of `lanes` lanes of `dtype` (of where: the last two). `exponent` is for
/// pow of one operand.
llvm::Value* emit_op(const OpContext& context, ir::OpCode op, DType dtype, int lanes,
                     llvm::ArrayRef<llvm::Value*> operands, double exponent = 0);

/// True for maximum and minimum.
bool is_extreme(ir::OpCode op);
/// Appends one of them on floats none of which is NaN.
llvm::Value* emit_extreme_of_numbers(const OpContext& context, ir::OpCode op, DType dtype,
                                     llvm::Value* x, llvm::Value* y);

/// Appends the conversion of `operand` as the interpreter does it.
llvm::Value* emit_convert(const OpContext& context, llvm::Value* operand, DType from, DType to);

}  // namespace onepass::codegen
