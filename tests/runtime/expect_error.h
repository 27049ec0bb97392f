// SPDX-License-Identifier: Apache-2.0
// Expects an error of exactly one kind with exactly one text.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <typeinfo>

#include "onepass/runtime/error.h"

namespace onepass::testing {

template <class Kind, class Body>
void expect_error(const std::string& text, Body&& body) {
  try {
    body();
    ADD_FAILURE() << "nothing was thrown; expected: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(typeid(error), typeid(Kind));
    EXPECT_EQ(text, error.what());
  }
}

}  // namespace onepass::testing
