// SPDX-License-Identifier: Apache-2.0
// The ORC session. It is made at the first compile and never destroyed: kernels may outlive every
// static object.
#include "onepass/codegen/llvm/session.h"

#include <array>
#include <atomic>
#include <mutex>

#include "onepass/codegen/llvm/optimize.h"
#include "onepass/codegen/llvm/perf_map.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

template <class T>
T checked(llvm::Expected<T> result, const char* what) {
  if (result) return std::move(*result);
  throw SystemError(std::string("compile: ") + what + ": " + llvm::toString(result.takeError()));
}

void check(llvm::Error error, const char* what) {
  if (error)
    throw SystemError(std::string("compile: ") + what + ": " + llvm::toString(std::move(error)));
}

struct Session {
  std::unique_ptr<llvm::orc::ExecutionSession> execution;
  std::unique_ptr<llvm::orc::ObjectLinkingLayer> linker;
  llvm::orc::JITDylib* library = nullptr;
  std::atomic<uint64_t> kernels{0};
  std::mutex machines_mutex;
  std::array<std::vector<std::unique_ptr<llvm::TargetMachine>>, 2> idle_machines;

  Session() {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    // LLVM 19 knows no other way to ask for Intel syntax.
    llvm::cl::getRegisteredOptions()["x86-asm-syntax"]->addOccurrence(0, "", "intel");
    execution = std::make_unique<llvm::orc::ExecutionSession>(
        checked(llvm::orc::SelfExecutorProcessControl::Create(), "no memory for machine code"));
    // Failures come back as errors of the calls; nothing is printed.
    execution->setErrorReporter([](llvm::Error error) { llvm::consumeError(std::move(error)); });
    linker = std::make_unique<llvm::orc::ObjectLinkingLayer>(*execution);
    library = &execution->createBareJITDylib("onepass");
  }
};

Session& session() {
  static Session* const the_session = new Session;
  return *the_session;
}

}  // namespace

MachineLease lease_machine(const Target& target) {
  Session& s = session();
  auto& idle = s.idle_machines[static_cast<size_t>(target.instruction_set)];
  const auto give_back = [&s, &idle](llvm::TargetMachine* machine) {
    const std::lock_guard lock(s.machines_mutex);
    idle.emplace_back(machine);
  };
  {
    const std::lock_guard lock(s.machines_mutex);
    if (!idle.empty()) {
      llvm::TargetMachine* const machine = idle.back().release();
      idle.pop_back();
      return {machine, give_back};
    }
  }
  return {make_target_machine(target).release(), give_back};
}

LinkedObject link_object(llvm::SmallVector<char, 0> object,
                         const std::vector<std::string>& symbols) {
  Session& s = session();
  auto buffer = std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(object), "kernel", false);
  const llvm::orc::ResourceTrackerSP tracker = s.library->createResourceTracker();
  LinkedObject linked;
  linked.owner = std::shared_ptr<void>(nullptr, [tracker](void*) {
    if (llvm::Error error = tracker->remove()) llvm::consumeError(std::move(error));
  });
  const PerfSymbols sizes = perf_symbols(buffer->getMemBufferRef());
  check(s.linker->add(tracker, std::move(buffer)), "cannot link the kernel");
  for (const std::string& symbol : symbols) {
    const llvm::orc::ExecutorSymbolDef found =
        checked(s.execution->lookup({s.library}, symbol), "cannot link the kernel");
    linked.addresses.push_back(found.getAddress().getValue());
    write_perf_map(sizes, symbol, linked.addresses.back());
  }
  return linked;
}

uint64_t next_kernel_number() { return session().kernels.fetch_add(1, std::memory_order_relaxed); }

}  // namespace onepass::codegen
