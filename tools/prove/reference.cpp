// SPDX-License-Identifier: Apache-2.0
// Stamped from the table.
#include "reference.h"

#include "onepass/runtime/error.h"
#include "wide_functions.h"

namespace onepass::prove {
namespace {

constexpr bool is_proven(ir::TypeRule rule) {
  return rule == ir::TypeRule::numeric || rule == ir::TypeRule::float_like;
}

/// Each operand in the type of the reference; those the op does not have are 0.
template <class Number, class T>
Number operand(const T* arguments, int arity, int i) {
  return i < arity ? Number(arguments[i]) : Number(0);
}

template <class Row, class T>
void wide_block(const T* const* inputs, WideOf<T>* out, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const WideOf<T> x = inputs[0][i];
    const WideOf<T> y = Row::arity > 1 ? inputs[1][i] : T(0);
    const WideOf<T> z = Row::arity > 2 ? inputs[2][i] : T(0);
    out[i] = Row::wide_of(x, y, z);
  }
}

template <class Row, class T>
ir::Precise precise_of(const T* arguments) {
  return Row::precise_of(operand<ir::Precise>(arguments, Row::arity, 0),
                         operand<ir::Precise>(arguments, Row::arity, 1),
                         operand<ir::Precise>(arguments, Row::arity, 2));
}

template <class Row, class T>
Reference<T> reference_of() {
  if constexpr (is_proven(Row::rule)) return {&wide_block<Row, T>, &precise_of<Row, T>};
  internal_check(false, "a reference was asked for a row that is not proven");
  return {};
}

}  // namespace

// Templates, so that rows of other types are not looked at.
#define ONEPASS_OP(name, arity_, rule_, laws, ulp_f32, ulp_f64, ulp_fast, low, high, reference_, \
                   lowering, doc)                                                                \
  namespace wide {                                                                               \
  template <class X>                                                                             \
  X of_##name([[maybe_unused]] X x, [[maybe_unused]] X y, [[maybe_unused]] X z) {                \
    return reference_;                                                                           \
  }                                                                                              \
  }
#include "onepass/ir/ops.def"

namespace {

#define ONEPASS_OP(name, arity_, rule_, laws, ulp_f32, ulp_f64, ulp_fast, low, high, reference_, \
                   lowering, doc)                                                                \
  struct name##_row {                                                                            \
    static constexpr int arity = arity_;                                                         \
    static constexpr ir::TypeRule rule = ir::TypeRule::rule_;                                    \
    template <class X>                                                                           \
    static X wide_of(X x, X y, X z) {                                                            \
      return wide::of_##name(x, y, z);                                                           \
    }                                                                                            \
    template <class X>                                                                           \
    static X precise_of([[maybe_unused]] const X& x, [[maybe_unused]] const X& y,                \
                        [[maybe_unused]] const X& z) {                                           \
      return reference_;                                                                         \
    }                                                                                            \
  };
#include "onepass/ir/ops.def"

}  // namespace

template <class T>
Reference<T> reference(ir::OpCode op) {
  switch (op) {
#define ONEPASS_OP(name, ...) \
  case ir::OpCode::name:      \
    return reference_of<name##_row, T>();
#include "onepass/ir/ops.def"
    default:
      internal_check(false, "only element-wise ops have a reference");
      return {};
  }
}
template Reference<float> reference(ir::OpCode);
template Reference<double> reference(ir::OpCode);

std::vector<ir::OpCode> proven_ops() {
  std::vector<ir::OpCode> ops;
  for (const ir::OpCode op : ir::elementwise_ops()) {
    if (is_proven(ir::info(op).rule)) ops.push_back(op);
  }
  return ops;
}

}  // namespace onepass::prove
