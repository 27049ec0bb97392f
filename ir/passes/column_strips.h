// SPDX-License-Identifier: Apache-2.0
// Where a kernel walks a few columns of an array through all its stages before the next ones: what
// a stage reads again is then in a cache.
#pragma once

#include <optional>
#include <vector>

#include "onepass/ir/row_space.h"

namespace onepass::ir {

/// The columns that a reduction reduces, if strips of them are worth more than kernels one after
/// the other: there are enough for every thread, and not so many rows that a strip leaves the
/// caches.
std::optional<RowSpace> column_strips(const Graph& graph, const Node& reduction);

/// For each node whether its last axis lies along memory, and all that it is computed from in one
/// pass does.
std::vector<bool> lie_along_columns(const Graph& graph);

/// Makes facts of what `column_strips` asks of sizes.
void fix_column_strips(Graph& graph);

}  // namespace onepass::ir
