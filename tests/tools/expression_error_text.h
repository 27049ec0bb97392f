// SPDX-License-Identifier: Apache-2.0
// What an expression is refused with, for tests of exact texts and places.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "source_span.h"

namespace onepass::tool {

/// The text of the ExpressionError that `call` throws, and below it the underlined `source`.
template <class Call>
std::string located_error(std::string_view source, Call call) {
  try {
    call();
  } catch (const ExpressionError& error) {
    return std::string(error.what()) + "\n" + underline(source, error.span());
  } catch (const std::exception& error) {
    ADD_FAILURE() << source << ": another kind of error: " << error.what();
    return "";
  }
  ADD_FAILURE() << source << ": no error";
  return "";
}

}  // namespace onepass::tool
