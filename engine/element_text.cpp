// SPDX-License-Identifier: Apache-2.0
// Shortest decimal texts of elements, and their alignment.
#include "onepass/engine/element_text.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "onepass/runtime/half.h"
#include "onepass/runtime/mxcsr.h"

namespace onepass {
namespace {

constexpr size_t buffer_size = 32;  // longest: the scientific form of a double

/// digits[0].digits[1]digits[2].. * 10^exponent; or a word for what is not finite.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
  std::string word;
};

double widened(float x) { return double{x}; }
double widened(double x) { return x; }
double widened(Float16 x) { return to_double(x); }
double widened(BFloat16 x) { return to_double(x); }

/// Scientific text with as few digits as read back as the same element.
template <class T>
std::string_view shortest(T x, char (&buffer)[buffer_size]) {
  if constexpr (std::is_floating_point_v<T>) {
    const auto end = std::to_chars(buffer, buffer + buffer_size, x, std::chars_format::scientific);
    return {buffer, end.ptr};
  } else {
    constexpr int enough = 5;  // digits that tell any two 16-bit floats apart
    const double value = to_double(x);
    for (int precision = 0;; ++precision) {
      const auto end = std::to_chars(buffer, buffer + buffer_size, value,
                                     std::chars_format::scientific, precision);
      double read = 0;
      std::from_chars(buffer, end.ptr, read);
      uint16_t bits = 0;
      if constexpr (std::is_same_v<T, Float16>) {
        bits = to_float16(read).bits;
      } else {
        bits = to_bfloat16(read).bits;
      }
      if (bits == x.bits || precision + 1 == enough) return {buffer, end.ptr};
    }
  }
}

template <class T>
Decimal decimal_of(T x) {
  Decimal result;
  const double value = widened(x);
  result.negative = std::signbit(value) && !std::isnan(value);
  if (!std::isfinite(value)) {
    result.word = std::isnan(value) ? "nan" : "inf";
    return result;
  }
  char buffer[buffer_size];
  const std::string_view text = shortest(x, buffer);
  const size_t mark = text.find('e');
  for (const char c : text.substr(0, mark)) {
    if (c >= '0' && c <= '9') result.digits += c;
  }
  const size_t power = mark + (text[mark + 1] == '+' ? 2 : 1);  // from_chars takes no plus
  std::from_chars(text.data() + power, text.data() + text.size(), result.exponent);
  while (result.digits.size() > 1 && result.digits.back() == '0') result.digits.pop_back();
  return result;
}

/// The parts of a number that are aligned on their own.
struct Parts {
  std::string whole;     // with sign, without point
  std::string fraction;  // after the point
  std::string power;     // digits of the exponent; empty in fixed notation
  bool negative_power = false;
};

Parts fixed_parts(const Decimal& x) {
  Parts parts{.whole = x.negative ? "-" : "", .fraction = {}, .power = {}};
  const auto count = static_cast<int>(x.digits.size());
  if (x.exponent < 0) {
    parts.whole += '0';
    parts.fraction = std::string(static_cast<size_t>(-x.exponent - 1), '0') + x.digits;
  } else if (count <= x.exponent + 1) {
    parts.whole += x.digits + std::string(static_cast<size_t>(x.exponent + 1 - count), '0');
  } else {
    const auto point = static_cast<size_t>(x.exponent + 1);
    parts.whole += x.digits.substr(0, point);
    parts.fraction = x.digits.substr(point);
  }
  return parts;
}

Parts scientific_parts(const Decimal& x) {
  const std::string power = std::to_string(std::abs(x.exponent));
  return {.whole = (x.negative ? "-" : "") + x.digits.substr(0, 1),
          .fraction = x.digits.substr(1),
          .power = power.size() < 2 ? "0" + power : power,
          .negative_power = x.exponent < 0};
}

bool needs_exponent(std::span<const double> values) {
  constexpr double largest = 1e8, smallest = 1e-4, widest = 1e3;
  double low = INFINITY;
  double high = 0;
  for (const double value : values) {
    const double size = std::abs(value);
    if (!std::isfinite(size) || size == 0) continue;
    low = std::min(low, size);
    high = std::max(high, size);
  }
  return high > 0 && (high >= largest || low < smallest || high / low > widest);
}

void pad_left(std::string& text, size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
}

std::vector<std::string> aligned(std::span<const Decimal> numbers, bool exponents) {
  std::vector<Parts> parts;
  size_t whole = 0;
  size_t fraction = 0;
  size_t power = 0;
  size_t word = 0;
  for (const Decimal& x : numbers) {
    parts.push_back(!x.word.empty() ? Parts{} : exponents ? scientific_parts(x) : fixed_parts(x));
    whole = std::max(whole, parts.back().whole.size());
    fraction = std::max(fraction, parts.back().fraction.size());
    power = std::max(power, parts.back().power.size());
    if (!x.word.empty()) word = std::max(word, x.word.size() + x.negative);
  }
  const size_t after_whole = 1 + fraction + (exponents ? 2 + power : 0);
  const size_t width = std::max(whole + after_whole, word);
  std::vector<std::string> texts;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const Decimal& x = numbers[i];
    Parts& p = parts[i];
    std::string text = (x.negative ? "-" : "") + x.word;
    if (x.word.empty()) {
      p.fraction.resize(fraction, exponents ? '0' : ' ');
      text = p.whole + '.' + p.fraction;
      if (exponents) {
        text += p.negative_power ? "e-" : "e+";
        text += std::string(power - p.power.size(), '0') + p.power;
      }
    }
    pad_left(text, width);
    texts.push_back(std::move(text));
  }
  return texts;
}

template <class T>
T read_element(const std::byte* from) {
  T element;
  std::memcpy(&element, from, sizeof element);
  return element;
}

template <class T>
std::vector<std::string> floating_texts(std::span<const std::byte* const> elements) {
  std::vector<Decimal> numbers;
  std::vector<double> values;
  for (const std::byte* element : elements) {
    const T x = read_element<T>(element);
    numbers.push_back(decimal_of(x));
    values.push_back(widened(x));
  }
  return aligned(numbers, needs_exponent(values));
}

template <class T>
std::vector<std::string> integer_texts(std::span<const std::byte* const> elements) {
  std::vector<std::string> texts;
  size_t width = 0;
  for (const std::byte* element : elements) {
    const T x = read_element<T>(element);
    if constexpr (std::is_same_v<T, bool>) {
      texts.emplace_back(x ? "true" : "false");
    } else {
      texts.push_back(std::to_string(x));
    }
    width = std::max(width, texts.back().size());
  }
  for (std::string& text : texts) pad_left(text, width);
  return texts;
}

}  // namespace

std::vector<std::string> element_texts(DType dtype, std::span<const std::byte* const> elements) {
  const runtime::FloatingPointDefaults defaults;
  return visit_dtype(dtype, [&]<class T>(T) {
    if constexpr (std::is_integral_v<T>) {
      return integer_texts<T>(elements);
    } else {
      return floating_texts<T>(elements);
    }
  });
}

}  // namespace onepass
