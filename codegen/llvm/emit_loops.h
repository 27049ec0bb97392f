// SPDX-License-Identifier: Apache-2.0
// Loop nest to LLVM module: one function per phase.
#pragma once

#include <memory>
#include <string>

#include "onepass/codegen/llvm/llvm_headers.h"
#include "onepass/codegen/loop_nest.h"
#include "onepass/codegen/target.h"

namespace onepass::codegen {

/// Functions `<prefix>_phase<i>` with the signature of runtime::PhaseFunction.
std::unique_ptr<llvm::Module> emit_module(llvm::LLVMContext& context, const LoopNest& nest,
                                          const Target& target, const std::string& prefix);

}  // namespace onepass::codegen
