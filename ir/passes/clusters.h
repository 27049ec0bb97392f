// SPDX-License-Identifier: Apache-2.0
// Which nodes share a kernel. Decided from the outputs towards the inputs, in one walk.
#pragma once

#include <vector>

#include "onepass/ir/graph.h"
#include "onepass/ir/passes/passes.h"

namespace onepass::ir {

/// What a kernel is built around.
enum class ClusterKind : uint8_t {
  map,       // element-wise ops and views
  reduce,    // reductions of the same rows, or one of other axes, with what feeds and follows them
  product,   // a generated product with what follows it
  library,   // a product by BLAS
  running,   // a running reduction with the maps that feed and follow it
  movement,  // a concat or take of its own
  reshape,   // no kernel: other extents for the same memory
};

struct Cluster {
  ClusterKind kind = ClusterKind::map;
  int level = 0;  // producers have higher levels than their consumers: kernels cannot form a cycle
  std::vector<NodeId> nodes;  // ascending
};

struct Clusters {
  std::vector<Cluster> list;  // producers before consumers
  std::vector<int>
      of_node;  // index into list; -1: a source, a scalar computation to be cloned, or dead
  std::vector<bool>
      is_cloned;  // computed from scalars and constants alone, by few ops: cloned where it is used
  std::vector<bool> is_costly;  // precedes a product that would compute it again and again
};

Clusters find_clusters(const Graph& graph, Mode mode);

}  // namespace onepass::ir
