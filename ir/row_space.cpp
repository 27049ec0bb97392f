// SPDX-License-Identifier: Apache-2.0
// Row spaces from axes and from shapes of results.
#include "onepass/ir/row_space.h"

#include <algorithm>

namespace onepass::ir {

Extents moving_extents(const Dimensions& dimensions) {
  Extents extents;
  std::copy_if(dimensions.begin(), dimensions.end(), std::back_inserter(extents),
               [](Dimension d) { return d != one; });
  return extents;
}

std::optional<RowSpace> row_space(const Graph& graph, const Node& reduction) {
  if (!is_reduction(reduction.op)) return std::nullopt;
  const Dimensions& dimensions = graph.node(reduction.inputs[0]).type.dimensions;
  const auto axes = reduction.attributes.words(AttributeKey::axes);
  if (axes.empty() || axes.back() != dimensions.rank() - 1) return std::nullopt;
  RowSpace space{moving_extents(dimensions), 0};
  bool inside = false;
  for (int d = 0; d < dimensions.rank(); ++d) {
    if (dimensions[d] == one) continue;
    const bool reduced = std::find(axes.begin(), axes.end(), d) != axes.end();
    if (inside && !reduced) return std::nullopt;
    inside = reduced;
    if (!reduced) ++space.kept;
  }
  if (!inside) return std::nullopt;
  return space;
}

std::optional<RowSpace> row_space(const Graph& body) {
  for (const Node& node : body.nodes) {
    if (const auto space = row_space(body, node)) return space;
  }
  RowSpace space;
  size_t kept = SIZE_MAX;
  for (const NodeId output : body.outputs) {
    Extents extents = moving_extents(body.node(output).type.dimensions);
    kept = std::min(kept, extents.size());
    if (extents.size() >= space.extents.size()) space.extents = std::move(extents);
  }
  if (kept >= space.extents.size()) return std::nullopt;
  space.kept = static_cast<int>(kept);
  return space;
}

}  // namespace onepass::ir
