// SPDX-License-Identifier: Apache-2.0
// Names of compiled kernels for Linux perf: /tmp/perf-PID.map, if ONEPASS_PERF_MAP is on.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "onepass/codegen/llvm/llvm_headers.h"

namespace onepass::codegen {

/// Bytes of code by symbol.
using PerfSymbols = std::unordered_map<std::string, uint64_t>;

/// The functions of an object file; empty if the setting is off.
PerfSymbols perf_symbols(llvm::MemoryBufferRef object);

/// Appends one line for `symbol`, if it is in `symbols`. Best effort: a profile is no reason to
/// fail.
void write_perf_map(const PerfSymbols& symbols, const std::string& symbol, uintptr_t address);

}  // namespace onepass::codegen
