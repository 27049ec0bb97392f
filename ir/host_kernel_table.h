// SPDX-License-Identifier: Apache-2.0
// Stamps the kernels of one element type from ops.def. Included by host_kernels_<dtype>.cpp alone
// (see host_emitter.h).
#pragma once

#include "onepass/ir/host_emitter.h"
#include "onepass/ir/host_kernels.h"
#include "onepass/ir/math/math.h"

namespace onepass::ir {
namespace {

// Each row as a type: its formula over any emitter.
#define ONEPASS_OP(name, arity_, rule_, laws, ulp_f32, ulp_f64, ulp_fast, low, high, reference, \
                   lowering, doc)                                                               \
  struct name##_row {                                                                           \
    static constexpr int arity = arity_;                                                        \
    static constexpr TypeRule rule = TypeRule::rule_;                                           \
    template <class E, class X, class Y, class Z>                                               \
    static auto apply([[maybe_unused]] E& e, X x, [[maybe_unused]] Y y, [[maybe_unused]] Z z) { \
      return lowering;                                                                          \
    }                                                                                           \
  };
#include "onepass/ir/ops.def"

template <class T>
constexpr bool host_accepts(TypeRule rule) {
  constexpr DType dtype = dtype_of<T>;
  constexpr bool is_boolean = dtype == DType::boolean;
  switch (rule) {
    case TypeRule::numeric:
    case TypeRule::ordering:
      return !is_boolean;
    case TypeRule::float_like:
      return onepass::is_floating(dtype);
    case TypeRule::boolean:
      return is_boolean;
    case TypeRule::bits:
      return !onepass::is_floating(dtype);
    case TypeRule::shift:
      return is_integer(dtype);
    case TypeRule::equality:
    case TypeRule::select:
      return true;
    case TypeRule::structural:
      return false;
  }
  return false;
}

/// Moves lanes between memory and the values and masks of an emitter. Booleans in memory are bytes
/// 0 and 1.
template <class T, Accuracy A>
struct HostMemory {
  using E = HostEmitter<T, A>;
  using Value = typename E::Value;
  using Mask = typename E::Mask;
  static constexpr int lanes = E::lane_count;
  typedef int8_t Bytes __attribute__((vector_size(lanes)));

  static Mask load_mask(const bool* from) {
    Bytes bytes;
    __builtin_memcpy(&bytes, from, sizeof bytes);
    return {-__builtin_convertvector(bytes, decltype(Mask::lanes))};
  }
  static void store(bool* to, Mask m) {
    const Bytes bytes = __builtin_convertvector(m.lanes, Bytes) & 1;
    __builtin_memcpy(to, &bytes, sizeof bytes);
  }
  static Value load(const T* from) {
    if constexpr (dtype_of<T> == DType::boolean) {
      return load_mask(from);
    } else {
      Value value;
      __builtin_memcpy(&value, from, sizeof value);
      return value;
    }
  }
  template <class Result = T>
    requires(dtype_of<Result> != DType::boolean)
  static void store(Result* to, Value value) {
    __builtin_memcpy(to, &value, sizeof value);
  }
};

/// Runs `row` over a block; what is left over goes through buffers padded with zeros.
template <class Row, class T, Accuracy A>
struct HostRow {
  using Memory = HostMemory<T, A>;
  using E = HostEmitter<T, A>;
  static constexpr int lanes = E::lane_count;
  static constexpr bool first_is_boolean = Row::rule == TypeRule::select;
  static constexpr bool result_is_boolean =
      Row::rule == TypeRule::equality || Row::rule == TypeRule::ordering;
  template <bool is_boolean, class U, class V>
  struct Choice {
    using Type = U;
  };
  template <class U, class V>
  struct Choice<false, U, V> {
    using Type = V;
  };
  using First = typename Choice<first_is_boolean, bool, T>::Type;
  using Result = typename Choice<result_is_boolean, bool, T>::Type;

  static void vector(const First* x, const T* y, const T* z, Result* to) {
    E e;
    const auto second = Memory::load(y);
    const auto third = Memory::load(z);
    if constexpr (first_is_boolean) {
      Memory::store(to, Row::apply(e, Memory::load_mask(x), second, third));
    } else {
      Memory::store(to, Row::apply(e, Memory::load(x), second, third));
    }
  }

  static void run(const void* const* inputs, void* output, int64_t count) {
    const First* x = static_cast<const First*>(inputs[0]);
    const T* y = static_cast<const T*>(inputs[Row::arity > 1 ? 1 : 0]);
    const T* z = static_cast<const T*>(inputs[Row::arity > 2 ? 2 : 0]);
    Result* to = static_cast<Result*>(output);
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) vector(x + i, y + i, z + i, to + i);
    if (i == count) return;

    First rest_x[lanes] = {};
    T rest_y[lanes] = {};
    T rest_z[lanes] = {};
    Result rest[lanes];
    const auto left = static_cast<unsigned long>(count - i);
    __builtin_memcpy(rest_x, x + i, left * sizeof(First));
    __builtin_memcpy(rest_y, y + i, left * sizeof(T));
    __builtin_memcpy(rest_z, z + i, left * sizeof(T));
    vector(rest_x, rest_y, rest_z, rest);
    __builtin_memcpy(to + i, rest, left * sizeof(Result));
  }
};

/// pow with the literal exponent Halves / 2.
template <int Halves>
struct LiteralPower {
  static constexpr int arity = 1;
  static constexpr TypeRule rule = TypeRule::numeric;
  template <class E, class X>
  static auto apply(E& e, X x, X, X) {
    return math::pow_constant(e, x, Halves / 2.0);
  }
};

/// x * y + z, one rounding for floats.
struct MultiplyAdd {
  static constexpr int arity = 3;
  static constexpr TypeRule rule = TypeRule::numeric;
  template <class E, class X>
  static auto apply(E& e, X x, X y, X z) {
    return e.is_floating() ? e.fma(x, y, z) : e.add(e.mul(x, y), z);
  }
};

template <class T>
void multiply_add_row(const void* factor, const void* row, void* sums, int64_t count) {
  using Memory = HostMemory<T, Accuracy::strict>;
  constexpr int lanes = Memory::lanes;
  typename Memory::E e;
  T repeated[lanes];
  for (T& lane : repeated) lane = *static_cast<const T*>(factor);
  const auto x = Memory::load(repeated);
  const T* from = static_cast<const T*>(row);
  T* to = static_cast<T*>(sums);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    Memory::store(to + i, MultiplyAdd::apply(e, x, Memory::load(from + i), Memory::load(to + i)));
  }
  const void* const rest[] = {repeated, from + i, to + i};
  HostRow<MultiplyAdd, T, Accuracy::strict>::run(rest, to + i, count - i);
}

template <class T>
constexpr HostRowProduct row_product_entry() {
  if constexpr (host_accepts<T>(TypeRule::numeric)) {
    return &multiply_add_row<T>;
  } else {
    return nullptr;
  }
}

template <class Row, class T, Accuracy A>
constexpr HostKernel host_entry() {
  if constexpr (host_accepts<T>(Row::rule)) {
    return &HostRow<Row, T, A>::run;
  } else {
    return nullptr;
  }
}

/// Integers are exact at any accuracy.
template <class T>
constexpr HostKernelTable host_table() {
  constexpr Accuracy fast = onepass::is_floating(dtype_of<T>) ? Accuracy::fast : Accuracy::strict;
  HostKernelTable table = {
      {
#define ONEPASS_OP(name, ...) host_entry<name##_row, T, Accuracy::strict>(),
#include "onepass/ir/ops.def"
      },
      {
#define ONEPASS_OP(name, ...) host_entry<name##_row, T, fast>(),
#include "onepass/ir/ops.def"
      },
      {host_entry<LiteralPower<-4>, T, Accuracy::strict>(),
       host_entry<LiteralPower<-2>, T, Accuracy::strict>(),
       host_entry<LiteralPower<-1>, T, Accuracy::strict>(),
       host_entry<LiteralPower<1>, T, Accuracy::strict>(),
       host_entry<LiteralPower<4>, T, Accuracy::strict>(),
       host_entry<LiteralPower<6>, T, Accuracy::strict>(),
       host_entry<LiteralPower<8>, T, Accuracy::strict>()},
      host_entry<MultiplyAdd, T, Accuracy::strict>(),
      row_product_entry<T>(),
  };
  return table;
}

}  // namespace
}  // namespace onepass::ir
