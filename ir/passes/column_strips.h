// SPDX-License-Identifier: Apache-2.0
// Where a kernel walks a few columns of an array through all its stages before the next ones: what
// a stage reads again is then in a cache.
#pragma once

#include <optional>
#include <vector>

#include "onepass/ir/row_space.h"

namespace onepass::ir {

/// For each node the columns that it is a reduction of, if strips of them are worth more than
/// kernels one after the other: a value would be stored between these, or the array read by two
/// reductions; memory lies along the columns, there are enough of them for every thread, and not
/// so many rows that a strip leaves the caches.
std::vector<std::optional<RowSpace>> column_strips(const Graph& graph);

/// Makes facts of what `column_strips` asks of sizes.
void fix_column_strips(Graph& graph);

}  // namespace onepass::ir
