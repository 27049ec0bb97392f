// SPDX-License-Identifier: Apache-2.0
// The emitter that computes: one 32-byte vector of lanes of T, by the vector extensions of GCC and
// Clang.
//
// Only host_kernels_<dtype>.cpp may include this file: those are compiled for x86-64-v3. All of it
// has internal linkage and no standard header with code is included, so that nothing compiled for
// that level can be linked in elsewhere.
#pragma once

#include "onepass/ir/host_vector.h"
#include "onepass/ir/modes.h"

namespace onepass::ir {
namespace {

/// Element types that are numbers.
template <class T, Accuracy A = Accuracy::strict>
class HostEmitter : public HostMasks<T> {
  using Base = HostMasks<T>;
  using SignedLane = typename IntegerOfSize<sizeof(T)>::Signed;
  using UnsignedLane = typename IntegerOfSize<sizeof(T)>::Unsigned;
  using Lanes = typename HostVector<T>::Type;
  using SignedLanes = typename HostVector<SignedLane>::Type;
  using UnsignedLanes = typename HostVector<UnsignedLane>::Type;
  using Scalar = HostScalar<T>;
  static constexpr bool floating = static_cast<T>(0.5) != T{0};
  static constexpr bool is_signed_type = static_cast<T>(-1) < T{0};

 public:
  using Mask = typename Base::Mask;
  struct Value {
    Lanes lanes;
  };
  struct Integer {
    SignedLanes lanes;
  };
  using Base::any;
  using Base::lane_count;

  static constexpr bool is_floating() { return floating; }
  static constexpr bool is_signed() { return is_signed_type; }
  static constexpr bool is_double() { return floating && sizeof(T) == 8; }
  static constexpr int bits() { return 8 * static_cast<int>(sizeof(T)); }
  static constexpr Accuracy accuracy() { return A; }
  static constexpr bool has_scale() { return false; }
  static constexpr bool has_extremes() { return false; }

  Value constant(double number) { return {Lanes{} + static_cast<T>(number)}; }
  Value integer_value(int64_t number) { return {Lanes{} + static_cast<T>(number)}; }
  Integer integer(int64_t number) { return {SignedLanes{} + static_cast<SignedLane>(number)}; }

  Value add(Value a, Value b) {
    if constexpr (floating) return {a.lanes + b.lanes};
    return wrapped(unsigned_of(a) + unsigned_of(b));
  }
  Value sub(Value a, Value b) {
    if constexpr (floating) return {a.lanes - b.lanes};
    return wrapped(unsigned_of(a) - unsigned_of(b));
  }
  Value mul(Value a, Value b) {
    if constexpr (floating) return {a.lanes * b.lanes};
    return wrapped(unsigned_of(a) * unsigned_of(b));
  }
  Value div(Value a, Value b) { return {a.lanes / b.lanes}; }
  Value neg(Value a) {
    if constexpr (floating) return {-a.lanes};
    return wrapped(-unsigned_of(a));
  }
  Value abs(Value a) {
    if constexpr (floating) {
      const SignedLane rest = static_cast<SignedLane>(static_cast<UnsignedLane>(-1) >> 1);
      return {reinterpret_cast<Lanes>(reinterpret_cast<SignedLanes>(a.lanes) & rest)};
    } else if constexpr (is_signed_type) {
      return {a.lanes < 0 ? neg(a).lanes : a.lanes};
    }
    return a;
  }
  Value min(Value a, Value b) { return {a.lanes < b.lanes ? a.lanes : b.lanes}; }
  Value max(Value a, Value b) { return {a.lanes > b.lanes ? a.lanes : b.lanes}; }
  Value smaller(Value a, Value) { return a; }
  Value larger(Value a, Value) { return a; }

  Value fma(Value a, Value b, Value c) {
    return each_lane([&](int i) { return Scalar::fma(a.lanes[i], b.lanes[i], c.lanes[i]); });
  }
  Value scale(Value a, Value) { return a; }
  Value beyond_nearest(Value a) { return a; }
  Value sqrt(Value a) {
    return each_lane([&](int i) { return Scalar::sqrt(a.lanes[i]); });
  }
  Value round(Value a) {
    return each_lane([&](int i) { return Scalar::round(a.lanes[i]); });
  }
  Value floor(Value a) {
    return each_lane([&](int i) { return Scalar::floor(a.lanes[i]); });
  }
  Value ceil(Value a) {
    return each_lane([&](int i) { return Scalar::ceil(a.lanes[i]); });
  }
  Value trunc(Value a) {
    return each_lane([&](int i) { return Scalar::trunc(a.lanes[i]); });
  }

  Mask equal(Value a, Value b) { return mask(a.lanes == b.lanes); }
  Mask not_equal(Value a, Value b) { return mask(a.lanes != b.lanes); }
  Mask unordered(Value a, Value b) {
    return Base::mask_or(mask(a.lanes != a.lanes), mask(b.lanes != b.lanes));
  }
  Mask less(Value a, Value b) { return mask(a.lanes < b.lanes); }
  Mask less_equal(Value a, Value b) { return mask(a.lanes <= b.lanes); }
  Mask equal(Integer a, Integer b) { return mask(a.lanes == b.lanes); }
  Mask less(Integer a, Integer b) { return mask(a.lanes < b.lanes); }

  Value select(Mask m, Value a, Value b) { return {m.lanes ? a.lanes : b.lanes}; }
  Integer select(Mask m, Integer a, Integer b) { return {m.lanes ? a.lanes : b.lanes}; }

  Value bit_and(Value a, Value b) { return wrapped(unsigned_of(a) & unsigned_of(b)); }
  Value bit_or(Value a, Value b) { return wrapped(unsigned_of(a) | unsigned_of(b)); }
  Value bit_xor(Value a, Value b) { return wrapped(unsigned_of(a) ^ unsigned_of(b)); }
  Value bit_not(Value a) { return wrapped(~unsigned_of(a)); }
  Value shift_left(Value a, Value b) { return wrapped(unsigned_of(a) << unsigned_of(b)); }
  Value shift_right(Value a, Value b) {
    if constexpr (is_signed_type) {
      return wrapped(reinterpret_cast<UnsignedLanes>(as_integer(a).lanes >> as_integer(b).lanes));
    }
    return wrapped(unsigned_of(a) >> unsigned_of(b));
  }

  Integer as_integer(Value a) { return {reinterpret_cast<SignedLanes>(a.lanes)}; }
  Value as_value(Integer a) { return {reinterpret_cast<Lanes>(a.lanes)}; }
  /// By adding 1.5 * 2^52 for f64, which AVX2 cannot convert.
  Integer to_integer(Value a) {
    if constexpr (!is_double()) return {__builtin_convertvector(a.lanes, SignedLanes)};
    const Value magic = constant(0x1.8p52);
    return sub(as_integer(add(a, magic)), as_integer(magic));
  }
  Value to_value(Integer a) {
    if constexpr (!is_double()) return {__builtin_convertvector(a.lanes, Lanes)};
    const Value magic = constant(0x1.8p52);
    return sub(as_value(add(a, as_integer(magic))), magic);
  }
  Integer add(Integer a, Integer b) { return wrapped_integer(unsigned_of(a) + unsigned_of(b)); }
  Integer sub(Integer a, Integer b) { return wrapped_integer(unsigned_of(a) - unsigned_of(b)); }
  Integer mul(Integer a, Integer b) { return wrapped_integer(unsigned_of(a) * unsigned_of(b)); }
  Integer bit_and(Integer a, Integer b) { return {a.lanes & b.lanes}; }
  Integer bit_or(Integer a, Integer b) { return {a.lanes | b.lanes}; }
  Integer bit_xor(Integer a, Integer b) { return {a.lanes ^ b.lanes}; }
  Integer shift_left(Integer a, int count) { return wrapped_integer(unsigned_of(a) << count); }
  Integer shift_right(Integer a, int count) { return {a.lanes >> count}; }
  Integer shift_right_logical(Integer a, int count) {
    return wrapped_integer(unsigned_of(a) >> count);
  }

  template <int N>
  Value table(const double (&numbers)[N], Integer index) {
    constexpr SignedLane last = N - 1;
    constexpr bool wraps = (N & last) == 0;
    if constexpr (N == lane_count && sizeof(T) == sizeof(float) && floating) {
      const Lanes entries = each_lane([&](int i) { return static_cast<T>(numbers[i]); }).lanes;
      return {__builtin_ia32_permvarsf256(entries, index.lanes)};
    }
    return each_lane([&](int i) {
      return static_cast<T>(numbers[wraps ? index.lanes[i] & last : index.lanes[i]]);
    });
  }

  template <class F, class... Values>
  Value when_any(const char*, Mask m, Value otherwise, F body, Values... x) {
    return any(m) ? select(m, body(*this, x...), otherwise) : otherwise;
  }

  template <class State, class Condition, class Step>
  State repeat_while_any(State state, Condition condition, Step step) {
    for (Mask m = condition(state); any(m); m = condition(state)) {
      state = State::select(*this, m, step(state), state);
    }
    return state;
  }

 private:
  template <class F>
  Value each_lane(F f) {
    Value value{};
    for (int i = 0; i < lane_count; ++i) value.lanes[i] = f(i);
    return value;
  }
  template <class V>
  Mask mask(V lanes) {
    return {reinterpret_cast<typename Base::Lanes>(lanes)};
  }
  UnsignedLanes unsigned_of(Value a) { return reinterpret_cast<UnsignedLanes>(a.lanes); }
  UnsignedLanes unsigned_of(Integer a) { return reinterpret_cast<UnsignedLanes>(a.lanes); }
  Value wrapped(UnsignedLanes lanes) { return {reinterpret_cast<Lanes>(lanes)}; }
  Integer wrapped_integer(UnsignedLanes lanes) { return {reinterpret_cast<SignedLanes>(lanes)}; }
};

/// Booleans: a value is a mask, and the bit operations are those of masks.
template <Accuracy A>
class HostEmitter<bool, A> : public HostMasks<bool> {
 public:
  using Value = Mask;

  Mask equal(Mask a, Mask b) { return mask_not(mask_xor(a, b)); }
  Mask not_equal(Mask a, Mask b) { return mask_xor(a, b); }
  Mask select(Mask m, Mask a, Mask b) { return {m.lanes ? a.lanes : b.lanes}; }
  Mask bit_and(Mask a, Mask b) { return mask_and(a, b); }
  Mask bit_or(Mask a, Mask b) { return mask_or(a, b); }
  Mask bit_xor(Mask a, Mask b) { return mask_xor(a, b); }
  Mask bit_not(Mask a) { return mask_not(a); }
};

}  // namespace
}  // namespace onepass::ir
