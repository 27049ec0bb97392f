// SPDX-License-Identifier: Apache-2.0
// Text to structure, by Python's precedence rules.
//
//   expression := operations of the table in operators.h over operands
//   operand    := ('-' | '+' | '~' | '!') operand | postfix ['**' operand]
//   postfix    := primary { '[' entry {',' entry} ']' }
//   primary    := number | name ['(' arguments ')'] | '(' expression ')' | list
#pragma once

#include <string_view>

#include "syntax.h"

namespace onepass::tool {

/// Parses one expression; the result refers to `source`. ExpressionError on anything else.
Syntax parse_expression(std::string_view source);

}  // namespace onepass::tool
