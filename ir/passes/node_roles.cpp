// SPDX-License-Identifier: Apache-2.0
// Liveness, scalar computations and kinds of nodes.
#include "onepass/ir/passes/node_roles.h"

#include <algorithm>

#include "onepass/ir/cumulative.h"
#include "onepass/ir/passes/access_map.h"

namespace onepass::ir {
namespace {

/// A scalar computation larger than this is done once instead of in every kernel that reads it.
constexpr int largest_clone = 64;

}  // namespace

std::vector<bool> live_nodes(const Graph& graph) {
  std::vector<bool> live(graph.nodes.size(), false);
  for (const NodeId output : graph.outputs) live[static_cast<size_t>(output)] = true;
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    if (!live[i]) continue;
    for (const NodeId input : graph.nodes[i].inputs) live[static_cast<size_t>(input)] = true;
  }
  return live;
}

std::vector<bool> small_scalar_nodes(const Graph& graph) {
  std::vector<bool> small(graph.nodes.size(), false);
  std::vector<int> weight(graph.nodes.size(), 0);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.op == OpCode::scalar || node.op == OpCode::constant) {
      small[i] = true;
      continue;
    }
    if (!is_elementwise(node.op) && node.op != OpCode::cast) continue;
    bool all_small = node.type.rank() == 0;
    int total = 1;
    for (const NodeId input : node.inputs) {
      all_small = all_small && small[static_cast<size_t>(input)];
      total = std::min(total + weight[static_cast<size_t>(input)], largest_clone + 1);
    }
    small[i] = all_small && total <= largest_clone;
    weight[i] = total;
  }
  return small;
}

ClusterKind kind_of(const Graph& graph, const Node& node) {
  if (is_reduction(node.op)) return ClusterKind::reduce;
  if (is_cumulative(node.op)) return ClusterKind::running;
  switch (node.op) {
    case OpCode::matmul: {
      const auto provider = node.attributes.words(AttributeKey::provider);
      const bool library =
          !provider.empty() && provider[0] == static_cast<int64_t>(Provider::openblas);
      return library ? ClusterKind::library : ClusterKind::product;
    }
    case OpCode::concat:
    case OpCode::take:
      return ClusterKind::movement;
    case OpCode::reshape:
      return only_moves_ones(graph.node(node.inputs[0]).type.dimensions, node.type.dimensions)
                 ? ClusterKind::map
                 : ClusterKind::reshape;
    default:
      return ClusterKind::map;
  }
}

Clusters cluster_each(const Graph& graph) {
  Clusters result;
  const std::vector<bool> live = live_nodes(graph);
  result.of_node.assign(graph.nodes.size(), -1);
  result.is_cloned.assign(graph.nodes.size(), false);
  result.is_costly.assign(graph.nodes.size(), false);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.op == OpCode::constant) result.is_cloned[i] = true;
    if (node.op == OpCode::scalar) result.is_cloned[i] = true;
    if (!live[i] || is_source(node.op)) continue;
    const ClusterKind kind =
        node.op == OpCode::reshape ? ClusterKind::reshape : kind_of(graph, node);
    result.of_node[i] = static_cast<int>(result.list.size());
    result.list.push_back({kind, 0, {static_cast<NodeId>(i)}});
  }
  return result;
}

}  // namespace onepass::ir
