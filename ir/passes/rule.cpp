// SPDX-License-Identifier: Apache-2.0
// Matches and the loop that applies rules.
#include "onepass/ir/passes/rule.h"

#include <algorithm>
#include <bit>

namespace onepass::ir {
namespace {

bool apply_one(Match& match, std::span<const Rule> rules) {
  return std::any_of(rules.begin(), rules.end(),
                     [&](const Rule& rule) { return rule.apply(match); });
}

}  // namespace

bool Match::is(NodeId id, double value) const {
  return is(id, OpCode::constant) &&
         at(id).attributes.word(AttributeKey::value) == std::bit_cast<int64_t>(value);
}

bool Match::is_read_once(NodeId id) const {
  const auto index = static_cast<size_t>(id);
  return index < uses.size() && uses[index] == 1;
}

NodeId Match::make(OpCode op, std::vector<NodeId> inputs) {
  const Type type = at(inputs[0]).type;
  return make(op, std::move(inputs), type);
}

NodeId Match::make(OpCode op, std::vector<NodeId> inputs, Type type) {
  Node made;
  made.op = op;
  made.inputs = std::move(inputs);
  made.type = type;
  return rewriter.append(std::move(made));
}

NodeId Match::constant(double value, DType dtype) {
  Node made;
  made.type = Type{dtype, {}};
  made.attributes.set_number(AttributeKey::value, value);
  made.attributes.set(AttributeKey::dtype, static_cast<int64_t>(dtype));
  return rewriter.append(std::move(made));
}

bool Match::becomes(NodeId id) {
  if (at(id).type != node.type) return false;
  same = id;
  return true;
}

bool Match::becomes(OpCode op, std::vector<NodeId> inputs) {
  node.op = op;
  node.inputs = std::move(inputs);
  return true;
}

void apply_rules(Graph& graph, std::span<const Rule> rules) {
  const std::vector<int> old_uses = count_uses(graph);
  // Parameters come first and stay where they are.
  size_t old = graph.inputs.size() + graph.scalars.size();
  std::vector<int> uses(old_uses.begin(), old_uses.begin() + static_cast<std::ptrdiff_t>(old));
  Rewriter rewriter(graph);
  rewriter.run([&](Node node) {
    Match match{node, rewriter, uses};
    // Every rule makes the node, or what it reads, simpler: this ends.
    while (match.same < 0 && apply_one(match, rules)) continue;
    const NodeId id = match.same >= 0 ? match.same : rewriter.append(std::move(node));
    // Rules may read what they made more than once: no rule looks through it.
    uses.resize(std::max(uses.size(), static_cast<size_t>(id) + 1), 0);
    int& count = uses[static_cast<size_t>(id)];
    count = match.same >= 0 ? count + old_uses[old] : old_uses[old];
    ++old;
    return id;
  });
}

}  // namespace onepass::ir
