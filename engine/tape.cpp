// SPDX-License-Identifier: Apache-2.0
// Writing tapes, and the exponents of pow that are compiled in.
#include "onepass/engine/tape.h"

#include <bit>
#include <iterator>

namespace onepass {

namespace {

/// pow by one of these literals is products, quotients and roots (ir/math/power.h).
constexpr double compiled_exponents[] = {-2, -1, -0.5, 0.5, 2, 3, 4};

}  // namespace

uint32_t TapeWriter::leaf() { return instruction({.kind = TapeInstruction::Kind::leaf}, {}); }

uint32_t TapeWriter::literal(LiteralKind kind) {
  return instruction({.kind = TapeInstruction::Kind::literal, .code = static_cast<uint16_t>(kind)},
                     {});
}

uint32_t TapeWriter::instruction(TapeInstruction instruction, std::span<const uint32_t> inputs) {
  instruction.inputs = static_cast<uint32_t>(inputs.size());
  tape_.inputs.insert(tape_.inputs.end(), inputs.begin(), inputs.end());
  tape_.instructions.push_back(instruction);
  return static_cast<uint32_t>(tape_.instructions.size() - 1);
}

double literal_value(LiteralKind kind, uint64_t bits) {
  switch (kind) {
    case LiteralKind::single:
      return std::bit_cast<float>(static_cast<uint32_t>(bits));
    case LiteralKind::floating:
      return std::bit_cast<double>(bits);
    case LiteralKind::integer:
      return static_cast<double>(static_cast<int64_t>(bits));
    case LiteralKind::unsigned_integer:
    case LiteralKind::boolean:
      return static_cast<double>(bits);
  }
  __builtin_unreachable();
}

int64_t exponent_class(LiteralKind kind, uint64_t bits) {
  const double exponent = literal_value(kind, bits);
  for (size_t i = 0; i < std::size(compiled_exponents); ++i) {
    if (compiled_exponents[i] == exponent) return static_cast<int64_t>(i) + 1;
  }
  return exponent < 0 ? -1 : 0;
}

double exponent_of_class(int64_t exponent_class) { return compiled_exponents[exponent_class - 1]; }

}  // namespace onepass
