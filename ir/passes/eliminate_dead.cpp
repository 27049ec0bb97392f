// SPDX-License-Identifier: Apache-2.0
// Removes nodes that no output needs. Inputs and scalars stay: the call counts them.
#include "onepass/ir/passes/passes.h"

namespace onepass::ir {

void eliminate_dead(Graph& graph, const PassOptions&) {
  std::vector<bool> live(graph.nodes.size(), false);
  for (const NodeId output : graph.outputs) live[static_cast<size_t>(output)] = true;
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    if (is_parameter(graph.nodes[i].op)) live[i] = true;
    if (!live[i]) continue;
    for (const NodeId input : graph.nodes[i].inputs) live[static_cast<size_t>(input)] = true;
  }
  std::vector<NodeId> moved_to(graph.nodes.size(), -1);
  size_t kept = 0;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!live[i]) continue;
    for (NodeId& input : graph.nodes[i].inputs) input = moved_to[static_cast<size_t>(input)];
    moved_to[i] = static_cast<NodeId>(kept);
    if (kept != i) graph.nodes[kept] = std::move(graph.nodes[i]);
    ++kept;
  }
  graph.nodes.resize(kept);
  for (NodeId& output : graph.outputs) output = moved_to[static_cast<size_t>(output)];
}

}  // namespace onepass::ir
