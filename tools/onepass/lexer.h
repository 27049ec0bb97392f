// SPDX-License-Identifier: Apache-2.0
// Cuts the text of an expression into tokens.
#pragma once

#include <string_view>
#include <vector>

#include "token.h"

namespace onepass::tool {

/// The tokens of `source`, with one of kind `end` last. ExpressionError on a character or number
/// that is none.
std::vector<Token> tokenize(std::string_view source);

/// True for what can name an array: a letter or underscore, then letters, digits and underscores.
bool is_identifier(std::string_view text);

}  // namespace onepass::tool
