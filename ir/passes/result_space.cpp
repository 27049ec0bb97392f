// SPDX-License-Identifier: Apache-2.0
// Spaces of results joined, and rows followed through a graph.
#include "onepass/ir/passes/result_space.h"

#include "onepass/ir/passes/column_strips.h"

namespace onepass::ir {

std::optional<ResultSpace> joined(const ResultSpace& a, const ResultSpace& b) {
  if (a == b) return a;
  if (a.has_rows() && b.has_rows()) return std::nullopt;
  if (a.has_rows() && a.holds(b.extents)) return a;
  if (b.has_rows() && b.holds(a.extents)) return b;
  return std::nullopt;
}

std::vector<std::optional<ResultSpace>> row_values(const Graph& graph) {
  std::vector<std::optional<ResultSpace>> values(graph.nodes.size());
  const auto columns = column_strips(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const auto rows = columns[i] ? columns[i] : row_space(graph, node);
    if (rows) values[i] = ResultSpace{rows->extents, rows};
    if (is_parameter(node.op) || is_reduction(node.op) || node.op == OpCode::matmul) continue;
    const Extents extents = moving_extents(node.type.dimensions);
    for (const NodeId input : node.inputs) {
      const auto& value = values[static_cast<size_t>(input)];
      if (!values[i] && value && value->rows->rows() == extents) values[i] = value;
    }
  }
  return values;
}

}  // namespace onepass::ir
