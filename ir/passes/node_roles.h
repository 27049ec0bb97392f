// SPDX-License-Identifier: Apache-2.0
// What each node is to fusion, before any kernel is formed.
#pragma once

#include <vector>

#include "onepass/ir/passes/clusters.h"

namespace onepass::ir {

constexpr bool is_source(OpCode op) { return is_parameter(op) || op == OpCode::constant; }

/// Nodes that outputs depend on.
std::vector<bool> live_nodes(const Graph& graph);

/// Nodes computed from scalars and constants alone by few ops: done again in every kernel that
/// reads them.
std::vector<bool> small_scalar_nodes(const Graph& graph);

/// What a kernel around the node would be built around.
ClusterKind kind_of(const Graph& graph, const Node& node);

/// Unfused: every live node is its own kernel, every reshape none.
Clusters cluster_each(const Graph& graph);

}  // namespace onepass::ir
