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

}  // namespace

double point_cost(const Point& point) {
  if (point.kind == Point::Kind::convert || point.kind == Point::Kind::position) return 1;
  if (point.kind != Point::Kind::compute) return 0;
  constexpr double compiled_power = 2;  // a product or two
  if (point.exponent != 0) return compiled_power;
  return ir::op_cost(point.op, point.operand_dtype, ir::Accuracy::strict).cost;
}

BodyCost body_cost(const PointGraph& graph, std::span<const PointId> points, const Target& target) {
  BodyCost cost;
  double bytes = 0;
  for (const PointId id : points) {
    const Point& point = graph.points[static_cast<size_t>(id)];
    cost.widest_bytes = std::max(cost.widest_bytes, byte_size(point.dtype));
    if (point.kind == Point::Kind::load) {
      bytes += byte_size(point.dtype);
      ++cost.streams;
    }
    if (point.kind != Point::Kind::compute && point.kind != Point::Kind::convert) continue;
    cost.units += point_cost(point);
  }
  for (const PointId result : graph.results) {
    bytes += byte_size(graph.points[static_cast<size_t>(result)].dtype);
    ++cost.streams;
  }
  cost.nanoseconds =
      cost.units * cycles_per_unit / cycles_per_nanosecond / target.lanes(cost.widest_bytes) +
      bytes * nanoseconds_per_byte;
  return cost;
}

int vector_unroll(const BodyCost& cost, const Target& target) {
  // Several independent chains at once hide latencies: 4 take 10 to 40 % off formulas from exp2 to
  // powers of powers, 8 another 5 to 15 % of gelu and polynomials (`onepass bench` on 4,096
  // elements), but each copy has to be compiled, and wants registers.
  constexpr double short_body = 32, middle_body = 320, long_body = 480;
  constexpr int registers_per_copy = 4;
  int unroll = 1;
  if (cost.units <= long_body) unroll = 2;
  if (cost.units <= middle_body) unroll = 4;
  if (cost.units > chain_body && cost.units <= short_body) {
    unroll = target.vector_registers() / registers_per_copy;
  }
  while (unroll > 1 && unroll * cost.streams > target.vector_registers()) unroll /= 2;
  return unroll;
}

}  // namespace onepass::codegen
