// SPDX-License-Identifier: Apache-2.0
// The words of an expression.
#pragma once

#include <string_view>

#include "number.h"
#include "source_span.h"

namespace onepass::tool {

struct Token {
  enum class Kind { end, number, name, sign };
  Kind kind = Kind::end;
  SourceSpan span;
  std::string_view text;  // of the source; empty at the end
  Number number;          // of kind `number`

  bool is_sign(std::string_view sign) const { return kind == Kind::sign && text == sign; }
};

}  // namespace onepass::tool
