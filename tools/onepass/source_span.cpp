// SPDX-License-Identifier: Apache-2.0
// Draws a place in a text.
#include "source_span.h"

#include <algorithm>

namespace onepass::tool {
namespace {

/// Bytes that begin a character: a caret stands under characters, not under bytes of UTF-8.
bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

size_t columns(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

}  // namespace

std::string underline(std::string_view source, SourceSpan span) {
  const size_t begin = std::min(span.begin, source.size());
  const size_t before = source.substr(0, begin).rfind('\n');
  const size_t first = before == std::string_view::npos ? 0 : before + 1;
  const size_t last = std::min(source.find('\n', begin), source.size());
  const size_t end = std::clamp(span.end, begin, last);

  std::string line(source.substr(first, last - first));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  const size_t width = std::max<size_t>(columns(source.substr(begin, end - begin)), 1);
  return "  " + line + "\n  " + std::string(columns(source.substr(first, begin - first)), ' ') +
         "^" + std::string(width - 1, '~');
}

}  // namespace onepass::tool
