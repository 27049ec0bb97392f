// SPDX-License-Identifier: Apache-2.0
#include "onepass/ir/identifier.h"

#include <algorithm>

namespace onepass::ir {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool is_identifier(std::string_view text) {
  return !text.empty() && is_letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_scalar_name(std::string_view text) {
  return text.size() > 1 && text[0] == 's' && std::all_of(text.begin() + 1, text.end(), is_digit);
}

std::string as_identifier(std::string_view text, std::string_view fallback) {
  if (text.empty()) return std::string(fallback);
  std::string name(text);
  for (char& c : name) {
    if (!is_letter(c) && !is_digit(c)) c = '_';
  }
  if (is_digit(name[0])) name.insert(0, 1, '_');
  if (is_scalar_name(name)) name += '_';
  return name;
}

}  // namespace onepass::ir
