// SPDX-License-Identifier: Apache-2.0
// Small text files in the user's cache folder: measurements that later processes use.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace onepass::runtime {

/// A file is never longer.
inline constexpr size_t longest_user_file = 1 << 16;

/// Where file `name` lies ($XDG_CACHE_HOME or ~/.cache); empty if neither XDG_CACHE_HOME nor HOME
/// names an absolute folder.
std::string user_file_path(std::string_view name);

/// Its text, cut off after longest_user_file + 1 bytes; nothing if there is no such file.
std::optional<std::string> read_user_file(const std::string& path);

/// Replaces the file in one step. Errors begin with `what`. UserError if there is no cache folder.
void write_user_file(std::string_view what, const std::string& path, std::string_view text);

/// Takes the line "<key> <value>" off `text`: the value, or nothing if the line is another one.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view key);

}  // namespace onepass::runtime
