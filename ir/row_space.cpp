// SPDX-License-Identifier: Apache-2.0
// Spaces from axes and from shapes of results.
#include "onepass/ir/row_space.h"

#include <algorithm>

namespace onepass::ir {
namespace {

/// The space of the extents that are marked as reduced, if they lie side by side.
std::optional<RowSpace> space_of(Extents extents, const std::vector<bool>& reduced) {
  const auto first = std::find(reduced.begin(), reduced.end(), true);
  const auto last = std::find(first, reduced.end(), false);
  if (first == reduced.end() || std::find(last, reduced.end(), true) != reduced.end()) {
    return std::nullopt;
  }
  RowSpace space{std::move(extents)};
  space.columns = static_cast<int>(reduced.end() - last);
  space.kept = static_cast<int>(first - reduced.begin()) + space.columns;
  return space;
}

/// The space of a reduction, whose axes include the last one or not.
std::optional<RowSpace> reduced_space(const Graph& graph, const Node& reduction, bool of_last) {
  if (!is_reduction(reduction.op)) return std::nullopt;
  const Dimensions& dimensions = graph.node(reduction.inputs[0]).type.dimensions;
  const auto axes = reduction.attributes.words(AttributeKey::axes);
  if (axes.empty() || (axes.back() == dimensions.rank() - 1) != of_last) return std::nullopt;
  std::vector<bool> reduced;
  for (int d = 0; d < dimensions.rank(); ++d) {
    if (dimensions[d] == one) continue;
    reduced.push_back(std::find(axes.begin(), axes.end(), d) != axes.end());
  }
  return space_of(moving_extents(dimensions), reduced);
}

/// The space of a body by its reductions over other axes than the last ones.
std::optional<RowSpace> columns_of(const Graph& body) {
  std::optional<RowSpace> space;
  int reductions = 0;
  for (const Node& node : body.nodes) {
    if (!is_reduction(node.op)) continue;
    ++reductions;
    if (!space) space = column_space(body, node);
  }
  if (!space || reductions > 1) return space;
  const bool keeps_elements =
      std::any_of(body.outputs.begin(), body.outputs.end(), [&](NodeId output) {
        return moving_extents(body.node(output).type.dimensions) == space->extents;
      });
  return keeps_elements ? space : std::nullopt;
}

/// The extents that `kept` lacks: those behind it, else those that lie side by side elsewhere.
std::optional<RowSpace> space_between(const Extents& all, const Extents& kept) {
  const size_t more = all.size() - kept.size();
  for (size_t behind = 0; behind <= kept.size(); ++behind) {
    const RowSpace space{all, static_cast<int>(kept.size()), static_cast<int>(behind)};
    if (more > 0 && space.rows() == kept) return space;
  }
  return std::nullopt;
}

}  // namespace

Extents moving_extents(const Dimensions& dimensions) {
  Extents extents;
  std::copy_if(dimensions.begin(), dimensions.end(), std::back_inserter(extents),
               [](Dimension d) { return d != one; });
  return extents;
}

Extents RowSpace::rows() const {
  Extents rows(extents.begin(), extents.begin() + (kept - columns));
  rows.insert(rows.end(), extents.end() - columns, extents.end());
  return rows;
}

std::optional<RowSpace> row_space(const Graph& graph, const Node& reduction) {
  const auto space = reduced_space(graph, reduction, true);
  return space && space->columns == 0 ? space : std::nullopt;
}

std::optional<RowSpace> column_space(const Graph& graph, const Node& reduction) {
  const auto space = reduced_space(graph, reduction, false);
  const bool one_axis = space && static_cast<int>(space->extents.size()) == space->kept + 1;
  return one_axis && space->columns > 0 ? space : std::nullopt;
}

std::optional<RowSpace> row_space(const Graph& body) {
  for (const Node& node : body.nodes) {
    if (const auto space = row_space(body, node)) return space;
  }
  if (const auto space = columns_of(body)) return space;
  Extents most, fewest;
  for (const NodeId output : body.outputs) {
    Extents extents = moving_extents(body.node(output).type.dimensions);
    if (output == body.outputs[0] || extents.size() < fewest.size()) fewest = extents;
    if (extents.size() >= most.size()) most = std::move(extents);
  }
  return space_between(most, fewest);
}

}  // namespace onepass::ir
