// SPDX-License-Identifier: Apache-2.0
// A recursive descent parser; how deep it may descend is bounded, how long an expression is, is
// not.
#include "parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "lexer.h"
#include "operators.h"

namespace onepass::tool {
namespace {

using Kind = SyntaxNode::Kind;

constexpr int deepest_nesting = 200;

// Python words that a user may reach for, and what this language says instead.
constexpr std::pair<std::string_view, std::string_view> foreign_words[] = {
    {"and", "&& or logical_and(x, y)"}, {"or", "|| or logical_or(x, y)"},
    {"not", "! or logical_not(x)"},     {"if", "where(condition, x, y)"},
    {"else", "where(condition, x, y)"}, {"lambda", "the expression itself"},
};

std::string found(const Token& token) {
  return token.kind == Token::Kind::end ? "the end of the expression"
                                        : fmt::format("'{}'", token.text);
}

class Parser {
 public:
  explicit Parser(std::string_view source) : tokens_(tokenize(source)) { syntax_.source = source; }

  Syntax parse() {
    if (peek().kind == Token::Kind::end) {
      throw ExpressionError("the expression is empty", peek().span);
    }
    expression();
    if (peek().kind != Token::Kind::end) throw_trailing();
    return std::move(syntax_);
  }

 private:
  /// Counts one level of nesting for as long as it lives.
  class Nesting {
   public:
    explicit Nesting(Parser& parser) : parser_(parser) {
      if (++parser_.nesting_ > deepest_nesting) {
        throw ExpressionError(
            fmt::format("the expression nests deeper than {} levels", deepest_nesting),
            parser_.peek().span);
      }
    }
    ~Nesting() { --parser_.nesting_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    Parser& parser_;
  };

  const Token& peek() const { return tokens_[next_]; }
  const Token& take() { return tokens_[next_++]; }
  bool take_sign(std::string_view sign) {
    if (!peek().is_sign(sign)) return false;
    ++next_;
    return true;
  }
  SourceSpan span(int node) const { return syntax_.node(node).span; }

  int append(SyntaxNode node) {
    syntax_.nodes.push_back(std::move(node));
    return syntax_.root();
  }

  [[noreturn]] void throw_trailing() const {
    const Token& token = peek();
    if (token.is_sign("=")) throw ExpressionError("unexpected '='; == compares", token.span);
    if (token.is_sign(",")) {
      throw ExpressionError("unexpected ','; one expression is expected", token.span);
    }
    for (const auto& [word, instead] : foreign_words) {
      if (token.text == word) {
        throw ExpressionError(fmt::format("'{}' is not an operator; write {}", word, instead),
                              token.span);
      }
    }
    if (token.is_sign(")") || token.is_sign("]")) {
      throw ExpressionError(fmt::format("{} closes nothing", found(token)), token.span);
    }
    throw ExpressionError(fmt::format("expected an operator, found {}", found(token)), token.span);
  }

  [[noreturn]] void throw_no_operand() const {
    for (const auto& [word, instead] : foreign_words) {
      if (peek().text == word) {
        throw ExpressionError(fmt::format("'{}' is not an operator; write {}", word, instead),
                              peek().span);
      }
    }
    throw ExpressionError(fmt::format("expected an operand, found {}", found(peek())), peek().span);
  }

  /// The sign that ends a group. `opening` is where the group begins.
  SourceSpan close(std::string_view sign, const Token& opening) {
    if (!peek().is_sign(sign)) {
      if (peek().is_sign("=")) throw ExpressionError("unexpected '='; == compares", peek().span);
      throw ExpressionError(fmt::format("expected '{}' to close '{}' at column {}, found {}", sign,
                                        opening.text, opening.span.begin + 1, found(peek())),
                            peek().span);
    }
    return take().span;
  }

  int expression() {
    const Nesting nesting(*this);
    return operation(0);
  }

  /// Operands joined by signs of at least `lowest` level, those of one level from left to right.
  int operation(int lowest) {
    int left = operand();
    bool compared = false;
    while (peek().kind == Token::Kind::sign) {
      const BinarySign* sign = find_binary_sign(peek().text);
      if (sign == nullptr || sign->level < lowest || sign->level > tightest_level) break;
      if (compared && sign->level == comparison_level) {
        throw ExpressionError("comparisons do not chain; write (a < b) & (b < c)", peek().span);
      }
      compared = sign->level == comparison_level;
      const std::string_view text = take().text;
      const int right = operation(sign->level + 1);
      left =
          append({Kind::binary, {span(left).begin, span(right).end}, text, {}, {left, right}, {}});
    }
    return left;
  }

  int operand() {
    if (peek().kind != Token::Kind::sign || !is_unary_sign(peek().text)) return power();
    const Nesting nesting(*this);
    const Token& sign = take();
    const int child = operand();
    return append({Kind::unary, {sign.span.begin, span(child).end}, sign.text, {}, {child}, {}});
  }

  /// `**` binds more than a sign on its left and less than one on its right: -x**-y is -(x**(-y)).
  int power() {
    const int base = postfix();
    if (!peek().is_sign("**")) return base;
    const Nesting nesting(*this);
    const std::string_view text = take().text;
    const int exponent = operand();
    return append(
        {Kind::binary, {span(base).begin, span(exponent).end}, text, {}, {base, exponent}, {}});
  }

  int postfix() {
    int node = primary();
    while (peek().is_sign("[")) {
      const Token& opening = take();
      SyntaxNode index{Kind::index, span(node), {}, {}, {node}, {}};
      do {
        index.children.push_back(index_entry());
      } while (take_sign(",") && !peek().is_sign("]"));
      index.span.end = close("]", opening).end;
      node = append(std::move(index));
    }
    return node;
  }

  int index_entry() {
    const SourceSpan start = peek().span;
    if (peek().is_sign("...")) {
      const Token& token = take();
      return append({Kind::ellipsis, token.span, token.text, {}, {}, {}});
    }
    const bool colon_first = peek().is_sign(":");
    const int first = colon_first ? SyntaxNode::no_child : expression();
    if (!peek().is_sign(":")) return first;

    SyntaxNode slice{Kind::slice, start, {}, {}, {first}, {}};
    while (slice.children.size() < 3 && peek().is_sign(":")) {
      slice.span.end = take().span.end;
      const bool empty = peek().is_sign(":") || peek().is_sign(",") || peek().is_sign("]");
      slice.children.push_back(empty ? SyntaxNode::no_child : expression());
      if (!empty) slice.span.end = span(slice.children.back()).end;
    }
    slice.children.resize(3, SyntaxNode::no_child);
    return append(std::move(slice));
  }

  int primary() {
    const Token& token = peek();
    if (token.kind == Token::Kind::number) {
      take();
      return append({Kind::number, token.span, token.text, token.number, {}, {}});
    }
    if (token.kind == Token::Kind::name) return name();
    if (token.is_sign("(")) return group();
    if (token.is_sign("[")) return list();
    throw_no_operand();
  }

  int name() {
    for (const auto& row : foreign_words) {
      if (peek().text == row.first) throw_no_operand();
    }
    const Token& token = take();
    if (!peek().is_sign("(")) {
      return append({Kind::name, token.span, token.text, {}, {}, {}});
    }
    return call(token);
  }

  int call(const Token& function) {
    const Token& opening = take();
    SyntaxNode call{Kind::call, function.span, function.text, {}, {}, {}};
    while (!peek().is_sign(")")) {
      call.keywords.push_back(keyword(call));
      call.children.push_back(expression());
      if (!take_sign(",")) break;
    }
    call.span.end = close(")", opening).end;
    return append(std::move(call));
  }

  /// The keyword before an argument of `call`; empty if it is given by position.
  std::string_view keyword(const SyntaxNode& call) {
    const bool named = peek().kind == Token::Kind::name && tokens_[next_ + 1].is_sign("=");
    if (!named) {
      if (!call.keywords.empty() && !call.keywords.back().empty()) {
        throw ExpressionError(
            fmt::format("{}: an argument without a name follows one with a name", call.text),
            peek().span);
      }
      return {};
    }
    const Token& name = take();
    take();
    if (std::find(call.keywords.begin(), call.keywords.end(), name.text) != call.keywords.end()) {
      throw ExpressionError(fmt::format("{}: {} is given twice", call.text, name.text), name.span);
    }
    return name.text;
  }

  /// (x) is x; (x, y), (x,) and () are lists.
  int group() {
    const Token& opening = take();
    SyntaxNode tuple{Kind::list, opening.span, {}, {}, {}, {}};
    bool comma = false;
    while (!peek().is_sign(")")) {
      tuple.children.push_back(expression());
      if (!take_sign(",")) break;
      comma = true;
    }
    tuple.span.end = close(")", opening).end;
    if (comma || tuple.children.empty()) return append(std::move(tuple));
    const int inner = tuple.children.front();
    syntax_.nodes[static_cast<size_t>(inner)].span = tuple.span;
    return inner;
  }

  int list() {
    const Token& opening = take();
    SyntaxNode list{Kind::list, opening.span, {}, {}, {}, {}};
    while (!peek().is_sign("]")) {
      list.children.push_back(expression());
      if (!take_sign(",")) break;
    }
    list.span.end = close("]", opening).end;
    return append(std::move(list));
  }

  std::vector<Token> tokens_;
  size_t next_ = 0;
  int nesting_ = 0;
  Syntax syntax_;
};

}  // namespace

Syntax parse_expression(std::string_view source) { return Parser(source).parse(); }

}  // namespace onepass::tool
