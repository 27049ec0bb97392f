// SPDX-License-Identifier: Apache-2.0
// Scalars as text and as elements.
#include "onepass/engine/scalar.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "onepass/engine/conversion.h"
#include "onepass/runtime/error.h"

namespace onepass {
namespace {

/// True if the scalar is an integer in the range of T.
template <class T>
bool fits(const Scalar& scalar) {
  using Limits = std::numeric_limits<T>;
  if (scalar.is_floating()) {
    const double value = scalar.number();
    // The upper limit plus 1 is a power of two, hence exact.
    const double beyond = std::ldexp(1.0, Limits::digits);
    return value == std::trunc(value) && value >= static_cast<double>(Limits::min()) &&
           value < beyond;
  }
  if (scalar.is_negative_integer()) {
    return Limits::is_signed && static_cast<int64_t>(scalar.integer()) >= int64_t{Limits::min()};
  }
  return scalar.integer() <= static_cast<uint64_t>(Limits::max());
}

template <class T>
uint64_t integer_bits(const char* op, const Scalar& scalar) {
  if (!fits<T>(scalar)) {
    throw UserError(fmt::format(
        "{}: value is {}, dtype is {}; the value must be an integer in [{}, {}].", op,
        to_string(scalar), to_string(dtype_of<T>), int64_t{std::numeric_limits<T>::min()},
        uint64_t{std::numeric_limits<T>::max()}));
  }
  const T element =
      scalar.is_floating() ? static_cast<T>(scalar.number()) : static_cast<T>(scalar.integer());
  uint64_t bits = 0;
  std::memcpy(&bits, &element, sizeof element);
  return bits;
}

uint64_t boolean_bits(const char* op, const Scalar& scalar) {
  if (scalar.number() != 0 && scalar.number() != 1) {
    throw UserError(
        fmt::format("{}: value is {}, dtype is boolean; the value must be 0, 1, false or true.", op,
                    to_string(scalar)));
  }
  return scalar.number() == 1;
}

/// Integers go to the floating type directly: by way of double they would be rounded twice.
uint64_t floating_bits(const Scalar& scalar, DType dtype) {
  if (scalar.is_floating()) return float_bits(scalar.number(), dtype);
  uint64_t integer = scalar.integer();
  const DType from = scalar.kind() == Scalar::Kind::unsigned_integer ? u64 : i64;
  uint64_t bits = 0;
  convert_elements(runtime::dense_view(&integer, from, {}), &bits, dtype);
  return bits;
}

}  // namespace

std::string to_string(const Scalar& scalar) {
  switch (scalar.kind()) {
    case Scalar::Kind::boolean:
      return scalar.integer() != 0 ? "true" : "false";
    case Scalar::Kind::integer:
      return fmt::format("{}", static_cast<int64_t>(scalar.integer()));
    case Scalar::Kind::unsigned_integer:
      return fmt::format("{}", scalar.integer());
    case Scalar::Kind::floating:
      return fmt::format("{}", scalar.number());
  }
  __builtin_unreachable();
}

uint64_t element_bits(const char* op, const Scalar& scalar, DType dtype) {
  if (is_floating(dtype)) return floating_bits(scalar, dtype);
  if (dtype == boolean) return boolean_bits(op, scalar);
  return visit_dtype(dtype, [&]<class T>(T) -> uint64_t {
    if constexpr (std::is_integral_v<T>) {
      return integer_bits<T>(op, scalar);
    } else {
      return 0;
    }
  });
}

}  // namespace onepass
