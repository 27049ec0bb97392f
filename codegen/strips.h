// SPDX-License-Identifier: Apache-2.0
// Cuts a long body into strips: each a vector loop over the same block of elements that stays in
// the L1 cache. What one strip computes and a later one needs goes through scratch.
#pragma once

#include <span>
#include <vector>

#include "onepass/codegen/point_graph.h"

namespace onepass::codegen {

struct Strip {
  std::vector<PointId> points;   // inputs before users
  std::vector<PointId> reloads;  // computed by an earlier strip
  std::vector<PointId> spills;   // needed by a later strip
  std::vector<size_t> stores;    // results of the graph that this strip stores
};

/// Elements of a block that the strips of a body share.
inline constexpr int64_t strip_block = 512;

/// Cuts `points` (inputs before users) so that a strip has at most about 64 operations and 24
/// streams. Results that are not among `points` are stored by the last strip.
std::vector<Strip> cut_strips(const PointGraph& graph, std::span<const PointId> points);

}  // namespace onepass::codegen
