// SPDX-License-Identifier: Apache-2.0
// Runs every formula once per dtype and accuracy and keeps the counts.
#include "onepass/ir/counting_emitter.h"

#include <array>
#include <cstdint>

#include "onepass/ir/emitter.h"
#include "onepass/ir/math/math.h"
#include "onepass/ir/type_rules.h"

namespace onepass::ir {
namespace {

/// Divisions and roots against an addition, per element of a vector: about what x86 cores of ten
/// years show.
constexpr double division_cost = 5;
constexpr double double_division_cost = 8;
/// Vector code has no integer division: it goes element by element.
constexpr double integer_division_cost = 20;
/// A permute of one register, or loads.
constexpr double small_table_cost = 1, table_cost = 4;
constexpr int small_table = 8;

class CountingEmitter {
 public:
  // One kind of nothing for each kind of lane. A boolean value is a mask.
  struct Mask {};
  struct Value {
    operator Mask() const { return {}; }
  };
  struct Integer {};

  CountingEmitter(DType dtype, Accuracy accuracy) : dtype_(dtype), accuracy_(accuracy) {}
  const OpCost& counted() const { return counted_; }

  bool is_floating() { return onepass::is_floating(dtype_); }
  bool is_signed() { return is_floating() || is_signed_integer(dtype_); }
  bool is_double() { return dtype_ == f64; }
  int bits() { return 8 * byte_size(dtype_); }
  Accuracy accuracy() { return accuracy_; }
  bool has_scale() { return false; }
  bool has_extremes() { return false; }

  Value constant(double) { return {}; }
  Value integer_value(int64_t) { return {}; }
  Integer integer(int64_t) { return {}; }

  Value add(Value, Value) { return arithmetic(1, 1); }
  Value sub(Value, Value) { return arithmetic(1, 1); }
  Value mul(Value, Value) { return arithmetic(1, 1); }
  Value div(Value, Value) { return arithmetic(1, divided()); }
  Value fma(Value, Value, Value) { return arithmetic(2, 1); }
  Value sqrt(Value) { return arithmetic(1, divided()); }
  Value scale(Value x, Value) { return x; }
  Value beyond_nearest(Value x) { return x; }
  Value neg(Value) { return arithmetic(0, 1); }
  Value abs(Value) { return arithmetic(0, 1); }
  Value min(Value, Value) { return arithmetic(1, 1); }
  Value max(Value, Value) { return arithmetic(1, 1); }
  Value smaller(Value x, Value) { return x; }
  Value larger(Value x, Value) { return x; }
  Value round(Value) { return arithmetic(1, 1); }
  Value floor(Value) { return arithmetic(1, 1); }
  Value ceil(Value) { return arithmetic(1, 1); }
  Value trunc(Value) { return arithmetic(1, 1); }

  template <class X>
  Mask equal(X, X) {
    return step(Mask{});
  }
  template <class X>
  Mask not_equal(X, X) {
    return step(Mask{});
  }
  Mask unordered(Value, Value) { return step(Mask{}); }
  template <class X>
  Mask less(X, X) {
    return step(Mask{});
  }
  Mask less_equal(Value, Value) { return step(Mask{}); }
  Mask mask_and(Mask, Mask) { return step(Mask{}); }
  Mask mask_or(Mask, Mask) { return step(Mask{}); }
  Mask mask_xor(Mask, Mask) { return step(Mask{}); }
  Mask mask_not(Mask) { return step(Mask{}); }
  template <class X>
  X select(Mask, X, X) {
    return step(X{});
  }

  template <class X>
  X bit_and(X, X) {
    return step(X{});
  }
  template <class X>
  X bit_or(X, X) {
    return step(X{});
  }
  template <class X>
  X bit_xor(X, X) {
    return step(X{});
  }
  Value bit_not(Value) { return step(Value{}); }
  Value shift_left(Value, Value) { return step(Value{}); }
  Value shift_right(Value, Value) { return step(Value{}); }

  Integer as_integer(Value) { return {}; }
  Value as_value(Integer) { return {}; }
  Integer to_integer(Value) { return step(Integer{}); }
  Value to_value(Integer) { return step(Value{}); }
  Integer add(Integer, Integer) { return step(Integer{}); }
  Integer sub(Integer, Integer) { return step(Integer{}); }
  Integer mul(Integer, Integer) { return step(Integer{}); }
  Integer shift_left(Integer, int) { return step(Integer{}); }
  Integer shift_right(Integer, int) { return step(Integer{}); }
  Integer shift_right_logical(Integer, int) { return step(Integer{}); }

  template <int N>
  Value table(const double (&)[N], Integer) {
    counted_.cost += N <= small_table ? small_table_cost : table_cost;
    return {};
  }

  /// The body is for lanes that are seldom there: only the test counts.
  template <class F, class... Values>
  Value when_any(const char*, Mask, Value otherwise, F, Values...) {
    return step(otherwise);
  }
  /// A loop counts as one step.
  template <class State, class Condition, class Step>
  State repeat_while_any(State state, Condition condition, Step next) {
    const Mask m = condition(state);
    return State::select(*this, m, next(state), state);
  }

 private:
  template <class X>
  X step(X x) {
    counted_.cost += 1;
    return x;
  }
  Value arithmetic(double flops, double cost) {
    if (is_floating()) counted_.flops += flops;
    counted_.cost += cost;
    return {};
  }
  double divided() {
    if (!is_floating()) return integer_division_cost;
    return is_double() ? double_division_cost : division_cost;
  }

  DType dtype_;
  Accuracy accuracy_;
  OpCost counted_;
};
static_assert(Emitter<CountingEmitter>);

OpCost count_op(OpCode op, DType dtype, Accuracy accuracy) {
  if (!accepts(info(op).rule, dtype)) return {};
  CountingEmitter e(is_half(dtype) ? f32 : dtype, accuracy);
  [[maybe_unused]] const CountingEmitter::Value x, y, z;
  switch (op) {
#define ONEPASS_OP(name, arity, rule, laws, ulp_f32, ulp_f64, ulp_fast, low, high, reference, \
                   lowering, doc)                                                             \
  case OpCode::name:                                                                          \
    lowering;                                                                                 \
    break;
#include "onepass/ir/ops.def"
    default:
      break;
  }
  return e.counted();
}

using Costs = std::array<std::array<std::array<OpCost, 2>, dtype_count>, 256>;

Costs all_costs() {
  Costs costs{};
  for (const OpCode op : elementwise_ops()) {
    for (int d = 0; d < dtype_count; ++d) {
      auto& of_dtype = costs[static_cast<size_t>(op)][static_cast<size_t>(d)];
      of_dtype[0] = count_op(op, static_cast<DType>(d), Accuracy::strict);
      of_dtype[1] = count_op(op, static_cast<DType>(d), Accuracy::fast);
    }
  }
  return costs;
}

}  // namespace

OpCost op_cost(OpCode op, DType dtype, Accuracy accuracy) {
  static const Costs costs = all_costs();
  return costs[static_cast<size_t>(op)][static_cast<size_t>(dtype)]
              [accuracy == Accuracy::strict ? 0 : 1];
}

}  // namespace onepass::ir
