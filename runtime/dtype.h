// SPDX-License-Identifier: Apache-2.0
// The element types of tensors: the enum, the C++ type behind each, and what every layer asks of
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace onepass {

/// IEEE 754 binary16, stored as its bits. Arithmetic happens in float; see runtime/half.h.
struct Float16 {
  uint16_t bits = 0;
};

/// The upper half of an IEEE 754 binary32, stored as its bits.
struct BFloat16 {
  uint16_t bits = 0;
};

enum class DType : uint8_t {
#define ONEPASS_DTYPE(name, cpp_type, kind, bytes, numpy) name,
#include "onepass/runtime/dtype.def"
};

#define ONEPASS_DTYPE(name, cpp_type, kind, bytes, numpy) inline constexpr DType name = DType::name;
#include "onepass/runtime/dtype.def"

inline constexpr int dtype_count = 0
#define ONEPASS_DTYPE(name, cpp_type, kind, bytes, numpy) +1
#include "onepass/runtime/dtype.def"
    ;

enum class DTypeKind : uint8_t { boolean, signed_integer, unsigned_integer, floating };

struct DTypeInfo {
  std::string_view name;
  DTypeKind kind;
  int bytes;
  std::string_view numpy;  // descriptor in a .npy header; empty where NumPy has no such type
};

inline constexpr DTypeInfo dtype_table[dtype_count] = {
#define ONEPASS_DTYPE(name, cpp_type, kind, bytes, numpy) {#name, DTypeKind::kind, bytes, numpy},
#include "onepass/runtime/dtype.def"
};

constexpr const DTypeInfo& info(DType dtype) { return dtype_table[static_cast<int>(dtype)]; }
constexpr std::string_view to_string(DType dtype) { return info(dtype).name; }
constexpr int byte_size(DType dtype) { return info(dtype).bytes; }
constexpr bool is_floating(DType dtype) { return info(dtype).kind == DTypeKind::floating; }
constexpr bool is_signed_integer(DType dtype) {
  return info(dtype).kind == DTypeKind::signed_integer;
}
constexpr bool is_unsigned_integer(DType dtype) {
  return info(dtype).kind == DTypeKind::unsigned_integer;
}
constexpr bool is_integer(DType dtype) {
  return is_signed_integer(dtype) || is_unsigned_integer(dtype);
}
/// f16 and bf16: stored narrow, computed in f32.
constexpr bool is_half(DType dtype) { return is_floating(dtype) && byte_size(dtype) == 2; }

/// The type whose name is `name` ("f32"), if there is one.
constexpr std::optional<DType> dtype_from_name(std::string_view name) {
  for (int i = 0; i < dtype_count; ++i) {
    if (dtype_table[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

/// `dtype_of<float>` is f32: the element type that a C++ type stands for.
template <class T>
struct DTypeOf;
#define ONEPASS_DTYPE(name, cpp_type, kind, bytes, numpy) \
  template <>                                             \
  struct DTypeOf<cpp_type> {                              \
    static constexpr DType value = DType::name;           \
  };
#include "onepass/runtime/dtype.def"

template <class T>
concept Element = requires { DTypeOf<T>::value; };

template <Element T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

/// Calls `visit(T{})` with the C++ type of `dtype`: the one switch from a run-time type to a C++
/// type.
template <class Visitor>
decltype(auto) visit_dtype(DType dtype, Visitor&& visit) {
  switch (dtype) {
#define ONEPASS_DTYPE(name, cpp_type, kind, bytes, numpy) \
  case DType::name:                                       \
    return visit(cpp_type{});
#include "onepass/runtime/dtype.def"
  }
  __builtin_unreachable();
}

}  // namespace onepass
