// SPDX-License-Identifier: Apache-2.0
// What a misspelt name was meant to be.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace onepass::tool {

/// "; did you mean 'gelu'?" for the candidate nearest to `name`, or nothing if none is near.
std::string suggestion(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace onepass::tool
