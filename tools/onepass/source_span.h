// SPDX-License-Identifier: Apache-2.0
// A place in the text of an expression, and the error that points at one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "onepass/runtime/error.h"

namespace onepass::tool {

/// Bytes [begin, end) of the source. Empty at the end of the text.
struct SourceSpan {
  size_t begin = 0, end = 0;
  friend bool operator==(const SourceSpan&, const SourceSpan&) = default;
};

/// What is wrong with an expression, and where.
class ExpressionError : public UserError {
 public:
  ExpressionError(const std::string& what, SourceSpan span) : UserError(what), span_(span) {}
  SourceSpan span() const { return span_; }

 private:
  SourceSpan span_;
};

/// The line of `source` that holds the place, indented, and below it "^~~~":
///     gleu(x @ w + b)
///     ^~~~
std::string underline(std::string_view source, SourceSpan span);

}  // namespace onepass::tool
