// SPDX-License-Identifier: Apache-2.0
// Renumbers the points: what a product multiplies comes before the product.
#include "onepass/codegen/outer_product.h"

#include <algorithm>

namespace onepass::codegen {

bool is_outer_product(const PointGraph& graph) {
  return graph.reductions.size() == 1 && graph.reductions[0].product &&
         graph.kept == static_cast<int>(graph.dimensions.size());
}

PointGraph without_sum(const PointGraph& graph) {
  const Reduction& product = graph.reductions.at(0);
  PointGraph result = graph;
  result.reductions.clear();
  result.points = {{.kind = Point::Kind::constant, .dtype = product.dtype}};
  std::vector<PointId> place(graph.points.size(), -1);
  const auto append = [&](PointId id) {
    PointId& to = place[static_cast<size_t>(id)];
    if (to >= 0) return;
    to = static_cast<PointId>(result.points.size());
    Point point = graph.points[static_cast<size_t>(id)];
    const bool adds_zero = point.kind == Point::Kind::accumulator && is_floating(product.dtype);
    if (point.kind == Point::Kind::accumulator) {
      point.kind = Point::Kind::compute;
      point.op = adds_zero ? ir::OpCode::fma : ir::OpCode::multiply;
      point.operand_dtype = product.dtype;
      point.inputs = product.roots;
    }
    for (PointId& input : point.inputs) input = place[static_cast<size_t>(input)];
    if (adds_zero) point.inputs.push_back(0);
    result.points.push_back(std::move(point));
  };
  const std::vector<PointId> terms = reachable(graph, product.roots);
  std::for_each(terms.begin(), terms.end(), append);
  for (size_t i = 0; i < graph.points.size(); ++i) append(static_cast<PointId>(i));
  for (PointId& root : result.results) root = place[static_cast<size_t>(root)];
  return result;
}

}  // namespace onepass::codegen
