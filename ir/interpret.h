// SPDX-License-Identifier: Apache-2.0
// Runs a graph node by node on the host: the executable meaning of the IR, and the slow side of every race.
#pragma once

#include <cstdint>
#include <span>

#include "onepass/ir/graph.h"
#include "onepass/ir/modes.h"
#include "onepass/runtime/array_view.h"

namespace onepass::ir {

/// Computes the outputs of `graph` into `outputs` (any strides; must not overlap the inputs). Every intermediate is
/// materialised. `given` are the call's given extents, `scalars` 8-byte slots in the dtype of the scalar nodes.
/// Fused nodes are run by interpreting their bodies.
void interpret(const Graph& graph, std::span<const runtime::ArrayView> inputs,
               std::span<const uint64_t> scalars, std::span<const int64_t> given,
               std::span<const runtime::ArrayView> outputs, Accuracy accuracy);

}  // namespace onepass::ir
