// SPDX-License-Identifier: Apache-2.0
// The machine that code is generated for, as data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace onepass::codegen {

enum class InstructionSet : uint8_t { x86_64_v3, x86_64_v4 };

struct Target {
  InstructionSet instruction_set = InstructionSet::x86_64_v3;
  /// Instructions are chosen and ordered for the CPU at hand; otherwise for its instruction set,
  /// which gives the same code on every machine. Bits of results are the same either way.
  bool tuned_for_host = false;

  /// Instructions that sum products of bytes (AVX-512 VNNI); without them words are multiplied.
  bool sums_bytes = false;

  int vector_bytes() const { return instruction_set == InstructionSet::x86_64_v4 ? 64 : 32; }
  int vector_registers() const { return instruction_set == InstructionSet::x86_64_v4 ? 32 : 16; }
  /// Sizes of the caches: of this CPU if the code is for it, else, or if it does not tell, of a
  /// usual one.
  int64_t second_level_bytes() const;
  int64_t last_level_bytes() const;
  /// The nearest level that holds as many bytes: L1, L2, L3, memory.
  std::string_view level_of(int64_t bytes) const;
  int lanes(int element_bytes) const { return vector_bytes() / element_bytes; }
  friend bool operator==(const Target&, const Target&) = default;
};

/// "x86-64-v3" or "x86-64-v4".
std::string_view to_string(InstructionSet set);
/// UserError listing the known names.
InstructionSet instruction_set_from_name(std::string_view name);

/// This CPU, with code tuned for it, or what setting ONEPASS_TARGET forces (which this CPU must
/// support). UserError on a CPU below x86-64-v3.
Target host_target();

}  // namespace onepass::codegen
