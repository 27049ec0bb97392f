// SPDX-License-Identifier: Apache-2.0
// Rewrites for Accuracy::fast: equal in the algebra of real numbers, cheaper, and each step within
// its bound for every operand. Not among them, since they change where a result is finite:
// exp(log(x)), log(exp(x)), exp(a) * exp(b), x / a / b. Nor tanh(u) + s with a scalar s of the
// call, as 2 sigmoid(2u) + (s - 1): where s is 0 that loses every digit of a small u.
#include <cmath>
#include <optional>

#include "onepass/ir/passes/passes.h"
#include "onepass/ir/passes/rule.h"

namespace onepass::ir {
namespace {

/// 1 + tanh(u): u, or -1.
NodeId one_plus_tanh(const Match& m, NodeId id) {
  if (!m.is_read_once(id, OpCode::add)) return -1;
  const auto& terms = m.at(id).inputs;
  const bool fits = m.is_read_once(terms[0], OpCode::tanh) && m.is(terms[1], 1.0);
  return fits ? m.at(terms[0]).inputs[0] : -1;
}

/// 1 + exp(-u): u, or -1.
NodeId one_plus_exp_of_negative(const Match& m, NodeId id) {
  if (!m.is_read_once(id, OpCode::add)) return -1;
  const auto& terms = m.at(id).inputs;
  if (!m.is_read_once(terms[0], OpCode::exp) || !m.is(terms[1], 1.0)) return -1;
  const NodeId exponent = m.at(terms[0]).inputs[0];
  return m.is(exponent, OpCode::negative) ? m.at(exponent).inputs[0] : -1;
}

/// maximum(v, 0) + log1p(exp(-abs(v))): v, or -1.
NodeId softplus_operand(const Match& m, NodeId id) {
  if (!m.is_read_once(id, OpCode::add)) return -1;
  const auto& terms = m.at(id).inputs;
  if (!m.is(terms[0], OpCode::maximum) || !m.is_read_once(terms[1], OpCode::log1p)) return -1;
  const auto& bounds = m.at(terms[0]).inputs;
  const NodeId power = m.at(terms[1]).inputs[0];
  if (!m.is(bounds[1], 0.0) || !m.is(power, OpCode::exp)) return -1;
  const NodeId exponent = m.at(power).inputs[0];
  if (!m.is(exponent, OpCode::negative)) return -1;
  const NodeId magnitude = m.at(exponent).inputs[0];
  const bool fits = m.is(magnitude, OpCode::abs) && m.at(magnitude).inputs[0] == bounds[0];
  return fits ? bounds[0] : -1;
}

/// 2u; a constant factor of u takes the 2, which is exact.
NodeId twice(Match& m, NodeId u) {
  const DType dtype = m.at(u).type.dtype;
  if (m.is(u, OpCode::multiply) && m.is(m.at(u).inputs[1], OpCode::constant)) {
    const double factor = m.at(m.at(u).inputs[1]).attributes.number(AttributeKey::value);
    const NodeId rest = m.at(u).inputs[0];
    const bool same_type = m.at(rest).type == m.at(u).type;
    if (same_type && std::abs(factor) <= 1) {
      return m.make(OpCode::multiply, {rest, m.constant(2 * factor, dtype)});
    }
  }
  return m.make(OpCode::multiply, {u, m.constant(2, dtype)});
}

bool half_of_one_plus_tanh(Match& m) {
  if (!m.is(OpCode::multiply) || !m.input_is(1, 0.5)) return false;
  const NodeId u = one_plus_tanh(m, m.node.inputs[0]);
  return u >= 0 && m.becomes(OpCode::sigmoid, {twice(m, u)});
}

bool gate_by_tanh(Match& m) {
  if (!m.is(OpCode::multiply)) return false;
  for (const size_t i : {0, 1}) {
    const NodeId u = one_plus_tanh(m, m.node.inputs[i]);
    const NodeId half = m.node.inputs[1 - i];
    if (u < 0 || !m.is(half, OpCode::multiply) || !m.is(m.at(half).inputs[1], 0.5)) continue;
    const NodeId x = m.at(half).inputs[0];
    return m.becomes(OpCode::multiply, {x, m.make(OpCode::sigmoid, {twice(m, u)})});
  }
  return false;
}

bool spelled_sigmoid(Match& m) {
  const bool quotient = m.is(OpCode::divide) && m.input_is(0, 1.0);
  if (!quotient && !m.is(OpCode::reciprocal)) return false;
  const NodeId u = one_plus_exp_of_negative(m, m.node.inputs.back());
  return u >= 0 && m.becomes(OpCode::sigmoid, {u});
}

bool gate_by_exp(Match& m) {
  if (!m.is(OpCode::divide)) return false;
  const NodeId u = one_plus_exp_of_negative(m, m.node.inputs[1]);
  if (u < 0) return false;
  return m.becomes(OpCode::multiply, {m.node.inputs[0], m.make(OpCode::sigmoid, {u})});
}

/// From here on tanh is 1 in both precisions, and the square of exp is far from overflow.
constexpr double tanh_of_softplus_is_one = 20;

bool tanh_of_softplus(Match& m) {
  if (!m.is(OpCode::tanh)) return false;
  const NodeId v = softplus_operand(m, m.node.inputs[0]);
  if (v < 0) return false;
  const DType dtype = m.node.type.dtype;
  const NodeId two = m.constant(2, dtype);
  const NodeId held = m.make(OpCode::minimum, {v, m.constant(tanh_of_softplus_is_one, dtype)});
  const NodeId e = m.make(OpCode::exp, {held});
  const NodeId w = m.make(OpCode::multiply, {e, m.make(OpCode::add, {e, two})});
  return m.becomes(OpCode::divide, {w, m.make(OpCode::add, {w, two})});
}

/// The value of a constant that is neither so large nor so small that products with it are at risk.
std::optional<double> moderate_constant(const Match& m, NodeId id) {
  constexpr double largest = 0x1p20;
  if (!m.is(id, OpCode::constant)) return std::nullopt;
  const double value = m.at(id).attributes.number(AttributeKey::value);
  const double magnitude = std::abs(value);
  if (!(magnitude <= largest && magnitude >= 1 / largest)) return std::nullopt;
  return value;
}

/// c x^3: x, or -1.
NodeId scaled_cube(const Match& m, NodeId id) {
  if (!m.is_read_once(id, OpCode::multiply)) return -1;
  const NodeId cube = m.at(id).inputs[0];
  const bool fits = m.is_read_once(cube, OpCode::pow) &&
                    m.at(cube).attributes.has(AttributeKey::exponent) &&
                    m.at(cube).attributes.number(AttributeKey::exponent) == 3;
  return fits ? m.at(cube).inputs[0] : -1;
}

bool odd_cubic(Match& m) {
  if (!m.is(OpCode::multiply) || !m.is_read_once(m.node.inputs[0], OpCode::add)) return false;
  const auto terms = m.in(0).inputs;
  const NodeId x = scaled_cube(m, terms[1]);
  if (x < 0 || x != terms[0]) return false;
  const auto a = moderate_constant(m, m.node.inputs[1]);
  const auto c = moderate_constant(m, m.at(terms[1]).inputs[1]);
  if (!a || !c) return false;
  const NodeId square = m.make(OpCode::multiply, {x, x});
  const NodeId slope = m.constant(*a * *c, m.node.type.dtype);
  const NodeId product = m.make(OpCode::multiply, {square, slope});
  const NodeId factor = m.make(OpCode::add, {product, m.node.inputs[1]});
  return m.becomes(OpCode::multiply, {x, factor});
}

/// True if input 1 has one value for a whole row of the result, so that what is computed from it
/// alone leaves the innermost loop.
bool divides_rows(const Match& m) {
  if (!m.is(OpCode::divide) || m.node.type.rank() == 0) return false;
  const Dimensions& quotient = m.node.type.dimensions;
  const Dimensions& divisor = m.in(1).type.dimensions;
  if (divisor.rank() == 0) return true;
  return divisor[divisor.rank() - 1] == one && quotient[quotient.rank() - 1] != one;
}

bool divide_by_root(Match& m) {
  if (!divides_rows(m) || !m.input_is(1, OpCode::sqrt)) return false;
  const NodeId root = m.make(OpCode::rsqrt, {m.in(1).inputs[0]});
  return m.becomes(OpCode::multiply, {m.node.inputs[0], root});
}

/// Divisors below `tiny` have reciprocals that may overflow. Multiplied by `boost`, a power of two,
/// they have not; and a dividend that the boost makes infinite has an infinite quotient.
struct Boost {
  double tiny, boost;
};
constexpr Boost boost_of(DType dtype) {
  return dtype == f32 ? Boost{0x1p-100, 0x1p64} : Boost{0x1p-1000, 0x1p512};
}

bool divide_by_row_constant(Match& m) {
  const DType dtype = m.node.type.dtype;
  if (!divides_rows(m) || (dtype != f32 && dtype != f64)) return false;
  const NodeId x = m.node.inputs[0];
  const NodeId s = m.node.inputs[1];
  const auto [tiny, boost] = boost_of(dtype);
  const Type truth{boolean, m.at(s).type.dimensions};
  const NodeId magnitude = m.make(OpCode::abs, {s});
  const NodeId is_tiny = m.make(OpCode::less, {magnitude, m.constant(tiny, dtype)}, truth);
  const NodeId boosted = m.constant(boost, dtype);
  const NodeId as_it_is = m.constant(1, dtype);
  const Type of_divisor = m.at(s).type;
  const NodeId k = m.make(OpCode::where, {is_tiny, boosted, as_it_is}, of_divisor);
  const NodeId inverse = m.make(OpCode::reciprocal, {m.make(OpCode::multiply, {s, k})});
  return m.becomes(OpCode::multiply, {m.make(OpCode::multiply, {x, k}, m.node.type), inverse});
}

// clang-format off
constexpr Rule rules[] = {
    {"(1 + tanh(u)) 0.5 = sigmoid(2u); 2u overflows only where both are 1 or 0",                half_of_one_plus_tanh},
    {"(0.5 x)(1 + tanh(u)) = x sigmoid(2u); no larger than x, and no cancellation for u < 0",   gate_by_tanh},
    {"1 / (1 + exp(-u)) = sigmoid(u); finite for all u, also where exp(-u) overflows",          spelled_sigmoid},
    {"x / (1 + exp(-u)) = x sigmoid(u); no larger than x, also where exp(-u) overflows",        gate_by_exp},
    {"tanh(softplus(v)) = w / (w + 2), w = e (e + 2), e = exp(min(v, 20)); nothing cancels",    tanh_of_softplus},
    {"x / sqrt(y) = x rsqrt(y) for y constant along rows; rsqrt(y) overflows only for y = 0",   divide_by_root},
    {"x / s = (x k) (1 / (s k)) for s constant along rows; k = 2^n keeps 1 / (s k) finite",     divide_by_row_constant},
};

// After the others: sigmoid(2u) puts its 2 into a constant factor, which this one takes apart.
constexpr Rule last_rules[] = {
    {"a (x + c x^3) = x (a + a c x^2) for constants; overflows later, cancels where x + c x^3 does", odd_cubic},
};
// clang-format on

}  // namespace

void rewrite_fast(Graph& graph, const PassOptions& options) {
  // Dead readers would keep rules from looking through what they read.
  eliminate_dead(graph, options);
  apply_rules(graph, rules);
  eliminate_dead(graph, options);
  apply_rules(graph, last_rules);
  // Rules make the same scalars and constants for many nodes, and leave behind what they replaced.
  eliminate_common(graph, options);
  eliminate_dead(graph, options);
}

}  // namespace onepass::ir
