// SPDX-License-Identifier: Apache-2.0
// Which results are worth storing past the caches.
#pragma once

#include <vector>

#include "onepass/codegen/loop_groups.h"

namespace onepass::codegen {

/// The result operands that the vector loop over `dimension` stores one after the other, if all
/// arrays that move along every dimension take at least `limit` bytes together; the answer becomes
/// a fact.
std::vector<int> streamed_results(const PointGraph& graph, SizeFacts& facts, int dimension,
                                  int64_t limit);

}  // namespace onepass::codegen
