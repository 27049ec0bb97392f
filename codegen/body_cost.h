// SPDX-License-Identifier: Apache-2.0
// Rough cost of a body: decides unrolling and how launch cuts loops, never results.
#pragma once

#include <span>

#include "onepass/codegen/point_graph.h"
#include "onepass/codegen/target.h"

namespace onepass::codegen {

struct BodyCost {
  double units = 0;        // additions that take as long as all computes and converts
  int streams = 0;         // loads and results
  int widest_bytes = 1;    // of the element types of all points
  double nanoseconds = 0;  // of one point on one thread
};

/// Additions that take as long as the point; 0 for what is only read.
double point_cost(const Point& point);

BodyCost body_cost(const PointGraph& graph, std::span<const PointId> points, const Target& target);

/// Bodies of at most as many units wait for memory rather than for results.
inline constexpr double chain_body = 16;

/// How many vectors of these points one iteration computes at once: 8, 4, 2 or 1, as many as fit
/// the registers and are worth their compile time.
int vector_unroll(const BodyCost& cost, const Target& target);

}  // namespace onepass::codegen
