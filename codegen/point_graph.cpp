// SPDX-License-Identifier: Apache-2.0
// Questions about points and their operands, and renumbering of the iteration space.
#include "onepass/codegen/point_graph.h"

#include <algorithm>

namespace onepass::codegen {

void PointGraph::reorder(const std::vector<int>& order) {
  std::vector<int> place(order.size());
  for (size_t i = 0; i < order.size(); ++i)
    place[static_cast<size_t>(order[i])] = static_cast<int>(i);
  const auto moved = [&](int dimension) {
    return dimension < 0 ? dimension : place[static_cast<size_t>(dimension)];
  };
  std::vector<ir::Dimension> symbols;
  for (const int d : order) symbols.push_back(dimensions[static_cast<size_t>(d)]);
  dimensions = std::move(symbols);
  for (runtime::Operand& operand : operands) {
    std::vector<runtime::Operand::Axis> axes;
    for (const int d : order) axes.push_back(operand.axes[static_cast<size_t>(d)]);
    operand.axes = std::move(axes);
  }
  for (Point& point : points) {
    DimensionSet depends = 0;
    for (size_t d = 0; d < order.size(); ++d) {
      if (point.depends & dimension_bit(order[d])) depends |= dimension_bit(static_cast<int>(d));
    }
    point.depends = depends;
    if (point.kind == Point::Kind::position) point.index = moved(point.index);
  }
  for (Reduction& reduction : reductions) {
    reduction.rows = moved(reduction.rows);
    reduction.columns = moved(reduction.columns);
  }
}

bool PointGraph::moves(int operand, int dimension) const {
  const int axis =
      operands[static_cast<size_t>(operand)].axes[static_cast<size_t>(dimension)].dimension;
  const runtime::Layout& layout = layouts[static_cast<size_t>(operand)];
  return axis >= 0 && !layout.is_one(axis) && !layout.is_broadcast(axis);
}

int64_t PointGraph::known_stride(int operand, int dimension) const {
  const auto& axis = operands[static_cast<size_t>(operand)].axes[static_cast<size_t>(dimension)];
  if (!moves(operand, dimension)) return 0;
  return layouts[static_cast<size_t>(operand)].unit_dimension() == axis.dimension ? axis.step : 0;
}

std::vector<PointId> reachable(const PointGraph& graph, const std::vector<PointId>& roots) {
  std::vector<char> wanted(graph.points.size(), 0);
  for (const PointId root : roots) wanted[static_cast<size_t>(root)] = 1;
  std::vector<PointId> found;
  for (size_t i = graph.points.size(); i-- > 0;) {
    if (!wanted[i]) continue;
    found.push_back(static_cast<PointId>(i));
    for (const PointId input : graph.points[i].inputs) wanted[static_cast<size_t>(input)] = 1;
  }
  std::reverse(found.begin(), found.end());
  return found;
}

}  // namespace onepass::codegen
