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

/// Makes facts of what fusion of products asks of sizes. Products of one left operand with equally
/// many columns get one symbol for them. Whether there are few columns is a range.
///   before: %0 = matmul x, w : f32[m, n]; %1 = matmul x, v : f32[m, p]    (n = p at capture)
///   after:  %0 = matmul x, w : f32[m, n]; %1 = matmul x, v : f32[m, n]
void fix_columns(Graph& graph);

/// Whether elements of operand `index` are computed again and again if the product computes them:
/// several products of a batch read them, or many columns take turns with the left one.
bool is_read_again(const Graph& graph, const Node& product, size_t index);

/// Whether a product applies the node to its operand as it reads it, in a kernel where what it
/// applies already takes `cost` additions per element. It has to be cheap, or free where elements
/// are read again.
bool joins_prologue(const Graph& graph, NodeId id, Space space, double& cost);

}  // namespace onepass::ir
