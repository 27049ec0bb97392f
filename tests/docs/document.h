// SPDX-License-Identifier: Apache-2.0
// A Markdown file and the parts of it that tests generate.
//
// A part is announced by a comment, which rendering hides:
//   <!-- kind: argument -->                       the fenced block or table that follows
//   <!-- value: name -->text<!-- /value -->       the text between, anywhere in a line
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace onepass::docs {

struct Part {
  std::string kind, argument;
  std::string text;           // what the file says now
  size_t begin = 0, end = 0;  // where in the file
  int line = 0;
};

struct Document {
  std::filesystem::path path;
  std::string text;
  std::vector<Part> parts;  // in order

  static Document read(const std::filesystem::path& path);
  /// The file with the parts' texts replaced, one for each part.
  std::string with(const std::vector<std::string>& texts) const;
  /// First lines of fenced blocks that show C++ but are no part.
  std::vector<int> unchecked_code() const;
  /// Targets of links to files, and paths of source files named in the text.
  std::vector<std::string> linked_files() const;
  std::vector<std::string> named_sources() const;
};

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);
std::vector<std::string> lines_of(const std::string& text);

}  // namespace onepass::docs
