// SPDX-License-Identifier: Apache-2.0
// The pass list and the code generator.
#include "onepass/codegen/llvm/optimize.h"

#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

constexpr const char* triple = "x86_64-pc-linux-gnu";

llvm::FunctionPassManager function_passes() {
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::PromotePass());       // register arrays become SSA values
  passes.addPass(llvm::EarlyCSEPass(true));  // addresses and loads that body and tail share
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(
      llvm::LICMPass(llvm::LICMOptions()), /*UseMemorySSA=*/true));  // splats, row addresses
  passes.addPass(llvm::ADCEPass());
  return passes;
}

}  // namespace

std::unique_ptr<llvm::TargetMachine> make_target_machine(const Target& target) {
  std::string error;
  const llvm::Target* const found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (found == nullptr) throw SystemError("compile: LLVM has no x86-64 code generator: " + error);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  std::unique_ptr<llvm::TargetMachine> machine(found->createTargetMachine(
      triple, to_string(target.instruction_set), "", options, llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default, /*JIT=*/true));
  if (machine == nullptr) throw SystemError("compile: LLVM refuses to make a code generator.");
  return machine;
}

void set_target(llvm::Module& module, llvm::TargetMachine& machine, const Target& target) {
  constexpr int bits_per_byte = 8;
  module.setTargetTriple(triple);
  module.setDataLayout(machine.createDataLayout());
  const llvm::StringRef set = to_string(target.instruction_set);
  static const llvm::StringRef host = llvm::sys::getHostCPUName();  // takes 30 us
  const llvm::StringRef tuning = target.tuned_for_host ? host : set;
  const std::string width = std::to_string(target.vector_bytes() * bits_per_byte);
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    function.setDoesNotThrow();
    function.addFnAttr("target-cpu", set);
    function.addFnAttr("tune-cpu", tuning);
    if (target.sums_bytes) function.addFnAttr("target-features", "+avx512vnni");
    function.addFnAttr("prefer-vector-width", width);
    function.addFnAttr("min-legal-vector-width", width);
    // Spilled registers then lie within cache lines; else chance decides about half of the speed.
    function.addFnAttr("stackrealign");
  }
}

void verify_module(const llvm::Module& module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (llvm::verifyModule(module, &stream)) {
    throw InternalError("codegen: LLVM rejects the code of " + module.getModuleIdentifier() + ": " +
                        stream.str());
  }
}

void optimize(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::FunctionPassManager passes = function_passes();
  for (llvm::Function& function : module)
    if (!function.isDeclaration()) passes.run(function, functions);
}

llvm::SmallVector<char, 0> generate(llvm::Module& module, llvm::TargetMachine& machine,
                                    llvm::CodeGenFileType type) {
  llvm::SmallVector<char, 0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type, /*DisableVerify=*/true))
    throw SystemError("compile: LLVM cannot write this kind of file.");
  passes.run(module);
  return text;
}

}  // namespace onepass::codegen
