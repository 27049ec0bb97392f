// SPDX-License-Identifier: Apache-2.0
#include "onepass/ir/token_reader.h"

#include <fmt/format.h>

#include <charconv>

#include "onepass/ir/edge_reason.h"

namespace onepass::ir {
namespace {

/// The number that a token is as a whole, if it is one.
template <class Number>
std::optional<Number> whole_number(const Token& token) {
  Number value{};
  const char* end = token.text.data() + token.text.size();
  const auto result = std::from_chars(token.text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

int64_t read_reason(TokenReader& reader) {
  const auto reason = edge_reason_from_name(reader.here().text);
  if (!reason) reader.fail("the reason of an edge");
  reader.take();
  return static_cast<int64_t>(*reason);
}

}  // namespace

bool TokenReader::at(std::string_view text) const {
  return here().text == text && (at_kind(Token::Kind::mark) || at_kind(Token::Kind::word));
}

bool TokenReader::accept(std::string_view text) {
  if (!at(text)) return false;
  take();
  return true;
}

void TokenReader::expect(std::string_view text) {
  if (!accept(text)) fail(fmt::format("'{}'", text));
}

std::string TokenReader::word(const std::string& what) {
  if (!at_kind(Token::Kind::word)) fail(what);
  return std::string(take().text);
}

int64_t TokenReader::integer(const std::string& what) {
  if (accept("end")) return runtime::slice_end;
  const auto value = whole_number<int64_t>(here());
  if (!at_kind(Token::Kind::number) || !value) fail(what);
  take();
  return *value;
}

int TokenReader::small_integer(const std::string& what) {
  const Token place = here();
  const int64_t value = integer(what);
  if (value < 0 || value > INT32_MAX) Lexer::fail_at(place, what);
  return static_cast<int>(value);
}

double TokenReader::number() {
  const auto value = whole_number<double>(here());
  if ((!at_kind(Token::Kind::number) && !at_kind(Token::Kind::word)) || !value) fail("a number");
  take();
  return *value;
}

DType TokenReader::dtype() {
  const auto dtype = dtype_from_name(here().text);
  if (!dtype) fail("a dtype");
  take();
  return *dtype;
}

int64_t TokenReader::either(std::string_view first, std::string_view second) {
  if (accept(first)) return 0;
  if (accept(second)) return 1;
  fail(fmt::format("'{}' or '{}'", first, second));
}

void read_attribute(TokenReader& reader, Attributes& attributes, AttributeKey key,
                    const std::function<Dimension(const Token&)>& extent) {
  std::vector<int64_t> words;
  switch (info(key).kind) {
    case AttributeKind::number:
      return attributes.set_number(key, reader.number());
    case AttributeKind::integer:
      return attributes.set(key, reader.integer("an integer"));
    case AttributeKind::dtype:
      return attributes.set(key, static_cast<int64_t>(reader.dtype()));
    case AttributeKind::boolean:
      return attributes.set(key, reader.either("false", "true"));
    case AttributeKind::word:
      return attributes.set(key, reader.either("generated", "openblas"));
    case AttributeKind::integers:
      reader.list([&] { words.push_back(reader.integer("an integer")); });
      break;
    case AttributeKind::symbols:
      reader.list([&] { words.push_back(extent(reader.take())); });
      break;
    case AttributeKind::reasons:
      reader.list([&] { words.push_back(read_reason(reader)); });
      break;
  }
  attributes.set(key, std::move(words));
}

}  // namespace onepass::ir
