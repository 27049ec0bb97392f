// SPDX-License-Identifier: Apache-2.0
// Computes f16 and bf16 in f32. Each old node gets up to two new ones: a narrow one that is exactly
// the half value, and a wide one that has not been rounded. Views of narrow values stay narrow, so
// that they move half the bytes.
#include "onepass/ir/passes/passes.h"
#include "onepass/ir/type_rules.h"

namespace onepass::ir {
namespace {

class Widener {
 public:
  explicit Widener(Graph& graph)
      : graph_(graph), narrow_(graph.nodes.size(), -1), wide_(graph.nodes.size(), -1) {}

  void run() {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) place(static_cast<NodeId>(i));
    for (NodeId& output : graph_.outputs) output = narrow(output);
    graph_.nodes = std::move(widened_);
  }

 private:
  NodeId& narrow_of(NodeId id) { return narrow_[static_cast<size_t>(id)]; }
  NodeId& wide_of(NodeId id) { return wide_[static_cast<size_t>(id)]; }

  NodeId append(Node node) {
    widened_.push_back(std::move(node));
    return static_cast<NodeId>(widened_.size()) - 1;
  }

  NodeId append_cast(NodeId input, DType dtype) {
    Node node;
    node.op = OpCode::cast;
    node.inputs = {input};
    node.attributes.set(AttributeKey::dtype, static_cast<int64_t>(dtype));
    node.type = Type{dtype, widened_[static_cast<size_t>(input)].type.dimensions};
    return append(std::move(node));
  }

  /// The value as its type says; of a half, rounded.
  NodeId narrow(NodeId old) {
    NodeId& id = narrow_of(old);
    if (id < 0) id = append_cast(wide_of(old), graph_.node(old).type.dtype);
    return id;
  }

  /// The value to compute with: of a half, in f32.
  NodeId wide(NodeId old) {
    if (!is_half(graph_.node(old).type.dtype)) return narrow_of(old);
    NodeId& id = wide_of(old);
    if (id < 0) id = append_cast(narrow_of(old), f32);
    return id;
  }

  /// Moves elements, computes nothing.
  static bool is_movement(OpCode op) {
    return op == OpCode::reshape || op == OpCode::broadcast_to || op == OpCode::permute_dims ||
           op == OpCode::slice || op == OpCode::concat || op == OpCode::take;
  }

  bool inputs_are_narrow(const Node& node) {
    for (const NodeId input : node.inputs) {
      if (narrow_of(input) < 0) return false;
    }
    return true;
  }

  void place(NodeId id) {
    const Node& node = graph_.node(id);
    const bool half = is_half(node.type.dtype);
    const bool rounds = node.op == OpCode::cast && half;
    const bool stays = is_parameter(node.op) || node.op == OpCode::constant ||
                       (is_movement(node.op) && inputs_are_narrow(node));
    if (stays) {
      Node copy = node;
      for (NodeId& input : copy.inputs) input = narrow_of(input);
      narrow_of(id) = append(std::move(copy));
      return;
    }
    Node copy = node;
    for (NodeId& input : copy.inputs) input = wide(input);
    if (half && !rounds) widen(copy);
    if (is_redundant_cast(copy)) {
      (half ? wide_of(id) : narrow_of(id)) = copy.inputs[0];
      return;
    }
    (half && !rounds ? wide_of(id) : narrow_of(id)) = append(std::move(copy));
  }

  static void widen(Node& node) {
    node.type.dtype = f32;
    if (node.attributes.has(AttributeKey::dtype)) {
      node.attributes.set(AttributeKey::dtype, static_cast<int64_t>(f32));
    }
  }

  /// A cast of a half to f32: the wide value is that already.
  bool is_redundant_cast(const Node& node) const {
    return node.op == OpCode::cast &&
           widened_[static_cast<size_t>(node.inputs[0])].type == node.type;
  }

  Graph& graph_;
  std::vector<Node> widened_;
  std::vector<NodeId> narrow_, wide_;
};

bool has_half(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (is_half(node.type.dtype)) return true;
  }
  return false;
}

}  // namespace

void widen_half(Graph& graph, const PassOptions&) {
  if (has_half(graph)) Widener(graph).run();
}

}  // namespace onepass::ir
