// SPDX-License-Identifier: Apache-2.0
// Reading numbers.
#include "number.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace onepass::tool {
namespace {

/// Drops the underscores that may stand between digits. Nothing if one stands elsewhere.
std::optional<std::string> without_underscores(std::string_view text) {
  const auto is_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      digits += text[i];
    } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
      return std::nullopt;
    }
  }
  return digits;
}

std::optional<Number> read_integer(std::string_view digits, int base) {
  uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return static_cast<int64_t>(value);
  }
  return value;
}

std::optional<Number> read_float(std::string_view text) {
  const bool single = text.ends_with('f') || text.ends_with('F');
  if (single) text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return std::nullopt;
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return single ? static_cast<double>(static_cast<float>(value)) : value;
}

}  // namespace

std::optional<Number> read_number(std::string_view text) {
  const auto digits = without_underscores(text);
  if (!digits || digits->empty()) return std::nullopt;
  if (digits->starts_with("0x") || digits->starts_with("0X")) {
    return read_integer(std::string_view(*digits).substr(2), 16);
  }
  const char first = digits->front();
  if (first != '.' && (first < '0' || first > '9')) return std::nullopt;
  if (digits->find_first_of(".eE") == std::string::npos) return read_integer(*digits, 10);
  return read_float(*digits);
}

std::optional<Number> read_signed_number(std::string_view text) {
  if (text == "True") return true;
  if (text == "False") return false;
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  std::optional<Number> number;
  if (text == "inf") {
    number = std::numeric_limits<double>::infinity();
  } else if (text == "nan") {
    number = std::numeric_limits<double>::quiet_NaN();
  } else {
    number = read_number(text);
  }
  return number && minus ? negated(*number) : number;
}

Number negated(const Number& number) {
  constexpr uint64_t lowest = uint64_t{1} << 63;
  if (const auto* value = std::get_if<double>(&number)) return -*value;
  if (const auto* value = std::get_if<uint64_t>(&number)) {
    if (*value == lowest) return std::numeric_limits<int64_t>::min();
    return -static_cast<double>(*value);
  }
  const int64_t value = *as_integer(number);
  if (value == std::numeric_limits<int64_t>::min()) return lowest;
  return -value;
}

bool is_integer(const Number& number) { return !std::holds_alternative<double>(number); }

std::optional<int64_t> as_integer(const Number& number) {
  if (const auto* value = std::get_if<bool>(&number)) return *value ? 1 : 0;
  if (const auto* value = std::get_if<int64_t>(&number)) return *value;
  return std::nullopt;
}

double as_double(const Number& number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

}  // namespace onepass::tool
