// SPDX-License-Identifier: Apache-2.0
// Tokens with meanings: words, numbers, dtypes, lists, attributes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "onepass/ir/graph.h"
#include "onepass/ir/lexer.h"

namespace onepass::ir {

class TokenReader {
 public:
  explicit TokenReader(std::string_view text) : lexer_(text) {}

  const Token& here() const { return lexer_.peek(); }
  Token take() { return lexer_.take(); }
  /// True if the next token is this word or mark.
  bool at(std::string_view text) const;
  bool at_kind(Token::Kind kind) const { return here().kind == kind; }
  bool accept(std::string_view text);
  void expect(std::string_view text);
  [[noreturn]] void fail(const std::string& expected) const { lexer_.fail(expected); }

  std::string word(const std::string& what);
  /// 64 bits; `end` is the largest.
  int64_t integer(const std::string& what);
  /// From 0 to the largest int.
  int small_integer(const std::string& what);
  double number();
  DType dtype();
  /// 0 for the first word, 1 for the second.
  int64_t either(std::string_view first, std::string_view second);

  /// "[item, item]"
  template <class Item>
  void list(Item item) {
    expect("[");
    if (accept("]")) return;
    do item();
    while (accept(","));
    expect("]");
  }

 private:
  Lexer lexer_;
};

/// Reads the value of an attribute. `extent` looks up the name of an extent.
void read_attribute(TokenReader& reader, Attributes& attributes, AttributeKey key,
                    const std::function<Dimension(const Token&)>& extent);

}  // namespace onepass::ir
