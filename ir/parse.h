// SPDX-License-Identifier: Apache-2.0
// Reads the text form of graphs.
#pragma once

#include <string_view>

#include "onepass/ir/graph.h"

namespace onepass::ir {

/// The graph that print() would print as `text`. UserError with line, column and what was expected.
/// Verifies the result.
Graph parse(std::string_view text);

}  // namespace onepass::ir
