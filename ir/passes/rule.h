// SPDX-License-Identifier: Apache-2.0
// Rewrite rules, one a row: what simplify, rewrite_fast and contract share.
#pragma once

#include <span>
#include <vector>

#include "onepass/ir/passes/rewriter.h"

namespace onepass::ir {

/// What a rule sees: a node whose inputs are rewritten already. A rule either names the node that
/// stands for it, or changes it in place; new nodes are made only once it is known to fit.
struct Match {
  Node& node;
  Rewriter& rewriter;
  const std::vector<int>& uses;  // of the rewritten nodes, by id; 0 for those that rules made
  NodeId same = -1;

  const Node& at(NodeId id) const { return rewriter.node(id); }
  const Node& in(size_t i) const { return at(node.inputs[i]); }
  bool is(OpCode op) const { return node.op == op; }
  bool is(NodeId id, OpCode op) const { return at(id).op == op; }
  bool input_is(size_t i, OpCode op) const { return i < node.inputs.size() && in(i).op == op; }

  /// This constant, sign of zero included.
  bool is(NodeId id, double value) const;
  bool input_is(size_t i, double value) const {
    return i < node.inputs.size() && is(node.inputs[i], value);
  }
  bool integers() const { return is_integer(node.type.dtype); }
  /// One node reads it, once, and it is no output: a rule that looks through it repeats no work.
  bool is_read_once(NodeId id) const;
  bool is_read_once(NodeId id, OpCode op) const { return is(id, op) && is_read_once(id); }

  /// A node of the type of its first input.
  NodeId make(OpCode op, std::vector<NodeId> inputs);
  NodeId make(OpCode op, std::vector<NodeId> inputs, Type type);
  NodeId constant(double value, DType dtype);

  bool becomes(NodeId id);
  bool becomes_input(size_t i) { return becomes(node.inputs[i]); }
  bool becomes_input_of_input() { return becomes(in(0).inputs[0]); }
  bool becomes(OpCode op, std::vector<NodeId> inputs);
};

/// True if the rule fitted, and then the match holds what it did.
struct Rule {
  const char* algebra;
  bool (*apply)(Match&);
};

/// Applies the rules to every node, the first that fits, until none does.
void apply_rules(Graph& graph, std::span<const Rule> rules);

}  // namespace onepass::ir
