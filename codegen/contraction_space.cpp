// SPDX-License-Identifier: Apache-2.0
// Rows, columns and depth from the dimensions of the product; what lies outside of them is batch.
#include "onepass/codegen/contraction_space.h"

#include <algorithm>

namespace onepass::codegen {

ContractionSpace contraction_space(const PointGraph& graph) {
  const Reduction& r = graph.reductions.at(0);
  const int matrix = (r.rows >= 0 ? 1 : 0) + 1;
  ContractionSpace space;
  space.groups = collapse(graph, 0, graph.kept - matrix);
  space.batches = space.groups.size();
  if (r.rows >= 0) {
    space.row = space.groups.size();
    space.groups.push_back({r.rows, 1});
  }
  space.column = space.groups.size();
  space.groups.push_back({r.columns, 1});
  if (graph.kept < static_cast<int>(graph.dimensions.size())) {
    space.depth = space.groups.size();
    space.groups.push_back({graph.kept, 1});
  }
  return space;
}

bool results_are_products(const PointGraph& graph) {
  return std::all_of(graph.results.begin(), graph.results.end(), [&](PointId result) {
    return graph.points[static_cast<size_t>(result)].kind == Point::Kind::accumulator;
  });
}

}  // namespace onepass::codegen
