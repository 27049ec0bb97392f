// SPDX-License-Identifier: Apache-2.0
// The tape: an expression without its types. What C++ knows statically (ops and wiring) is written
// once per expression type; what changes from call to call (leaves, literals, words) is collected
// into flat arrays.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace onepass {

struct TensorHeader;

/// Functions of the language that are not rows of the op table or composites. capture.cpp says what
/// each becomes.
enum class StructuralFunction : uint8_t {
  astype,
  broadcast_to,
  concat,
  expand_dims,
  index,
  matmul,
  matrix_transpose,
  permute_dims,
  reshape,
  squeeze,
  stack,
  take,
  tiled_matmul,
#define ONEPASS_REDUCTION(name, ...) name,
#include "onepass/ir/reductions.def"
#define ONEPASS_CUMULATIVE(name, ...) name,
#include "onepass/ir/cumulative.def"
#define ONEPASS_ARRAY_COMPOSITE(name, ...) name,
#include "onepass/ir/array_composites.def"
};

enum class LiteralKind : uint8_t { boolean, integer, unsigned_integer, single, floating };

/// The value of a literal as a double.
double literal_value(LiteralKind kind, uint64_t bits);

struct TapeInstruction {
  enum class Kind : uint16_t { leaf, literal, elementwise, composite, structural };
  Kind kind = Kind::leaf;
  uint16_t code = 0;   // OpCode, Composite, StructuralFunction or LiteralKind
  uint16_t words = 0;  // how many words of the call belong to it: facts that the code may depend on
  uint16_t extents =
      0;  // how many given extents of the call belong to it: sizes that the code must not depend on
  uint32_t inputs = 0;

  friend bool operator==(const TapeInstruction&, const TapeInstruction&) = default;
};

struct Tape {
  std::vector<TapeInstruction> instructions;
  std::vector<uint32_t> inputs;   // of all instructions in order: indices of earlier instructions
  std::vector<uint32_t> outputs;  // instructions

  friend bool operator==(const Tape&, const Tape&) = default;
};

/// What one call brings along, in the order of the tape's leaves, literals, words and extents.
struct CallArguments {
  std::span<const TensorHeader* const> leaves;
  std::span<const uint64_t> literals;  // the bits of an int64_t, uint64_t, float, double or 0/1
  std::span<const int64_t> words;
  std::span<const int64_t> extents;
};

/// Writes a tape in post-order: operands first. Each call answers the index of the new instruction.
class TapeWriter {
 public:
  explicit TapeWriter(Tape& tape) : tape_(tape) {}

  uint32_t leaf();
  uint32_t literal(LiteralKind kind);
  uint32_t instruction(TapeInstruction instruction, std::span<const uint32_t> inputs);
  void output(uint32_t instruction) { tape_.outputs.push_back(instruction); }

 private:
  Tape& tape_;
};

/// Where an expression puts what a call brings along. The arrays are as long as the expression's
/// type says.
struct Collector {
  const TensorHeader** leaves;
  uint64_t* literals;
  int64_t* words;
  int64_t* extents;
};

/// Of pow with a literal exponent: which of the exponents that are compiled in it is. 0: none of
/// them. -1: none, and negative.
int64_t exponent_class(LiteralKind kind, uint64_t bits);
/// The exponent that a positive class stands for.
double exponent_of_class(int64_t exponent_class);

}  // namespace onepass
