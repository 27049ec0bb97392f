// SPDX-License-Identifier: Apache-2.0
// Graphs in which an intermediate value is stored: as one more output, or as an input computed
// before.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "random_graph.h"

namespace onepass::fuzz {

/// Nodes that compute something and are no output.
std::vector<ir::NodeId> intermediates(const ir::Graph& graph);

/// The case with `node` as its last output.
ir::RandomCase with_output(const ir::RandomCase& random, ir::NodeId node);

/// The case that reads `value` wherever it read `node`.
ir::RandomCase with_input_for(const ir::RandomCase& random, ir::NodeId node,
                              const runtime::ArrayView& value);

/// Nothing if storing `node` keeps the bits of every output of the case, in one graph with one more
/// output and, if `split`, in two graphs that run after each other; otherwise what differs.
std::optional<std::string> difference_when_stored(const ir::RandomCase& random, ir::NodeId node,
                                                  bool split);

}  // namespace onepass::fuzz
