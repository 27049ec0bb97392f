// SPDX-License-Identifier: Apache-2.0
// What a call throws, for tests of exact texts.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "onepass/runtime/error.h"

namespace onepass {

/// The text of the E that `call` throws; a failure of the test if it throws nothing or something
/// else.
template <class E = UserError, class Call>
std::string error_text(Call call) {
  try {
    call();
  } catch (const E& e) {
    return e.what();
  } catch (const std::exception& e) {
    ADD_FAILURE() << "another kind of error: " << e.what();
    return "";
  }
  ADD_FAILURE() << "no error";
  return "";
}

}  // namespace onepass
