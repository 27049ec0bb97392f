// SPDX-License-Identifier: Apache-2.0
// Lines of the perf map: "address size name", in hexadecimal.
#include "onepass/codegen/llvm/perf_map.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <mutex>

#include "onepass/runtime/settings.h"

namespace onepass::codegen {

PerfSymbols perf_symbols(llvm::MemoryBufferRef object) {
  PerfSymbols symbols;
  if (!runtime::settings().perf_map) return symbols;
  auto file = llvm::object::ObjectFile::createELFObjectFile(object);
  if (!file) {
    llvm::consumeError(file.takeError());
    return symbols;
  }
  for (const llvm::object::ELFSymbolRef symbol :
       llvm::cast<llvm::object::ELFObjectFileBase>(**file).symbols()) {
    llvm::Expected<llvm::StringRef> name = symbol.getName();
    if (name)
      symbols.emplace(name->str(), symbol.getSize());
    else
      llvm::consumeError(name.takeError());
  }
  return symbols;
}

void write_perf_map(const PerfSymbols& symbols, const std::string& symbol, uintptr_t address) {
  const auto found = symbols.find(symbol);
  if (found == symbols.end()) return;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::ofstream map(fmt::format("/tmp/perf-{}.map", getpid()), std::ios::app);
  map << fmt::format("{:x} {:x} {}\n", address, found->second, symbol);
}

}  // namespace onepass::codegen
