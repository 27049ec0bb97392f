// SPDX-License-Identifier: Apache-2.0
// Rough cost of a body: decides unrolling and how launch cuts loops, never results.
#pragma once

#include <span>

#include "onepass/codegen/point_graph.h"
#include "onepass/codegen/target.h"

namespace onepass::codegen {

struct BodyCost {
  int operations = 0;        // computes and converts
  int heavy_operations = 0;  // of these: those whose formula is more than one instruction
  int widest_bytes = 1;      // of the element types of all points
  double nanoseconds = 0;    // of one point on one thread
};

BodyCost body_cost(const PointGraph& graph, std::span<const PointId> points, const Target& target);

/// Lanes of a vector loop over these points: one register of the widest element type, times 4, 2 or
/// 1 as the body is light enough that several vectors at once fit the registers.
int vector_lanes(const BodyCost& cost, const Target& target, bool may_unroll);

}  // namespace onepass::codegen
