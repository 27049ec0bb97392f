// SPDX-License-Identifier: Apache-2.0
// What passes ask of sizes becomes a fact of the graph, which the guard tests at every call.
#pragma once

#include "onepass/ir/graph.h"

namespace onepass::ir {

/// Lets the symbol of `range` have the values in it alone, besides what is known of it.
void require(Graph& graph, const runtime::ValidityRange& range);

}  // namespace onepass::ir
