// SPDX-License-Identifier: Apache-2.0
// The text form of graphs. parse(print(g)) == g.
#pragma once

#include <string>

#include "onepass/ir/graph.h"

namespace onepass::ir {

/// The whole graph, bodies of fused nodes included:
///   graph gelu(x: f32[n, m], s0: scalar f32) where n = 4, m = 5 {
///     %0 = pow x {exponent = 3}    : f32[n, m]
///     return %0
///   }
std::string print(const Graph& graph);

/// "f32[n, 1]" with the graph's symbol names.
std::string print(const Graph& graph, const Type& type);

/// Graphviz source: nodes by op, edges by data, one cluster for each fused node.
std::string print_dot(const Graph& graph);

/// Canonical bytes: equal exactly for graphs that compile to the same code. Names and captured
/// values are left out, layouts of inputs are included.
std::string canonical_key(const Graph& graph);

}  // namespace onepass::ir
