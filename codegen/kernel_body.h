// SPDX-License-Identifier: Apache-2.0
// Fused nodes made here: for nodes that no pass put into a kernel, and for copies.
#pragma once

#include "onepass/ir/graph.h"

namespace onepass::codegen {

/// Node `id` of `graph` alone as a kernel.
ir::Node kernel_of_node(const ir::Graph& graph, ir::NodeId id);

/// A kernel that stores node `id`: an array, a scalar or a constant.
ir::Node kernel_of_copy(const ir::Graph& graph, ir::NodeId id);

}  // namespace onepass::codegen
