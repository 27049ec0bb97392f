// SPDX-License-Identifier: Apache-2.0
// A C++ number whose kind is known at run time and whose value is kept exactly.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>

#include "onepass/runtime/dtype.h"

namespace onepass {

class Scalar {
 public:
  enum class Kind : uint8_t { boolean, integer, unsigned_integer, floating };

  template <class T>
    requires std::is_arithmetic_v<T>
  constexpr Scalar(T value) : number_(static_cast<double>(value)) {
    if constexpr (std::same_as<T, bool>) {
      kind_ = Kind::boolean;
    } else if constexpr (std::is_floating_point_v<T>) {
      kind_ = Kind::floating;
      return;
    } else if constexpr (std::is_unsigned_v<T>) {
      kind_ = Kind::unsigned_integer;
    }
    integer_ = static_cast<uint64_t>(value);
  }

  constexpr Kind kind() const { return kind_; }
  constexpr bool is_floating() const { return kind_ == Kind::floating; }
  /// The value as a double: exact for floating ones.
  constexpr double number() const { return number_; }
  /// The value of one that is not floating, modulo 2^64.
  constexpr uint64_t integer() const { return integer_; }
  constexpr bool is_negative_integer() const {
    return kind_ == Kind::integer && static_cast<int64_t>(integer_) < 0;
  }
  /// What the array API makes of a number that stands alone: boolean, i64 or f32.
  constexpr DType default_dtype() const {
    if (kind_ == Kind::boolean) return boolean;
    return is_floating() ? f32 : i64;
  }

 private:
  Kind kind_ = Kind::integer;
  uint64_t integer_ = 0;
  double number_;
};

/// "3", "-2.5", "true".
std::string to_string(const Scalar& scalar);

/// The bits of the scalar as an element of `dtype`, in the low bytes. UserError naming `op` if the
/// dtype cannot hold it: integers out of range, fractions and NaN for integers, anything but 0 and
/// 1 for boolean.
uint64_t element_bits(const char* op, const Scalar& scalar, DType dtype);

}  // namespace onepass
