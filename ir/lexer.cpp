// SPDX-License-Identifier: Apache-2.0
#include "onepass/ir/lexer.h"

#include <fmt/format.h>

#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

size_t word_length(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && (is_letter(text[n]) || is_digit(text[n]))) ++n;
  return n;
}

/// A sign, then everything that numbers are made of; "-inf" too.
size_t number_length(std::string_view text) {
  size_t n = text[0] == '-' ? 1 : 0;
  while (n < text.size()) {
    const bool after_exponent = n > 0 && (text[n - 1] == 'e' || text[n - 1] == 'E');
    const bool sign = (text[n] == '-' || text[n] == '+') && after_exponent;
    if (!is_letter(text[n]) && !is_digit(text[n]) && text[n] != '.' && !sign) break;
    ++n;
  }
  return n;
}

/// What cannot be printed is shown as a number.
std::string shown(std::string_view text) {
  constexpr size_t longest = 20;
  std::string result;
  for (const char c : text.substr(0, longest)) {
    if (c >= ' ' && c <= '~') {
      result += c;
    } else {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return text.size() > longest ? result + ".." : result;
}

}  // namespace

Token Lexer::take() {
  const Token token = next_;
  next_ = read();
  return token;
}

void Lexer::fail_at(const Token& token, const std::string& expected) {
  const std::string found = token.kind == Token::Kind::end ? std::string("the end of the text")
                                                           : fmt::format("'{}'", shown(token.text));
  throw UserError(fmt::format("parse: line {}, column {}: found {}; expected {}.", token.line,
                              token.column, found, expected));
}

void Lexer::advance(size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (rest_[i] == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
  }
  rest_.remove_prefix(count);
}

void Lexer::skip_space() {
  size_t n = 0;
  while (n < rest_.size() &&
         (rest_[n] == ' ' || rest_[n] == '\n' || rest_[n] == '\t' || rest_[n] == '\r')) {
    ++n;
  }
  advance(n);
}

Token Lexer::read() {
  skip_space();
  Token token;
  token.line = line_;
  token.column = column_;
  if (rest_.empty()) return token;
  const char first = rest_[0];
  size_t length = 1;
  if (is_letter(first)) {
    token.kind = Token::Kind::word;
    length = word_length(rest_);
  } else if (is_digit(first) || first == '-') {
    token.kind = Token::Kind::number;
    length = number_length(rest_);
  } else if (first == '%') {
    token.kind = Token::Kind::value;
    length = 1 + word_length(rest_.substr(1));
  } else {
    token.kind = Token::Kind::mark;
    if (rest_.starts_with("==")) length = 2;
  }
  token.text = rest_.substr(0, length);
  advance(length);
  return token;
}

}  // namespace onepass::ir
