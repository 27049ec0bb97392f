// SPDX-License-Identifier: Apache-2.0
// What the names in an expression stand for: what the command line binds, and the words of the
// language.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operand.h"
#include "syntax.h"

namespace onepass::tool {

/// The arrays and numbers of one call.
using Names = std::map<std::string, Operand, std::less<>>;

/// True, False, pi, e, inf and nan. A binding of the same name stands before the last four.
std::optional<Number> constant_of(std::string_view name);

/// True for names that cannot be bound: True, False, None, all, newaxis and the dtypes.
bool is_reserved(std::string_view name);

/// ExpressionError on a name of `syntax` that is neither in `bound` nor a word of the language or a
/// call of no function; then UserError on a bound name that `syntax` does not use.
void check_names(const Syntax& syntax, const std::vector<std::string_view>& bound);

}  // namespace onepass::tool
