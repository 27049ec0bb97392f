// SPDX-License-Identifier: Apache-2.0
// The names that the text form allows.
#pragma once

#include <string>
#include <string_view>

namespace onepass::ir {

/// A letter or underscore, then letters, digits and underscores.
bool is_identifier(std::string_view text);

/// "s" and digits: how the text form names the scalars of the call.
bool is_scalar_name(std::string_view text);

/// `text` with everything else replaced; `fallback` if nothing is left. Never the name of a scalar
/// or a keyword.
std::string as_identifier(std::string_view text, std::string_view fallback);

}  // namespace onepass::ir
