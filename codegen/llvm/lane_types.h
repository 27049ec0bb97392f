// SPDX-License-Identifier: Apache-2.0
// Element types as LLVM types: a value of one lane is a scalar, of more lanes a vector.
#pragma once

#include "onepass/codegen/llvm/llvm_headers.h"
#include "onepass/runtime/dtype.h"

namespace onepass::codegen {

/// How one lane lives in a register. boolean is i1; f16 and bf16 are their bits, i16.
llvm::Type* lane_type(llvm::LLVMContext& context, DType dtype);

/// How one element lies in memory: boolean is a byte that holds 0 or 1.
llvm::Type* memory_type(llvm::LLVMContext& context, DType dtype);

/// `lanes` of `type`; the type itself for one lane.
llvm::Type* vector_of(llvm::Type* type, int lanes);

/// 1 for a scalar.
int lane_count(const llvm::Value* value);

/// The scalar in each of `lanes` lanes; a vector stays as it is.
llvm::Value* splat(llvm::IRBuilderBase& builder, llvm::Value* value, int lanes);

/// Lanes [first, first + count) of a vector.
llvm::Value* extract_lanes(llvm::IRBuilderBase& builder, llvm::Value* vector, int first, int count);

/// The lanes of a vector or scalar, then arbitrary ones up to `lanes`.
llvm::Value* widen(llvm::IRBuilderBase& builder, llvm::Value* value, int lanes);

/// Vectors of equal type, one after another. Their number is a power of two.
llvm::Value* concatenate(llvm::IRBuilderBase& builder, llvm::SmallVector<llvm::Value*> parts);

/// True if any lane of an i1 value is set, as a scalar i1.
llvm::Value* any_lane(llvm::IRBuilderBase& builder, llvm::Value* mask);

}  // namespace onepass::codegen
