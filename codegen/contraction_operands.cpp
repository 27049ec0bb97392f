// SPDX-License-Identifier: Apache-2.0
// Questions about the loads of products.
#include "onepass/codegen/contraction_operands.h"

#include <algorithm>

namespace onepass::codegen {
namespace {

bool contains(const std::vector<PointId>& points, PointId id) {
  return std::find(points.begin(), points.end(), id) != points.end();
}

}  // namespace

bool is_plain_load(const PointGraph& graph, PointId id, const LoopGroup& along) {
  const Point& point = graph.points[static_cast<size_t>(id)];
  return point.kind == Point::Kind::load && graph.known_stride(point.index, along.last()) == 1;
}

bool lies_along(const PointGraph& graph, PointId root, int dimension) {
  const std::vector<PointId> points = reachable(graph, {root});
  return std::all_of(points.begin(), points.end(), [&](PointId id) {
    const Point& point = graph.points[static_cast<size_t>(id)];
    return point.kind != Point::Kind::load || !graph.moves(point.index, dimension) ||
           graph.known_stride(point.index, dimension) == 1;
  });
}

std::vector<int> matrices_beside(const PointGraph& graph, const ContractionSpace& space,
                                 const std::vector<PointId>& points) {
  std::vector<int> matrices;
  for (const PointId id : points) {
    const Point& point = graph.points[static_cast<size_t>(id)];
    if (!space.row || !is_plain_load(graph, id, space.groups[space.column])) continue;
    if (!graph.moves(point.index, space.groups[*space.row].last())) continue;
    if (std::find(matrices.begin(), matrices.end(), point.index) != matrices.end()) continue;
    matrices.push_back(point.index);
  }
  return matrices;
}

bool is_constant_matrix(const PlanContext& context, const PointGraph& graph,
                        const ContractionSpace& space, PointId id) {
  if (!is_plain_load(graph, id, space.groups[space.column])) return false;
  const int load = graph.points[static_cast<size_t>(id)].index;
  const runtime::Operand& operand = graph.operands[static_cast<size_t>(load)];
  const auto array = static_cast<size_t>(operand.array);
  if (array >= context.constants.size() || !context.constants[array]) return false;
  const auto axis = [&](size_t group) {
    return operand.axes[static_cast<size_t>(space.groups[group].last())];
  };
  const runtime::Operand::Axis depth{0, 1}, column{1, 1};
  const bool is_whole = operand.offsets.empty() && axis(space.column) == column && space.depth &&
                        axis(*space.depth) == depth;
  const auto reads_array = [&](const runtime::Operand& o) { return o.array == operand.array; };
  const auto reads_point = [&](const Point& point) { return contains(point.inputs, id); };
  return is_whole &&
         std::count_if(graph.operands.begin(), graph.operands.end(), reads_array) == 1 &&
         std::none_of(graph.points.begin(), graph.points.end(), reads_point) &&
         std::none_of(graph.reductions.begin(), graph.reductions.end(),
                      [&](const Reduction& r) { return r.roots[0] == id; }) &&
         !contains(graph.results, id);
}

}  // namespace onepass::codegen
