// SPDX-License-Identifier: Apache-2.0
// Reading and writing.
#include "text_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "onepass/runtime/error.h"

namespace onepass::tool {
namespace {

[[noreturn]] void throw_failed(std::string_view option, std::string_view verb,
                               const std::string& file) {
  throw UserError(fmt::format("{}: cannot {} '{}': {}", option, verb, file, std::strerror(errno)));
}

}  // namespace

std::string read_text(std::string_view option, const std::string& file) {
  if (std::filesystem::is_directory(file)) {
    throw UserError(fmt::format("{}: cannot read '{}': it is a folder", option, file));
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw_failed(option, "read", file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void write_text(std::string_view option, const std::string& file, std::string_view text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw_failed(option, "write", file);
}

}  // namespace onepass::tool
