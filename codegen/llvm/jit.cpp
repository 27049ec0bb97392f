// SPDX-License-Identifier: Apache-2.0
// From a loop nest to callable phases: emit, verify, optimise, generate, link.
#include "onepass/codegen/jit.h"

#include <algorithm>
#include <chrono>

#include "onepass/codegen/llvm/emit_loops.h"
#include "onepass/codegen/llvm/optimize.h"
#include "onepass/codegen/llvm/session.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

/// LLVM reports errors of code generation to the context's handler; they must not reach stderr.
struct CollectDiagnostics : llvm::DiagnosticHandler {
  explicit CollectDiagnostics(std::string& text) : text_(text) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo& diagnostic) override {
    if (diagnostic.getSeverity() == llvm::DS_Error) {
      llvm::raw_string_ostream stream(text_);
      llvm::DiagnosticPrinterRawOStream printer(stream);
      diagnostic.print(printer);
    }
    return true;
  }
  std::string& text_;
};

/// Leaves out the pass that moves integers to mask registers, which takes a twentieth of the time
/// to compile a product and changes no speed; and loop strength reduction, which takes a third of
/// the time to compile a map and finds nothing to do in its loops (bench/compile_time_bench);
/// register tiles are slower without it.
class PassGate : public llvm::OptPassGate {
 public:
  explicit PassGate(const LoopNest& nest)
      : has_registers_(std::any_of(nest.arrays.begin(), nest.arrays.end(), [](const Array& array) {
          return array.space == Array::Space::registers;
        })) {}

  bool isEnabled() const override { return true; }
  bool shouldRunPass(llvm::StringRef name, llvm::StringRef) override {
    if (name == "X86 Domain Reassignment Pass") return false;
    return has_registers_ || name != "Loop Strength Reduction";
  }

 private:
  bool has_registers_;
};

/// A module and what it needs to stay alive, optimised for `target`.
struct CompiledModule {
  std::string diagnostics;
  PassGate gate;
  llvm::LLVMContext context;
  MachineLease machine;
  std::unique_ptr<llvm::Module> module;

  CompiledModule(const LoopNest& nest, const Target& target, const std::string& prefix)
      : gate(nest), machine(lease_machine(target)) {
    context.setOptPassGate(gate);
    context.setDiagnosticHandler(std::make_unique<CollectDiagnostics>(diagnostics));
    module = emit_module(context, nest, target, prefix);
    set_target(*module, *machine, target);
    verify_module(*module);
    optimize(*module, *machine);
  }

  llvm::SmallVector<char, 0> generate(llvm::CodeGenFileType type) {
    llvm::SmallVector<char, 0> text = codegen::generate(*module, *machine, type);
    if (!diagnostics.empty()) {
      throw InternalError("codegen: LLVM cannot generate code for " +
                          module->getModuleIdentifier() + ": " + diagnostics);
    }
    return text;
  }
};

/// Names of kernels come from graphs: only letters, digits and underscores reach symbol tables.
std::string symbol_prefix(const LoopNest& nest) {
  std::string name = "onepass_";
  for (char c : nest.name) name += llvm::isAlnum(c) ? c : '_';
  return name;
}

}  // namespace

MachineCode compile_nest(const LoopNest& nest, const Target& target) {
  const auto start = std::chrono::steady_clock::now();
  const std::string prefix = symbol_prefix(nest) + "_" + std::to_string(next_kernel_number());
  CompiledModule compiled(nest, target, prefix);
  std::vector<std::string> symbols;
  for (size_t i = 0; i < nest.phases.size(); ++i)
    symbols.push_back(prefix + "_phase" + std::to_string(i));
  const LinkedObject linked =
      link_object(compiled.generate(llvm::CodeGenFileType::ObjectFile), symbols);
  MachineCode code;
  code.owner = linked.owner;
  for (uintptr_t address : linked.addresses)
    code.phases.push_back(reinterpret_cast<runtime::PhaseFunction>(address));
  code.nanoseconds =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start)
          .count();
  return code;
}

CodeText code_text(const LoopNest& nest, const Target& target) {
  CompiledModule compiled(nest, target, symbol_prefix(nest));
  CodeText text;
  llvm::raw_string_ostream(text.llvm_ir) << *compiled.module;
  const llvm::SmallVector<char, 0> assembly =
      compiled.generate(llvm::CodeGenFileType::AssemblyFile);
  text.assembly.assign(assembly.begin(), assembly.end());
  return text;
}

std::string llvm_description() { return "LLVM " LLVM_VERSION_STRING; }

}  // namespace onepass::codegen
