// SPDX-License-Identifier: Apache-2.0
// What stands between brackets: a[:, None], x[1:, ::2], x[-1], x[..., 0].
#pragma once

#include "call_arguments.h"
#include "onepass/engine/onepass.h"
#include "syntax.h"

namespace onepass::tool {

/// The view that an index node asks for. ExpressionError on an entry that is no index.
Value indexed(const Syntax& syntax, const SyntaxNode& node, const Operands& operands);

}  // namespace onepass::tool
