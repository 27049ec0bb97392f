// SPDX-License-Identifier: Apache-2.0
// Finds and replaces the generated parts of Markdown files.
#include "document.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace onepass::docs {
namespace {

/// A line of a text and where it begins.
struct Line {
  std::string text;
  size_t begin;
};

std::vector<Line> lines_with_places(const std::string& text) {
  std::vector<Line> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back({text.substr(begin, end - begin), begin});
    begin = end + 1;
  }
  return lines;
}

bool is_fence(const std::string& line) { return line.starts_with("```"); }
bool is_row(const std::string& line) { return line.starts_with("|"); }

/// The block or table that begins at line `first`.
Part block_at(const Document& document, const std::vector<Line>& lines, size_t first) {
  const auto at = [&](size_t i) {
    return i < lines.size() ? lines[i].begin : document.text.size();
  };
  size_t begin = first, end = first;
  if (first < lines.size() && is_fence(lines[first].text)) {
    begin = end = first + 1;
    while (end < lines.size() && !is_fence(lines[end].text)) ++end;
  } else {
    while (end < lines.size() && is_row(lines[end].text)) ++end;
    if (end == begin) {
      throw std::runtime_error(document.path.string() + ": nothing to compare below line " +
                               std::to_string(first));
    }
  }
  Part part;
  part.begin = at(begin);
  part.end = at(end);
  return part;
}

void add_blocks(Document& document) {
  static const std::regex marker(R"(<!-- (\w+): (.*) -->)");
  const std::vector<Line> lines = lines_with_places(document.text);
  std::smatch match;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!std::regex_match(lines[i].text, match, marker)) continue;
    Part part = block_at(document, lines, i + 1);
    part.kind = match[1];
    part.argument = match[2];
    part.line = static_cast<int>(i) + 1;
    document.parts.push_back(std::move(part));
  }
}

void add_values(Document& document) {
  static const std::regex marker(R"(<!-- value: (\S+) -->([^<]*)<!-- /value -->)");
  const std::string& text = document.text;
  for (std::sregex_iterator i(text.begin(), text.end(), marker), end; i != end; ++i) {
    Part part;
    part.kind = "value";
    part.argument = (*i)[1];
    part.begin = static_cast<size_t>(i->position(2));
    part.end = part.begin + static_cast<size_t>(i->length(2));
    const auto before = text.begin() + static_cast<std::ptrdiff_t>(part.begin);
    part.line = static_cast<int>(std::count(text.begin(), before, '\n')) + 1;
    document.parts.push_back(std::move(part));
  }
}

std::vector<std::string> first_groups(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> found;
  for (std::sregex_iterator i(text.begin(), text.end(), pattern), end; i != end; ++i) {
    found.push_back((*i)[1]);
  }
  return found;
}

}  // namespace

Document Document::read(const std::filesystem::path& path) {
  Document document;
  document.path = path;
  document.text = read_file(path);
  add_blocks(document);
  add_values(document);
  std::sort(document.parts.begin(), document.parts.end(),
            [](const Part& a, const Part& b) { return a.begin < b.begin; });
  for (Part& part : document.parts) {
    part.text = document.text.substr(part.begin, part.end - part.begin);
  }
  return document;
}

std::string Document::with(const std::vector<std::string>& texts) const {
  std::string result = text;
  for (size_t i = parts.size(); i-- > 0;) {
    result.replace(parts[i].begin, parts[i].end - parts[i].begin, texts[i]);
  }
  return result;
}

std::vector<int> Document::unchecked_code() const {
  std::vector<int> found;
  const std::vector<Line> lines = lines_with_places(text);
  for (size_t i = 0; i + 1 < lines.size(); ++i) {
    if (!lines[i].text.starts_with("```cpp")) continue;
    const bool is_part = std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
      return part.begin == lines[i + 1].begin;
    });
    if (!is_part) found.push_back(static_cast<int>(i) + 1);
  }
  return found;
}

std::vector<std::string> Document::linked_files() const {
  static const std::regex link(R"(\]\(([^)#:]+)(#[^)]*)?\))");
  return first_groups(text, link);
}

std::vector<std::string> Document::named_sources() const {
  static const std::regex source(
      R"(`((?:engine|codegen|ir|runtime|tests|examples|tools|scripts|docs|bench)/[\w/.]+\.(?:h|cpp|def|md|py))`)");
  return first_groups(text, source);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (Line& line : lines_with_places(text)) lines.push_back(std::move(line.text));
  return lines;
}

}  // namespace onepass::docs
