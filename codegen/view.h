// SPDX-License-Identifier: Apache-2.0
// How the dimensions of a node follow from the iteration space, and how that changes through views.
#pragma once

#include <cstdint>
#include <vector>

#include "onepass/ir/graph.h"
#include "onepass/runtime/kernel.h"

namespace onepass::codegen {

/// The index along one dimension of a node: step * iteration dimension + the sum of the offsets.
struct ViewAxis {
  int dimension = -1;  // -1: does not move
  int64_t step = 1;
  std::vector<runtime::Operand::Offset> offsets;  // their member `dimension` is not used
  friend bool operator==(const ViewAxis&, const ViewAxis&) = default;
};

/// One axis per dimension of the node.
using View = std::vector<ViewAxis>;

/// The view of `input` of `node`, where `node` is seen under `view`: through broadcasting, and
/// through the view ops.
View view_through(const ir::Graph& body, const ir::Node& node, ir::NodeId input, const View& view);

}  // namespace onepass::codegen
