// SPDX-License-Identifier: Apache-2.0
// Sizes and layouts that suit strips of columns.
#include "onepass/ir/passes/column_strips.h"

#include <algorithm>

#include "onepass/ir/passes/node_roles.h"
#include "onepass/ir/passes/size_facts.h"
#include "onepass/runtime/schedule.h"

namespace onepass::ir {
namespace {

/// Measured on arrays of 256 KB to 120 MB.
constexpr int64_t most_rows = 1 << 15, least_columns = 128;

Extents columns_of(const RowSpace& space) {
  return {space.extents.end() - space.columns, space.extents.end()};
}

Dimension reduced_of(const RowSpace& space) {
  return space.extents[static_cast<size_t>(space.kept - space.columns)];
}

bool is_short_enough(const Graph& graph, const RowSpace& space) {
  return graph.captured_extent(reduced_of(space)) <= most_rows;
}

bool is_wide_enough(const Graph& graph, const RowSpace& space) {
  int64_t columns = 1;
  for (const Dimension d : columns_of(space)) {
    columns = runtime::saturating_multiply(columns, graph.captured_extent(d));
  }
  return columns >= least_columns;
}

/// The last axis of an array that the call provides.
bool lies_along(const Graph& graph, const InputDeclaration& input) {
  const Dimensions& dimensions = graph.node(input.node).type.dimensions;
  for (int d = dimensions.rank() - 1; d >= 0 && !input.strides.empty(); --d) {
    if (dimensions[d] == one) continue;
    const int64_t stride = input.strides[static_cast<size_t>(d)];
    return stride == 0 || stride == 1;
  }
  return true;
}

bool keeps_last_axis(const Node& node) {
  if (node.op == OpCode::slice) return node.attributes.words(AttributeKey::step).back() == 1;
  if (node.op != OpCode::permute_dims) return true;
  return node.attributes.words(AttributeKey::permutation).back() == node.type.rank() - 1;
}

/// The powers of two around an extent, so that near sizes share the facts.
void require_like(Graph& graph, Dimension symbol, bool at_least) {
  const int64_t extent = graph.captured_extent(symbol);
  int64_t power = 1;
  while (power <= extent / 2) power *= 2;
  require(graph, {symbol, at_least ? power : 0, at_least ? INT64_MAX : 2 * power - 1});
}

/// For each node whether its last axis lies along memory, and all that it is computed from in one
/// pass does.
std::vector<bool> lie_along_columns(const Graph& graph) {
  std::vector<bool> along(graph.nodes.size(), true);
  for (const InputDeclaration& input : graph.inputs) {
    along[static_cast<size_t>(input.node)] = lies_along(graph, input);
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (is_source(node.op) || kind_of(graph, node) != ClusterKind::map) continue;
    along[i] = keeps_last_axis(node) &&
               std::all_of(node.inputs.begin(), node.inputs.end(),
                           [&](NodeId input) { return along[static_cast<size_t>(input)]; });
  }
  return along;
}

/// Spaces of columns that several reductions share, or whose elements are read again.
std::vector<std::optional<RowSpace>> wanted_spaces(const Graph& graph) {
  const std::vector<bool> live = live_nodes(graph), along = lie_along_columns(graph);
  const std::vector<int> uses = count_uses(graph);
  std::vector<std::optional<RowSpace>> spaces(graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const bool reduces = live[i] && is_reduction(graph.nodes[i].op);
    if (!reduces || !along[static_cast<size_t>(graph.nodes[i].inputs[0])]) continue;
    spaces[i] = column_space(graph, graph.nodes[i]);
  }
  const std::vector<std::optional<RowSpace>> all = spaces;
  for (size_t i = 0; i < spaces.size(); ++i) {
    if (!spaces[i]) continue;
    const auto operand = static_cast<size_t>(graph.nodes[i].inputs[0]);
    const bool again = !is_source(graph.nodes[operand].op) && uses[operand] > 1;
    if (!again && std::count(all.begin(), all.end(), all[i]) < 2) spaces[i].reset();
  }
  return spaces;
}

void fix_strips(Graph& graph, const RowSpace& space) {
  const bool is_short = is_short_enough(graph, space), is_wide = is_wide_enough(graph, space);
  require(graph,
          {reduced_of(space), is_short ? 0 : most_rows + 1, is_short ? most_rows : INT64_MAX});
  const Extents columns = columns_of(space);
  if (columns.size() > 1) {
    for (const Dimension d : columns) require_like(graph, d, is_wide);
  } else {
    require(graph,
            {columns[0], is_wide ? least_columns : 0, is_wide ? INT64_MAX : least_columns - 1});
  }
}

}  // namespace

std::vector<std::optional<RowSpace>> column_strips(const Graph& graph) {
  std::vector<std::optional<RowSpace>> spaces = wanted_spaces(graph);
  for (auto& space : spaces) {
    const bool fits = space && is_short_enough(graph, *space) && is_wide_enough(graph, *space);
    if (!fits) space.reset();
  }
  return spaces;
}

void fix_column_strips(Graph& graph) {
  for (const auto& space : wanted_spaces(graph)) {
    if (space) fix_strips(graph, *space);
  }
}

}  // namespace onepass::ir
