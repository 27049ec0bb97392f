// SPDX-License-Identifier: Apache-2.0
// Conversion of literals.
#include "onepass/engine/literal.h"

#include <bit>
#include <limits>
#include <string>
#include <type_traits>

#include "onepass/runtime/error.h"
#include "onepass/runtime/half.h"

namespace onepass {

namespace {

[[noreturn]] void throw_out_of_range(LiteralKind kind, uint64_t bits, DType dtype) {
  const std::string value = kind == LiteralKind::integer
                                ? std::to_string(static_cast<int64_t>(bits))
                                : std::to_string(bits);
  throw UserError("literal: " + value + " is out of the range of " + std::string(to_string(dtype)) +
                  "; an integer literal must fit the dtype of the tensor it meets.");
}

template <class T>
uint64_t integer_bits(LiteralKind kind, uint64_t bits, DType dtype) {
  if (kind == LiteralKind::integer) {
    const auto value = static_cast<int64_t>(bits);
    const bool fits = std::is_signed_v<T>
                          ? value >= static_cast<int64_t>(std::numeric_limits<T>::min()) &&
                                value <= static_cast<int64_t>(std::numeric_limits<T>::max())
                          : value >= 0 && bits <= std::numeric_limits<T>::max();
    if (!fits) throw_out_of_range(kind, bits, dtype);
  } else if (bits > static_cast<uint64_t>(std::numeric_limits<T>::max())) {
    throw_out_of_range(kind, bits, dtype);
  }
  return bits;
}

}  // namespace

uint64_t converted_literal(LiteralKind kind, uint64_t bits, DType dtype) {
  if (kind == LiteralKind::single && dtype == DType::f32) return bits;
  switch (dtype) {
    case DType::f32:
      return std::bit_cast<uint32_t>(static_cast<float>(literal_value(kind, bits)));
    case DType::f64:
      return std::bit_cast<uint64_t>(literal_value(kind, bits));
    default:
      break;
  }
  return visit_dtype(dtype, [&](auto zero) -> uint64_t {
    using T = decltype(zero);
    if constexpr (std::is_same_v<T, Float16>) {
      return to_float16(literal_value(kind, bits)).bits;
    } else if constexpr (std::is_same_v<T, BFloat16>) {
      return to_bfloat16(literal_value(kind, bits)).bits;
    } else if constexpr (std::is_same_v<T, bool>) {
      return literal_value(kind, bits) != 0;
    } else if constexpr (std::is_integral_v<T>) {
      return integer_bits<T>(kind, bits, dtype);
    } else {
      return 0;  // f32 and f64 are handled above
    }
  });
}

int literal_class(LiteralKind kind, uint64_t bits) {
  if (kind == LiteralKind::boolean) return 0;
  const double value = literal_value(kind, bits);
  if (value == 0.5) return 1;
  return value == 1.0 ? 2 : 0;
}

}  // namespace onepass
