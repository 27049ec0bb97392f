// SPDX-License-Identifier: Apache-2.0
// Counts of a body, weighted by what one lane of each op takes.
#include "onepass/codegen/body_cost.h"

#include <algorithm>

#include "onepass/ir/counting_emitter.h"

namespace onepass::codegen {
namespace {

constexpr double nanoseconds_per_byte = 0.05;
constexpr double cycles_per_unit = 0.5;  // of one vector instruction as the op costs count them
constexpr double cycles_per_nanosecond = 2.5;
/// A formula that costs more than this many additions is heavy: its code is long.
constexpr double heavy_cost = 8;

double cost_of(const Point& point) {
  if (point.kind == Point::Kind::convert) return 1;
  return ir::op_cost(point.op, point.operand_dtype, ir::Accuracy::strict).cost;
}

}  // namespace

BodyCost body_cost(const PointGraph& graph, std::span<const PointId> points, const Target& target) {
  BodyCost cost;
  double cycles = 0, bytes = 0;
  for (const PointId id : points) {
    const Point& point = graph.points[static_cast<size_t>(id)];
    cost.widest_bytes = std::max(cost.widest_bytes, byte_size(point.dtype));
    if (point.kind == Point::Kind::load) bytes += byte_size(point.dtype);
    if (point.kind != Point::Kind::compute && point.kind != Point::Kind::convert) continue;
    ++cost.operations;
    cost.heavy_operations += cost_of(point) > heavy_cost;
    cycles += cost_of(point) * cycles_per_unit;
  }
  for (const PointId result : graph.results) {
    bytes += byte_size(graph.points[static_cast<size_t>(result)].dtype);
  }
  cost.nanoseconds = cycles / cycles_per_nanosecond / target.lanes(cost.widest_bytes) +
                     bytes * nanoseconds_per_byte;
  return cost;
}

int vector_lanes(const BodyCost& cost, const Target& target, bool may_unroll) {
  constexpr int light_body = 4, medium_body = 12;
  const int lanes = target.lanes(cost.widest_bytes);
  if (!may_unroll || cost.heavy_operations > 0 || cost.operations > medium_body) return lanes;
  const bool many_registers = target.vector_registers() > 16;
  return lanes * (cost.operations <= light_body && many_registers ? 4 : 2);
}

}  // namespace onepass::codegen
