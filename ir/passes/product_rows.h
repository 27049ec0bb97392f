// SPDX-License-Identifier: Apache-2.0
// Products whose rows are reduced in the kernel that computes them, so that a block of rows never
// leaves the caches.
#pragma once

#include <span>
#include <string>

#include "onepass/ir/passes/result_space.h"

namespace onepass::ir {

/// Whether a kernel of these products and results computes `product` too: beside others of its left
/// operand, or as the matrix whose rows it reduces, where that is large, its rows fit a block, and
/// it takes few terms.
bool holds_product(const Graph& graph, std::span<const NodeId> products, const ResultSpace& space,
                   NodeId product);

/// Makes facts of what `holds_product` asks of sizes.
void fix_rows(Graph& graph);

/// Why a kernel that reduces the rows of a product does not compute it; empty if it reduces those
/// of none. `graph` went through the pipeline.
std::string why_rows_are_apart(const Graph& graph, const Node& fused);

}  // namespace onepass::ir
