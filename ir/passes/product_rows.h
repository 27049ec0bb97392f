// SPDX-License-Identifier: Apache-2.0
// Products whose rows are reduced in the kernel that computes them, so that a block of rows never
// leaves the caches.
#pragma once

#include "onepass/ir/passes/result_space.h"

namespace onepass::ir {

/// Whether a kernel that reduces rows of `space` computes the product that they are made of: where
/// the matrix is large, its rows fit a block, and the product takes few terms.
bool computes_rows(const Graph& graph, NodeId product, const ResultSpace& space);

/// Makes facts of what `computes_rows` asks of sizes.
void fix_rows(Graph& graph);

}  // namespace onepass::ir
