// SPDX-License-Identifier: Apache-2.0
// Loop nest to machine code. The whole of LLVM hides behind these functions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "onepass/codegen/loop_nest.h"
#include "onepass/codegen/target.h"
#include "onepass/runtime/kernel.h"

namespace onepass::codegen {

struct MachineCode {
  std::vector<runtime::PhaseFunction> phases;
  std::shared_ptr<void> owner;  // unmaps the code when it dies
  int64_t nanoseconds = 0;      // emitting, optimising, generating and linking
};

/// Compiles a verified nest. Thread-safe. InternalError if LLVM rejects the module; SystemError if
/// LLVM refuses.
MachineCode compile_nest(const LoopNest& nest, const Target& target);

/// What explain shows of the same compilation.
struct CodeText {
  std::string llvm_ir;   // after the pass list
  std::string assembly;  // of the target, Intel syntax
};
CodeText code_text(const LoopNest& nest, const Target& target);

/// "LLVM 19.1.7".
std::string llvm_description();

}  // namespace onepass::codegen
