// SPDX-License-Identifier: Apache-2.0
// Tape to graph: leaves, literals, ops and composites. Structural functions are in
// capture_structural.cpp.
#include "onepass/engine/capture.h"

#include <unordered_map>

#include "onepass/engine/capture_structural.h"
#include "onepass/engine/literal.h"
#include "onepass/engine/tensor.h"
#include "onepass/ir/builder.h"
#include "onepass/ir/composite.h"

namespace onepass {

namespace {

using Kind = TapeInstruction::Kind;

/// x, y, z, then a, b, .. w, then x1, y1, ..
std::string default_name(size_t index) {
  constexpr std::string_view letters = "xyzabcdefghijklmnopqrstuvw";
  std::string name(1, letters[index % letters.size()]);
  if (index >= letters.size()) name += std::to_string(index / letters.size());
  return name;
}

class Capture {
 public:
  Capture(const Tape& tape, const CallArguments& call, Accuracy accuracy, const LeafNames& names)
      : tape_(tape), call_(call), accuracy_(accuracy), names_(names) {}

  Captured run() {
    made_.reserve(tape_.instructions.size());
    for (const TapeInstruction& instruction : tape_.instructions) made_.push_back(add(instruction));
    std::vector<ir::Expr> outputs;
    for (const uint32_t output : tape_.outputs) outputs.push_back(made_[output]);
    captured_.graph = builder_.finish(outputs);
    return std::move(captured_);
  }

 private:
  ir::Expr add(const TapeInstruction& instruction) {
    switch (instruction.kind) {
      case Kind::leaf:
        return add_leaf();
      case Kind::literal:
        return add_literal(static_cast<LiteralKind>(instruction.code));
      case Kind::elementwise:
        word_ +=
            instruction.words;  // the class of an exponent: the builder sees the literal itself
        return builder_.apply(static_cast<ir::OpCode>(instruction.code), take_inputs(instruction));
      case Kind::composite:
        return builder_.composite(static_cast<ir::Composite>(instruction.code),
                                  take_inputs(instruction));
      case Kind::structural:
        return add_structural(instruction);
    }
    __builtin_unreachable();
  }

  std::string input_name(const TensorHeader* leaf) const {
    const auto named = names_.find(leaf);
    return named != names_.end() ? named->second : default_name(captured_.input_leaves.size());
  }

  ir::Expr add_leaf() {
    const uint32_t leaf = leaf_++;
    const TensorHeader* header = call_.leaves[leaf];
    const auto known = inputs_.find(header);
    if (known != inputs_.end()) return known->second;
    const runtime::ArrayView& view = header->view;
    const std::span<const int64_t> strides =
        header->layout.is_dense() ? std::span<const int64_t>() : view.strides.span();
    const ir::Expr input = builder_.input(input_name(header), view.dtype, view.shape, strides);
    captured_.input_leaves.push_back(leaf);
    inputs_.emplace(header, input);
    return input;
  }

  /// A literal whose value is compiled in keeps its place among the scalars of the call.
  ir::Expr add_literal(LiteralKind kind) {
    const uint64_t bits = call_.literals[literal_++];
    const ir::Expr scalar = add_scalar(kind, bits);
    if (accuracy_ != Accuracy::fast || literal_class(kind, bits) == 0) return scalar;
    const bool is_floating = kind == LiteralKind::single || kind == LiteralKind::floating;
    return builder_.constant(literal_value(kind, bits),
                             is_floating ? ir::WeakKind::floating : ir::WeakKind::integer);
  }

  ir::Expr add_scalar(LiteralKind kind, uint64_t bits) {
    switch (kind) {
      case LiteralKind::boolean:
        return builder_.weak_scalar(ir::WeakKind::boolean, bits != 0 ? 1 : 0);
      case LiteralKind::single:
      case LiteralKind::floating:
        return builder_.weak_scalar(ir::WeakKind::floating, literal_value(kind, bits));
      case LiteralKind::integer: {
        const auto value = static_cast<int64_t>(bits);
        return builder_.weak_scalar(ir::WeakKind::integer, static_cast<double>(value), value);
      }
      case LiteralKind::unsigned_integer: {
        // Above INT64_MAX only u64 can hold it, which convert_literals checks in every call.
        const int64_t value = bits > INT64_MAX ? INT64_MAX : static_cast<int64_t>(bits);
        return builder_.weak_scalar(ir::WeakKind::integer, static_cast<double>(bits), value);
      }
    }
    __builtin_unreachable();
  }

  ir::Expr add_structural(const TapeInstruction& instruction) {
    const StructuralCapture request{builder_, take_inputs(instruction),
                                    call_.words.subspan(word_, instruction.words),
                                    call_.extents.subspan(extent_, instruction.extents)};
    word_ += instruction.words;
    const ir::Expr result =
        capture_structural(static_cast<StructuralFunction>(instruction.code), request);
    for (const uint32_t used : request.used_extents) {
      captured_.given_extents.push_back(static_cast<uint32_t>(extent_) + used);
    }
    extent_ += instruction.extents;
    return result;
  }

  std::span<const ir::Expr> take_inputs(const TapeInstruction& instruction) {
    arguments_.clear();
    for (uint32_t i = 0; i < instruction.inputs; ++i) {
      arguments_.push_back(made_[tape_.inputs[input_++]]);
    }
    return arguments_;
  }

  const Tape& tape_;
  const CallArguments& call_;
  const Accuracy accuracy_;
  const LeafNames& names_;
  ir::Builder builder_;
  Captured captured_;
  std::vector<ir::Expr> made_;
  std::vector<ir::Expr> arguments_;
  std::unordered_map<const TensorHeader*, ir::Expr> inputs_;
  uint32_t leaf_ = 0;
  size_t input_ = 0, literal_ = 0, word_ = 0, extent_ = 0;
};

}  // namespace

Captured capture(const Tape& tape, const CallArguments& call, Accuracy accuracy,
                 const LeafNames& names) {
  return Capture(tape, call, accuracy, names).run();
}

}  // namespace onepass
