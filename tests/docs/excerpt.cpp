// SPDX-License-Identifier: Apache-2.0
// Cutting texts.
#include "excerpt.h"

#include <algorithm>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "document.h"

namespace onepass::docs {
namespace {

std::string joined(const std::vector<std::string>& lines, size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < end; ++i) text += lines[i] + '\n';
  return text;
}

size_t indentation(const std::string& line) { return line.find_first_not_of(" \t"); }

/// The longest stretch from a label to the jump back to it, with no other label between.
template <class LabelOf, class JumpsTo>
std::string longest_loop(const std::string& text, LabelOf label_of, JumpsTo jumps_to) {
  const std::vector<std::string> lines = lines_of(text);
  size_t best_begin = 0, best_end = 0;
  for (size_t begin = 0; begin < lines.size(); ++begin) {
    const std::string label = label_of(lines[begin]);
    if (label.empty()) continue;
    size_t end = begin + 1;
    while (end < lines.size() && label_of(lines[end]).empty() && !jumps_to(lines[end], label))
      ++end;
    if (end == lines.size() || !jumps_to(lines[end], label)) continue;
    if (end + 1 - begin > best_end - best_begin) {
      best_begin = begin;
      best_end = end + 1;
    }
  }
  if (best_end == best_begin) throw std::runtime_error("there is no loop in\n" + text);
  return joined(lines, best_begin, best_end);
}

std::string label_before_colon(const std::string& line) {
  if (line.empty() || line[0] == ' ' || line[0] == '\t') return "";
  const size_t colon = line.find(':');
  return colon == std::string::npos ? "" : line.substr(0, colon);
}

/// First and last line of "8", "8-21" or "last 5".
std::pair<size_t, size_t> bounds_of(const std::string& range, size_t line_count) {
  static const std::regex from_start(R"( *(\d+)(?:-(\d+))?)"), from_end(R"( *last (\d+))");
  std::smatch match;
  if (std::regex_match(range, match, from_end)) {
    return {line_count + 1 - std::min(line_count, std::stoul(match[1])), line_count};
  }
  if (!std::regex_match(range, match, from_start)) throw std::runtime_error("lines " + range);
  const size_t first = std::stoul(match[1]);
  return {first, match[2].matched ? std::stoul(match[2]) : first};
}

}  // namespace

std::string chosen_lines(const std::string& text, const std::string& ranges) {
  const std::vector<std::string> lines = lines_of(text);
  std::istringstream list(ranges);
  std::string range, result;
  size_t done = 0;
  const auto leave_out = [&](size_t until) {
    if (0 < done && done < until)
      result += lines[done].substr(0, indentation(lines[done])) + "...\n";
  };
  while (std::getline(list, range, ',')) {
    const auto [first, last] = bounds_of(range, lines.size());
    if (first <= done || last < first || last > lines.size()) {
      throw std::runtime_error("lines " + ranges + " of a text of " + std::to_string(lines.size()));
    }
    leave_out(first - 1);
    result += joined(lines, first - 1, last);
    done = last;
  }
  return result;
}

std::string assembly_loop(const std::string& assembly) {
  return longest_loop(assembly, label_before_colon,
                      [](const std::string& line, const std::string& label) {
                        return line.starts_with("\tj") && line.ends_with('\t' + label);
                      });
}

std::string llvm_loop(const std::string& llvm_ir) {
  return longest_loop(llvm_ir, label_before_colon,
                      [](const std::string& line, const std::string& label) {
                        return line.starts_with("  br i1 ") &&
                               line.find("label %" + label + ',') != std::string::npos;
                      });
}

std::string region(const std::string& source, const std::string& name) {
  const std::vector<std::string> lines = lines_of(source);
  const auto marker = [&](const std::string& text) {
    return std::find_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.size() >= text.size() && line.ends_with(text) &&
             indentation(line) == line.size() - text.size();
    });
  };
  const auto begin = marker("// [" + name + "]"), end = marker("// [/" + name + "]");
  if (begin == lines.end() || end == lines.end() || end < begin) {
    throw std::runtime_error("no region " + name);
  }
  size_t margin = std::string::npos;
  for (auto i = begin + 1; i != end; ++i) margin = std::min(margin, indentation(*i));
  std::string text;
  for (auto i = begin + 1; i != end; ++i) text += (i->empty() ? "" : i->substr(margin)) + '\n';
  return text;
}

}  // namespace onepass::docs
