// SPDX-License-Identifier: Apache-2.0
// LLVM IR to better LLVM IR to object code, for one of the two instruction sets.
#pragma once

#include <memory>
#include <string>

#include "onepass/codegen/llvm/llvm_headers.h"
#include "onepass/codegen/target.h"

namespace onepass::codegen {

/// A code generator for the instruction set of `target`. SystemError if LLVM has none.
std::unique_ptr<llvm::TargetMachine> make_target_machine(const Target& target);

/// Marks every function with the instruction set, tuning and vector width of `target`. Before
/// optimising.
void set_target(llvm::Module& module, llvm::TargetMachine& machine, const Target& target);

/// InternalError with LLVM's text if the module is broken.
void verify_module(const llvm::Module& module);

/// The fixed list of passes. The emitter writes vector code itself, so none of them vectorises or
/// unrolls.
void optimize(llvm::Module& module, llvm::TargetMachine& machine);

/// Machine code: an object file, or assembly text.
llvm::SmallVector<char, 0> generate(llvm::Module& module, llvm::TargetMachine& machine,
                                    llvm::CodeGenFileType type);

}  // namespace onepass::codegen
