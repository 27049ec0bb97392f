// SPDX-License-Identifier: Apache-2.0
// Loads of a map that are contiguous along another loop than the vector loop: they are turned over
// block by block, so that each cache line is read once.
#pragma once

#include <cstdint>
#include <vector>

#include "onepass/codegen/loop_groups.h"

namespace onepass::codegen {

struct TransposedLoads {
  size_t group = 0;           // the loop along which they are contiguous
  std::vector<int> operands;  // empty: there are none
};

/// The operands that walk the last of `groups` by a stride that is not known and another group in
/// steps of one; of several such groups the one that most operands walk so.
TransposedLoads transposed_loads(const PointGraph& graph, const std::vector<LoopGroup>& groups);

/// Rows and columns of the blocks that are turned over at a time.
int64_t transposed_block(const PointGraph& graph, const TransposedLoads& loads);

}  // namespace onepass::codegen
