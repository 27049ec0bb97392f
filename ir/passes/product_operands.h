// SPDX-License-Identifier: Apache-2.0
// What products share because they multiply the same left operand, and what they may apply to an
// operand as they read it.
#pragma once

#include <span>
#include <string>

#include "onepass/ir/passes/access_map.h"

namespace onepass::ir {

/// A kernel holds at most this many products: their sums share the registers.
inline constexpr size_t most_products = 3;

/// Whether products of two kernels, at least one each, can be computed side by side: one left
/// operand, right operands of one type.
bool share_left_operand(const Graph& graph, std::span<const NodeId> a, std::span<const NodeId> b);

/// Why a kernel with products does not share their left operand with an earlier kernel that
/// multiplies it too; empty if there is none. `graph` went through the pipeline.
std::string why_products_are_apart(const Graph& graph, const Node& fused);

/// Gives products of one left operand that have equally many columns one symbol for them, which
/// makes the equality a fact that the graph relies on.
///   before: %0 = matmul x, w : f32[m, n]; %1 = matmul x, v : f32[m, p]    (n = p at capture)
///   after:  %0 = matmul x, w : f32[m, n]; %1 = matmul x, v : f32[m, n]
void tie_columns(Graph& graph);

/// Whether several products of a batch read the same elements of operand `index`.
bool is_read_by_batch(const Graph& graph, const Node& product, size_t index);

/// Whether a product applies the node to its operand as it reads it, in a kernel where what it
/// applies already takes `cost` additions per element. Threads and blocks compute it again, so that
/// it has to be cheap, and so does each product of a batch, so that it has to be free.
bool joins_prologue(const Graph& graph, NodeId id, Space space, double& cost);

}  // namespace onepass::ir
