// SPDX-License-Identifier: Apache-2.0
// Cuts text into tokens, the longest first.
#include "lexer.h"

#include <fmt/format.h>

#include <algorithm>

namespace onepass::tool {
namespace {

// Longer signs stand before their beginnings.
constexpr std::string_view signs[] = {
    "...", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+", "-", "*", "/", "%",
    "@",   "(",  ")",  "[",  "]",  ",",  ":",  "=",  "<",  ">",  "&",  "|", "^", "~", "!"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || is_digit(c); }

/// The end of what looks like a number: letters belong to it, so that 12ab is one wrong number and
/// not two tokens.
size_t number_end(std::string_view source, size_t begin) {
  const bool hexadecimal = source.substr(begin, 2) == "0x" || source.substr(begin, 2) == "0X";
  size_t end = begin;
  while (end < source.size()) {
    const char c = source[end];
    const bool exponent_sign = (c == '+' || c == '-') && !hexadecimal && end > begin &&
                               (source[end - 1] == 'e' || source[end - 1] == 'E');
    if (!is_word(c) && c != '.' && !exponent_sign) break;
    ++end;
  }
  return end;
}

Token number_token(std::string_view source, size_t begin) {
  const SourceSpan span{begin, number_end(source, begin)};
  const std::string_view text = source.substr(span.begin, span.end - span.begin);
  const auto number = read_number(text);
  if (!number) {
    throw ExpressionError(fmt::format("'{}' is not a number that fits 64 bits", text), span);
  }
  return {Token::Kind::number, span, text, *number};
}

Token name_token(std::string_view source, size_t begin) {
  size_t end = begin;
  while (end < source.size() && is_word(source[end])) ++end;
  return {Token::Kind::name, {begin, end}, source.substr(begin, end - begin), {}};
}

[[noreturn]] void throw_unexpected(std::string_view source, size_t at) {
  const char c = source[at];
  if (c >= ' ' && c < '\x7f') {
    throw ExpressionError(fmt::format("unexpected character '{}'", c), {at, at + 1});
  }
  throw ExpressionError(
      fmt::format("unexpected byte 0x{:02x}; expressions are ASCII", static_cast<unsigned char>(c)),
      {at, at + 1});
}

Token sign_token(std::string_view source, size_t begin) {
  for (const std::string_view sign : signs) {
    if (source.substr(begin).starts_with(sign)) {
      return {
          Token::Kind::sign, {begin, begin + sign.size()}, source.substr(begin, sign.size()), {}};
    }
  }
  throw_unexpected(source, begin);
}

}  // namespace

std::vector<Token> tokenize(std::string_view source) {
  std::vector<Token> tokens;
  size_t at = 0;
  while (true) {
    at = std::min(source.find_first_not_of(" \t\r\n", at), source.size());
    if (at == source.size()) break;
    const bool point_number =
        source[at] == '.' && at + 1 < source.size() && is_digit(source[at + 1]);
    if (is_digit(source[at]) || point_number) {
      tokens.push_back(number_token(source, at));
    } else if (is_letter(source[at])) {
      tokens.push_back(name_token(source, at));
    } else {
      tokens.push_back(sign_token(source, at));
    }
    at = tokens.back().span.end;
  }
  const size_t end = tokens.empty() ? 0 : tokens.back().span.end;
  tokens.push_back({Token::Kind::end, {end, end}, {}, {}});
  return tokens;
}

bool is_identifier(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), is_word);
}

}  // namespace onepass::tool
