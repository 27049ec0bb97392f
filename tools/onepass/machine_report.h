// SPDX-License-Identifier: Apache-2.0
// This machine and what onepass uses on it, as text and as JSON.
#pragma once

#include <string>

#include "onepass/engine/roofline.h"
#include "onepass/runtime/cpu_info.h"

namespace onepass::tool {

struct MachineReport {
  runtime::CpuInfo cpu;
  std::string instruction_set;         // that code is generated for
  std::string native_instruction_set;  // the best that the processor has
  bool forced = false;                 // by a setting
  int threads = 0;
  int processors = 0;    // that this process may use
  int cgroup_limit = 0;  // 0: none
  MachinePeaks peaks;
  std::string llvm, blas;
  std::string tuning;  // of products
};

/// Looks and measures; below three seconds.
MachineReport examine_machine();

std::string to_text(const MachineReport& report);
std::string to_json(const MachineReport& report);

}  // namespace onepass::tool
