// SPDX-License-Identifier: Apache-2.0
// Cuts the text form of graphs into tokens that know their place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace onepass::ir {

struct Token {
  enum class Kind : uint8_t {
    word,    // add, f32, x
    value,   // %12
    number,  // 12, -0.5, 1e-05
    mark,    // one of ( ) [ ] { } , : = ==
    end,
  };
  Kind kind = Kind::end;
  std::string_view text;
  int line = 1, column = 1;
};

/// Reads one token ahead.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_(text) { next_ = read(); }

  const Token& peek() const { return next_; }
  Token take();

  /// UserError: what stands here, and what was expected.
  [[noreturn]] void fail(const std::string& expected) const { fail_at(next_, expected); }
  [[noreturn]] static void fail_at(const Token& token, const std::string& expected);

 private:
  Token read();
  void skip_space();
  void advance(size_t count);

  std::string_view rest_;
  int line_ = 1, column_ = 1;
  Token next_;
};

}  // namespace onepass::ir
