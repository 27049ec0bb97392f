// SPDX-License-Identifier: Apache-2.0
// What a builder holds while a graph grows, and the step that turns it into a finished graph.
#pragma once

#include "onepass/ir/builder.h"
#include "onepass/ir/weak_scalars.h"

namespace onepass::ir {

struct Builder::State {
  Graph graph;
  SymbolTable symbols{graph.symbols};
  WeakScalars scalars{graph};
  int given = 0;  // words of the call's given extents so far
};

/// Inputs and scalars first, merged symbols replaced, unused ones dropped, readable and unique
/// names.
Graph assemble(Graph& graph, const SymbolTable& symbols, const WeakScalars& scalars);

}  // namespace onepass::ir
