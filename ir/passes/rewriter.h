// SPDX-License-Identifier: Apache-2.0
// Rebuilds a graph node by node: what every rewriting pass shares.
#pragma once

#include <vector>

#include "onepass/ir/graph.h"

namespace onepass::ir {

/// Walks the nodes in order. The pass sees each with its inputs already rewritten and says what
/// stands for it.
class Rewriter {
 public:
  explicit Rewriter(Graph& graph) : graph_(graph), moved_to_(graph.nodes.size(), -1) {
    rewritten_.reserve(graph.nodes.size());
  }

  /// `rewrite(Node&& node)` returns the new id; it may append nodes or name an older one.
  /// Parameters are kept.
  template <class Rewrite>
  void run(Rewrite rewrite) {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      Node node = std::move(graph_.nodes[i]);
      for (NodeId& input : node.inputs) input = moved_to_[static_cast<size_t>(input)];
      moved_to_[i] = is_parameter(node.op) ? append(std::move(node)) : rewrite(std::move(node));
    }
    for (NodeId& output : graph_.outputs) output = moved_to_[static_cast<size_t>(output)];
    graph_.nodes = std::move(rewritten_);
  }

  NodeId append(Node node) {
    rewritten_.push_back(std::move(node));
    return static_cast<NodeId>(rewritten_.size()) - 1;
  }
  /// Takes back the node appended last.
  void drop_last() { rewritten_.pop_back(); }
  const Node& node(NodeId id) const { return rewritten_[static_cast<size_t>(id)]; }
  const Graph& graph() const { return graph_; }

 private:
  Graph& graph_;
  std::vector<Node> rewritten_;
  std::vector<NodeId> moved_to_;
};

}  // namespace onepass::ir
