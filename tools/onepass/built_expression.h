// SPDX-License-Identifier: Apache-2.0
// Structure and names to a value of the library, and from an error of the library back to a place
// in the text.
#pragma once

#include <utility>
#include <vector>

#include "names.h"
#include "onepass/engine/onepass.h"
#include "syntax.h"

namespace onepass::tool {

class BuiltExpression {
 public:
  /// Applies what `syntax` says to what `names` binds. Nothing is computed, except of numbers
  /// alone. The names must have been checked. ExpressionError on what the library refuses at once.
  BuiltExpression(const Syntax& syntax, const Names& names);

  const Value& value() const { return value_; }

  /// Given that the library refused the whole expression: ExpressionError with the text and the
  /// place of the first sub-expression that it refuses. Returns if it refuses none.
  void locate_error() const;

 private:
  std::vector<std::pair<Value, SourceSpan>> steps_;  // operations in the order they apply
  Value value_;
};

}  // namespace onepass::tool
