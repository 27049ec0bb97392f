// SPDX-License-Identifier: Apache-2.0
// Names of instruction sets, and the one of this process.
#include "onepass/codegen/target.h"

#include <fmt/format.h>

#include "onepass/runtime/cpu_info.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/settings.h"

namespace onepass::codegen {
namespace {

constexpr InstructionSet known_sets[] = {InstructionSet::x86_64_v3, InstructionSet::x86_64_v4};

std::string known_names() {
  std::string names;
  for (const InstructionSet set : known_sets) {
    if (!names.empty()) names += ", ";
    names += to_string(set);
  }
  return names;
}

}  // namespace

std::string_view to_string(InstructionSet set) {
  switch (set) {
    case InstructionSet::x86_64_v3:
      return "x86-64-v3";
    case InstructionSet::x86_64_v4:
      return "x86-64-v4";
  }
  throw InternalError("unknown instruction set");
}

InstructionSet instruction_set_from_name(std::string_view name) {
  for (const InstructionSet set : known_sets) {
    if (to_string(set) == name) return set;
  }
  throw UserError(
      fmt::format("target: the instruction set is '{}'; it must be one of {}. Set ONEPASS_TARGET "
                  "to one of them "
                  "or leave it empty.",
                  name, known_names()));
}

int64_t Target::second_level_bytes() const {
  constexpr int64_t usual = 1 << 20;
  const int64_t bytes = runtime::cpu_info().level2.bytes;
  return tuned_for_host && bytes > 0 ? bytes : usual;
}

int64_t Target::last_level_bytes() const {
  constexpr int64_t usual = 32 << 20;
  const int64_t bytes = runtime::cpu_info().level3.bytes;
  return tuned_for_host && bytes > 0 ? bytes : usual;
}

std::string_view Target::level_of(int64_t bytes) const {
  constexpr int64_t usual = 32 << 10;
  const int64_t known = runtime::cpu_info().level1.bytes;
  if (bytes <= (tuned_for_host && known > 0 ? known : usual)) return "L1";
  if (bytes <= second_level_bytes()) return "L2";
  return bytes <= last_level_bytes() ? "L3" : "memory";
}

Target host_target() {
  const runtime::CpuInfo& cpu = runtime::cpu_info();
  if (!cpu.x86_64_v3) {
    throw UserError(fmt::format(
        "target: this CPU is {}; onepass generates code for {}. Run it on a CPU with AVX2 and FMA.",
        cpu.name, known_names()));
  }
  const std::string& forced = runtime::settings().target;
  const InstructionSet best = cpu.x86_64_v4 ? InstructionSet::x86_64_v4 : InstructionSet::x86_64_v3;
  if (forced.empty()) return {best, /*tuned_for_host=*/true, cpu.avx512_vnni};
  const InstructionSet set = instruction_set_from_name(forced);
  if (set == InstructionSet::x86_64_v4 && !cpu.x86_64_v4) {
    throw UserError(
        fmt::format("target: ONEPASS_TARGET is '{}', the CPU is {}; the CPU must support the "
                    "instruction set. Set "
                    "ONEPASS_TARGET to {} or leave it empty.",
                    forced, cpu.name, to_string(best)));
  }
  return {set};
}

}  // namespace onepass::codegen
