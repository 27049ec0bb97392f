// SPDX-License-Identifier: Apache-2.0
// The op table, stamped from ops.def and structural_ops.def.
#include "onepass/ir/op.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

namespace onepass::ir {
namespace {

using namespace laws;

constexpr OpInfo structural_row(std::string_view name, int arity, std::string_view doc) {
  return {name, arity, TypeRule::structural, none, 0, 0, 0, 0, 0, "", doc};
}

constexpr OpInfo table[] = {
    structural_row("input", 0, "An array of the call."),
    structural_row("scalar", 0, "A run-time scalar of the call."),
    structural_row("constant", 0, "A value fixed in the graph."),
    structural_row("fused", -1, "A kernel: owns a graph as its body."),
    structural_row("result", 1, "One further result of a fused node."),
#define ONEPASS_OP(name, arity, rule, law, ulp_f32, ulp_f64, ulp_fast, low, high, reference, \
                   lowering, doc)                                                            \
  {#name, arity, TypeRule::rule, law, ulp_f32, ulp_f64, ulp_fast, low, high, #lowering, doc},
#include "onepass/ir/ops.def"
#define ONEPASS_STRUCTURAL_OP(name, arity, attributes, doc) structural_row(#name, arity, doc),
#include "onepass/ir/structural_ops.def"
};

constexpr OpCode elementwise[] = {
#define ONEPASS_OP(name, ...) OpCode::name,
#include "onepass/ir/ops.def"
};

constexpr OpCode structural[] = {
#define ONEPASS_STRUCTURAL_OP(name, ...) OpCode::name,
#include "onepass/ir/structural_ops.def"
};

std::unordered_map<std::string_view, OpCode> codes_by_name() {
  std::unordered_map<std::string_view, OpCode> codes;
  for (size_t i = 0; i < std::size(table); ++i) {
    codes.emplace(table[i].name, static_cast<OpCode>(i));
  }
  return codes;
}

}  // namespace

const OpInfo& info(OpCode op) { return table[static_cast<size_t>(op)]; }

std::optional<OpCode> op_from_name(std::string_view name) {
  static const auto codes = codes_by_name();
  const auto found = codes.find(name);
  if (found == codes.end()) return std::nullopt;
  return found->second;
}

std::span<const OpCode> elementwise_ops() { return elementwise; }
std::span<const OpCode> structural_ops() { return structural; }

}  // namespace onepass::ir
