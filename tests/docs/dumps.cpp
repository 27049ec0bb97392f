// SPDX-License-Identifier: Apache-2.0
// The expressions that the documents follow, and every stage of them.
#include <onepass/onepass.h>

#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "excerpt.h"
#include "generators.h"
#include "lessons.h"
#include "onepass/ir/op.h"

namespace onepass::docs {
namespace {

/// The structure in the type of an expression as nested words.
struct TypeTree {
  std::string name;
  std::vector<TypeTree> operands;
};

template <class E>
struct TreeOf {
  static TypeTree tree() { return {"Tensor", {}}; }
};
template <>
struct TreeOf<Literal<float>> {
  static TypeTree tree() { return {"Literal<float>", {}}; }
};
template <>
struct TreeOf<Literal<int>> {
  static TypeTree tree() { return {"Literal<int>", {}}; }
};
template <ir::OpCode code, class X, class Y>
struct TreeOf<Apply<code, X, Y, Nothing>> {
  static TypeTree tree() {
    TypeTree tree{std::string(to_string(code)), {TreeOf<X>::tree()}};
    if constexpr (!std::same_as<Y, Nothing>) tree.operands.push_back(TreeOf<Y>::tree());
    return tree;
  }
};

/// On one line where it fits, else one operand a line.
std::string type_text(const TypeTree& tree, size_t margin) {
  constexpr size_t width = 80;
  if (tree.operands.empty()) return tree.name;
  std::string line = "Apply<" + tree.name, lines = line;
  for (const TypeTree& operand : tree.operands) {
    line += ", " + type_text(operand, 0);
    lines += ",\n" + std::string(margin + 2, ' ') + type_text(operand, margin + 2);
  }
  const bool fits = margin + line.size() < width && line.find('\n') == std::string::npos;
  return (fits ? line : lines) + ">";
}

std::string instruction_text(const TapeInstruction& instruction) {
  switch (instruction.kind) {
    case TapeInstruction::Kind::leaf:
      return "leaf";
    case TapeInstruction::Kind::literal:
      return static_cast<LiteralKind>(instruction.code) != LiteralKind::integer ? "literal floating"
                                                                                : "literal integer";
    case TapeInstruction::Kind::elementwise:
      return std::string(to_string(static_cast<ir::OpCode>(instruction.code)));
    default:
      throw std::runtime_error("no name for this instruction");
  }
}

template <class E>
std::string tape_text() {
  Tape tape;
  TapeWriter writer(tape);
  detail::describe_one<E>(writer);
  std::ostringstream text;
  size_t input = 0;
  for (size_t i = 0; i < tape.instructions.size(); ++i) {
    text << i << "  " << instruction_text(tape.instructions[i]);
    for (uint32_t k = 0; k < tape.instructions[i].inputs; ++k) text << ' ' << tape.inputs[input++];
    if (tape.instructions[i].words > 0)
      text << "  words of the call: " << tape.instructions[i].words;
    text << '\n';
  }
  return text.str();
}

std::string without_times(const std::string& text) {
  static const std::regex time(R"( \(\d+ us\))");
  return std::regex_replace(text, time, "");
}

std::string summary_text(const Explanation& e) {
  const std::string all = to_string(e);
  return all.substr(all.find("kernels\n"));
}

using Stage = std::string (*)(const Explanation& e);

const std::map<std::string, Stage> stages = {
    {"graph", [](const Explanation& e) { return e.graph(); }},
    {"passes", [](const Explanation& e) { return without_times(e.passes()); }},
    {"fused", [](const Explanation& e) { return e.fused(); }},
    {"loops", [](const Explanation& e) { return e.loops(); }},
    {"llvm-loop", [](const Explanation& e) { return llvm_loop(e.llvm_ir()); }},
    {"asm-loop", [](const Explanation& e) { return assembly_loop(e.assembly()); }},
    {"summary", summary_text},
};

Explanation explained(const std::string& example) {
  const Tensor x = zeros({4096});
  if (example == "gelu") return explain(gelu_of(x));
  if (example == "gelu-unfused") return explain(gelu_of(x), {.mode = Mode::unfused});
  if (example == "layer") {
    return explain(gelu(matmul(zeros({128, 512}), zeros({512, 256})) + zeros({256})));
  }
  throw std::runtime_error("no example " + example);
}

std::string stage_text(const std::string& example, const std::string& stage) {
  if (stage == "type") return type_text(TreeOf<decltype(gelu_of(Tensor()))>::tree(), 0) + "\n";
  if (stage == "tape") return tape_text<decltype(gelu_of(Tensor()))>();
  const auto found = stages.find(stage);
  if (found == stages.end()) throw std::runtime_error("no stage " + stage);
  return found->second(explained(example));
}

}  // namespace

std::string dump_text(const std::string& argument) {
  static const std::regex grammar(R"((\S+) ([^\s,]+)(?:, lines (.+))?)");
  std::smatch match;
  if (!std::regex_match(argument, match, grammar)) throw std::runtime_error("dump: " + argument);
  const std::string text = stage_text(match[1], match[2]);
  return match[3].matched ? chosen_lines(text, match[3]) : text;
}

}  // namespace onepass::docs
