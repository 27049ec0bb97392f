// SPDX-License-Identifier: Apache-2.0
// Checks every invariant of a graph.
#pragma once

#include "onepass/ir/graph.h"

namespace onepass::ir {

/// Throws InternalError naming the node and the broken invariant.
void verify(const Graph& graph);

}  // namespace onepass::ir
