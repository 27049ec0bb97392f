// SPDX-License-Identifier: Apache-2.0
// Promotion of dtypes, as the array API standard has it: within a kind, never across.
#include <fmt/format.h>

#include <algorithm>

#include "onepass/ir/type_rules.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

DType wider(DType a, DType b) { return byte_size(a) >= byte_size(b) ? a : b; }

/// The smallest signed type that holds both a signed and an unsigned one; nothing holds u64.
std::optional<DType> promoted_signs(DType with_sign, DType without_sign) {
  switch (std::max(byte_size(with_sign), 2 * byte_size(without_sign))) {
    case 2:
      return i16;
    case 4:
      return i32;
    case 8:
      return i64;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<DType> promoted(DType a, DType b) {
  if (a == b) return a;
  if (is_floating(a) && is_floating(b)) {
    return is_half(a) && is_half(b) ? f32 : wider(a, b);
  }
  if (!is_integer(a) || !is_integer(b)) return std::nullopt;
  if (is_signed_integer(a) == is_signed_integer(b)) return wider(a, b);
  return is_signed_integer(a) ? promoted_signs(a, b) : promoted_signs(b, a);
}

DType promote(std::string_view op, DType a, DType b) {
  if (const auto dtype = promoted(a, b)) return *dtype;
  if (is_integer(a) && is_integer(b)) {
    throw UserError(fmt::format(
        "{}: x is {}, y is {}; no integer dtype holds both. Cast one first, for example "
        "astype({}, i64).",
        op, to_string(a), to_string(b), a == u64 ? "x" : "y"));
  }
  const bool cast_x = is_floating(b) || a == boolean;
  throw UserError(fmt::format(
      "{}: x is {}, y is {}; dtypes of different kinds do not mix. Cast one first, for example "
      "astype({}, {}).",
      op, to_string(a), to_string(b), cast_x ? "x" : "y", to_string(cast_x ? b : a)));
}

}  // namespace onepass::ir
