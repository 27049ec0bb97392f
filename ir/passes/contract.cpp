// SPDX-License-Identifier: Apache-2.0
// Products that end in one sum become fma, with one rounding instead of two. A difference of two
// products stays: both are rounded alike, so that equal products cancel.
#include "onepass/ir/passes/passes.h"
#include "onepass/ir/passes/rule.h"

namespace onepass::ir {
namespace {

bool is_contractible(const Match& m, size_t i) {
  const DType dtype = m.node.type.dtype;
  return (dtype == f32 || dtype == f64) && m.is_read_once(m.node.inputs[i], OpCode::multiply);
}

bool add_product(Match& m) {
  if (!m.is(OpCode::add)) return false;
  for (const size_t i : {0, 1}) {
    if (!is_contractible(m, i)) continue;
    const std::vector<NodeId> factors = m.in(i).inputs;
    return m.becomes(OpCode::fma, {factors[0], factors[1], m.node.inputs[1 - i]});
  }
  return false;
}

bool subtract_from_product(Match& m) {
  if (!m.is(OpCode::subtract) || m.input_is(1, OpCode::multiply)) return false;
  if (!is_contractible(m, 0)) return false;
  const std::vector<NodeId> factors = m.in(0).inputs;
  const NodeId c = m.make(OpCode::negative, {m.node.inputs[1]});
  return m.becomes(OpCode::fma, {factors[0], factors[1], c});
}

bool subtract_product(Match& m) {
  if (!m.is(OpCode::subtract) || m.input_is(0, OpCode::multiply)) return false;
  if (!is_contractible(m, 1)) return false;
  std::vector<NodeId> factors = m.in(1).inputs;
  // The sign of a scalar is changed once, not for every element.
  const size_t negated = m.at(factors[1]).type.rank() == 0 ? 1 : 0;
  factors[negated] = m.make(OpCode::negative, {factors[negated]});
  return m.becomes(OpCode::fma, {factors[0], factors[1], m.node.inputs[0]});
}

constexpr Rule rules[] = {
    {"a b + c = fma(a, b, c)", add_product},
    {"a b - c = fma(a, b, -c)", subtract_from_product},
    {"c - a b = fma(-a, b, c)", subtract_product},
};

}  // namespace

void contract(Graph& graph, const PassOptions& options) {
  // A dead reader of a product is no reason to keep it.
  eliminate_dead(graph, options);
  apply_rules(graph, rules);
  eliminate_dead(graph, options);
}

}  // namespace onepass::ir
