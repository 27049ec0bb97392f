// SPDX-License-Identifier: Apache-2.0
// The formulas of composites.def, over the builder. Each operand is one node, however often a
// formula names it.
#include <fmt/format.h>

#include "onepass/ir/formula.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

constexpr double sqrt_two_over_pi = 0.79788456080286535588;
constexpr double sqrt_half = 0.70710678118654752440;
constexpr double gelu_cubic = 0.044715;
constexpr double log2_e = 1.4426950408889634074;
constexpr double gelu_linear_slope = -2 * log2_e * sqrt_two_over_pi;
constexpr double gelu_cubic_slope = gelu_linear_slope * gelu_cubic;

constexpr CompositeInfo table[] = {
#define ONEPASS_COMPOSITE(name, arity, rule, parameters, doc) \
  {#name, arity, TypeRule::rule, parameters, doc},
#include "onepass/ir/composites.def"
};

constexpr Composite all[] = {
#define ONEPASS_COMPOSITE(name, ...) Composite::name,
#include "onepass/ir/composites.def"
};

using Operands = std::span<const Expr>;

// One call a line where order could show: C++ leaves the order of arguments open, and graphs must
// not depend on it.

Expr expand_relu(Formula f, Operands in) {
  const Expr x = in[0], zero = f.number(0);
  const Expr is_negative = f.less(x, zero);
  return f.where(is_negative, zero, x);
}

/// 1 + tanh(u) = 2 / (1 + exp(-2u)): half the work, and no cancellation where x is negative.
Expr expand_gelu(Formula f, Operands in) {
  const Expr x = in[0];
  const Expr square = f.multiply(x, x);
  const Expr slope = f.fma(square, f.number(gelu_cubic_slope), f.number(gelu_linear_slope));
  const Expr exponent = f.multiply(x, slope);
  const Expr growth = f.exp2(exponent);
  const Expr weight = f.add(growth, f.number(1));
  return f.divide(x, weight);
}

Expr expand_gelu_erf(Formula f, Operands in) {
  const Expr x = in[0];
  const Expr half = f.multiply(f.number(0.5), x);
  const Expr inner = f.multiply(x, f.number(sqrt_half));
  const Expr tail = f.erf(inner);
  const Expr weight = f.add(f.number(1), tail);
  return f.multiply(half, weight);
}

Expr expand_silu(Formula f, Operands in) { return f.multiply(in[0], f.sigmoid(in[0])); }

Expr expand_softplus(Formula f, Operands in) {
  const Expr x = in[0];
  const Expr positive = f.maximum(x, f.number(0));
  const Expr rest = f.log1p(f.exp(f.negative(f.abs(x))));
  return f.add(positive, rest);
}

Expr expand_leaky_relu(Formula f, Operands in) {
  const Expr x = in[0], slope = in[1];
  const Expr is_negative = f.less(x, f.number(0));
  const Expr scaled = f.multiply(slope, x);
  return f.where(is_negative, scaled, x);
}

Expr expand_elu(Formula f, Operands in) {
  const Expr x = in[0], alpha = in[1];
  const Expr is_negative = f.less(x, f.number(0));
  const Expr saturated = f.multiply(alpha, f.expm1(x));
  return f.where(is_negative, saturated, x);
}

Expr expand_mish(Formula f, Operands in) {
  return f.multiply(in[0], f.tanh(expand_softplus(f, in)));
}

Expr expand_linear(Formula f, Operands in) { return f.add(f.matmul(in[0], in[1]), in[2]); }

}  // namespace

const CompositeInfo& info(Composite function) { return table[static_cast<size_t>(function)]; }

std::span<const Composite> composites() { return all; }

std::optional<Composite> composite_from_name(std::string_view name) {
  for (const Composite function : all) {
    if (info(function).name == name) return function;
  }
  return std::nullopt;
}

void Builder::check_first_operand(std::string_view function, TypeRule rule, const Expr& x) {
  const DType dtype = type(x).dtype;
  if (x.node_ < 0 || accepts(rule, dtype)) return;
  throw UserError(
      fmt::format("{}: x is {}{}; it needs a {} dtype. Cast it first, for example astype(x, f32).",
                  function, to_string(dtype), onepass::to_string(shape(x)),
                  rule == TypeRule::float_like ? "floating" : "numeric"));
}

Expr Builder::composite(Composite function, std::span<const Expr> inputs) {
  const CompositeInfo& row = info(function);
  internal_check(inputs.size() == static_cast<size_t>(row.arity),
                 "composite: a wrong number of operands");
  check_first_operand(row.name, row.rule, inputs[0]);
  Formula formula(*this);
  switch (function) {
#define ONEPASS_COMPOSITE(name, ...) \
  case Composite::name:              \
    return expand_##name(formula, inputs);
#include "onepass/ir/composites.def"
  }
  throw InternalError("an unknown composite");
}

}  // namespace onepass::ir
