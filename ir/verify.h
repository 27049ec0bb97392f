// SPDX-License-Identifier: Apache-2.0
// Checks every invariant of a graph.
#pragma once

#include <optional>
#include <string>

#include "onepass/ir/graph.h"

namespace onepass::ir {

/// The first invariant that does not hold, and the node where; -1: of the graph as a whole.
struct Violation {
  NodeId node = -1;
  std::string what;
};
std::optional<Violation> find_violation(const Graph& graph);

/// Throws InternalError naming the node and the broken invariant.
void verify(const Graph& graph);

}  // namespace onepass::ir
