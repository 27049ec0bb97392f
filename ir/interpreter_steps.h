// SPDX-License-Identifier: Apache-2.0
// What nodes compute, and what the interpreter moves for them, at the captured sizes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "onepass/ir/graph.h"
#include "onepass/ir/modes.h"

namespace onepass::ir {

/// Arithmetic of one node on all its elements: what the formula does, one step an element of a
/// reduction, two of a running one and of a step of a product; operations on integers count as one.
/// Nothing for a node that only moves.
double node_flops(const Graph& graph, const Node& node, Accuracy accuracy);

/// One op that the interpreter runs, or the copy of a value that is no place of an output.
struct InterpreterStep {
  std::string name;
  bool is_elementwise = false;
  int64_t bytes_read = 0, bytes_written = 0;  // an array once, however often its elements repeat
  double flops = 0;
};

/// The steps of interpret(), in their order. Scalars and constants are no traffic.
std::vector<InterpreterStep> interpreter_steps(const Graph& graph, Accuracy accuracy);

}  // namespace onepass::ir
