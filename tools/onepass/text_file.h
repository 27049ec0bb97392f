// SPDX-License-Identifier: Apache-2.0
// Whole text files.
#pragma once

#include <string>
#include <string_view>

namespace onepass::tool {

/// The name of a file that stands for the standard output.
inline constexpr std::string_view standard_output = "-";

/// UserError naming `option` and the file if it cannot be read or written.
std::string read_text(std::string_view option, const std::string& file);
void write_text(std::string_view option, const std::string& file, std::string_view text);

}  // namespace onepass::tool
