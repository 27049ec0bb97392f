// SPDX-License-Identifier: Apache-2.0
// Rewrites that keep every bit, one rule a row. x + 0 and x * 0 are not among them: they change -0,
// inf and NaN.
#include <algorithm>

#include "onepass/ir/passes/passes.h"
#include "onepass/ir/passes/rule.h"
#include "onepass/ir/reduction.h"

namespace onepass::ir {
namespace {

bool is_own_inverse(OpCode op) {
  return op == OpCode::negative || op == OpCode::logical_not || op == OpCode::bitwise_invert;
}

/// f(f(x)) == f(x)
bool is_idempotent(OpCode op) {
  return op == OpCode::abs || op == OpCode::floor || op == OpCode::ceil || op == OpCode::round ||
         op == OpCode::trunc || op == OpCode::sign;
}

/// f(x, x) == x
bool is_selection(OpCode op) {
  return op == OpCode::minimum || op == OpCode::maximum || op == OpCode::logical_and ||
         op == OpCode::logical_or || op == OpCode::bitwise_and || op == OpCode::bitwise_or;
}

/// Bits of the integers that a dtype holds exactly.
int exact_bits(DType dtype) {
  constexpr int f16_bits = 11, bf16_bits = 8, f32_bits = 24, f64_bits = 53;
  if (dtype == f16) return f16_bits;
  if (dtype == bf16) return bf16_bits;
  if (dtype == f32) return f32_bits;
  if (dtype == f64) return f64_bits;
  return dtype == boolean ? 1 : 8 * byte_size(dtype) - is_signed_integer(dtype);
}

/// True if a cast keeps every value.
bool is_lossless(DType from, DType to) {
  if (from == boolean) return !is_half(to);
  if (is_half(to) || to == boolean) return false;
  if (is_floating(from)) return is_floating(to) && byte_size(from) <= byte_size(to);
  if (is_signed_integer(from) && is_unsigned_integer(to)) return false;
  return exact_bits(from) <= exact_bits(to);
}

/// True if cast(cast(x)) is cast(x): the inner cast keeps every value, and the outer one treats the
/// two dtypes alike (integers wrap into integers, floats saturate).
bool is_skippable(DType from, DType through, DType to) {
  if (!is_lossless(from, through)) return false;
  const bool would_wrap = is_integer(from) && is_floating(through) && is_integer(to);
  return !would_wrap || is_lossless(from, to);
}

/// permute(permute(x)): dimension i is dimension inner[outer[i]] of x.
bool compose_permutations(Match& m) {
  const auto outer = m.node.attributes.words(AttributeKey::permutation);
  const auto inner = m.in(0).attributes.words(AttributeKey::permutation);
  std::vector<int64_t> composed;
  for (const int64_t d : outer) composed.push_back(inner[static_cast<size_t>(d)]);
  const NodeId x = m.in(0).inputs[0];
  if (std::is_sorted(composed.begin(), composed.end())) return m.becomes(x);
  m.node.attributes.set(AttributeKey::permutation, std::move(composed));
  m.node.inputs = {x};
  return true;
}

/// reshape(reshape(x)), broadcast_to(broadcast_to(x)), cast(exact cast(x)): the inner one does not
/// show.
bool skip_inner(Match& m) {
  const NodeId x = m.in(0).inputs[0];
  const bool may_drop = !is_half(m.node.type.dtype) || m.node.op != OpCode::cast;
  if (may_drop && m.becomes(x)) return true;
  m.node.inputs = {x};
  return true;
}

/// A reduction of one element at a time, which combines nothing: the same elements in fewer
/// dimensions.
bool reduces_single_elements(Match& m) {
  if (!is_reduction(m.node.op) || !gives_elements(m.node.op)) return false;
  const Type& x = m.in(0).type;
  const auto axes = m.node.attributes.words(AttributeKey::axes);
  const bool single = std::all_of(axes.begin(), axes.end(), [&](int64_t axis) {
    return x.dimensions[static_cast<int>(axis)] == one;
  });
  if (axes.empty() || !single || x.dtype != m.node.type.dtype) return false;
  if (m.becomes_input(0)) return true;  // of the same type: the dimensions were kept
  const Dimensions& kept = m.node.type.dimensions;
  m.node.op = OpCode::reshape;
  m.node.attributes = {};
  m.node.attributes.set(AttributeKey::dimensions, {kept.begin(), kept.end()});
  return true;
}

// clang-format off
constexpr Rule rules[] = {
    {"x * 1 = x",                 [](Match& m) { return m.is(OpCode::multiply) && m.input_is(1, 1.0) && m.becomes_input(0); }},
    {"x / 1 = x",                 [](Match& m) { return m.is(OpCode::divide) && m.input_is(1, 1.0) && m.becomes_input(0); }},
    {"x + (-0) = x",              [](Match& m) { return m.is(OpCode::add) && m.input_is(1, -0.0) && m.becomes_input(0); }},
    {"x - 0 = x",                 [](Match& m) { return m.is(OpCode::subtract) && m.input_is(1, 0.0) && m.becomes_input(0); }},
    {"i + 0 = i for integers",    [](Match& m) { return m.is(OpCode::add) && m.integers() && m.input_is(1, 0.0) && m.becomes_input(0); }},
    {"i << 0 = i",                [](Match& m) { return m.is(OpCode::bitwise_left_shift) && m.input_is(1, 0.0) && m.becomes_input(0); }},
    {"i >> 0 = i",                [](Match& m) { return m.is(OpCode::bitwise_right_shift) && m.input_is(1, 0.0) && m.becomes_input(0); }},
    {"x + (-y) = x - y",          [](Match& m) { return m.is(OpCode::add) && m.input_is(1, OpCode::negative) && m.becomes(OpCode::subtract, {m.node.inputs[0], m.in(1).inputs[0]}); }},
    {"(-x) + y = y - x",          [](Match& m) { return m.is(OpCode::add) && m.input_is(0, OpCode::negative) && m.becomes(OpCode::subtract, {m.node.inputs[1], m.in(0).inputs[0]}); }},
    {"x - (-y) = x + y",          [](Match& m) { return m.is(OpCode::subtract) && m.input_is(1, OpCode::negative) && m.becomes(OpCode::add, {m.node.inputs[0], m.in(1).inputs[0]}); }},
    {"f(f(x)) = x, own inverse",  [](Match& m) { return is_own_inverse(m.node.op) && m.input_is(0, m.node.op) && m.becomes_input_of_input(); }},
    {"f(f(x)) = f(x)",            [](Match& m) { return is_idempotent(m.node.op) && m.input_is(0, m.node.op) && m.becomes_input(0); }},
    {"even f: f(-x) = f(x)",      [](Match& m) { return (info(m.node.op).laws & laws::even) && m.input_is(0, OpCode::negative) && m.becomes(m.node.op, {m.in(0).inputs[0]}); }},
    {"even f: f(abs(x)) = f(x)",  [](Match& m) { return (info(m.node.op).laws & laws::even) && m.input_is(0, OpCode::abs) && !m.is(OpCode::abs) && m.becomes(m.node.op, {m.in(0).inputs[0]}); }},
    {"f(x, x) = x, a selection",  [](Match& m) { return is_selection(m.node.op) && m.node.inputs[0] == m.node.inputs[1] && m.becomes_input(0); }},
    {"where(c, x, x) = x",        [](Match& m) { return m.is(OpCode::where) && m.node.inputs[1] == m.node.inputs[2] && m.becomes_input(1); }},
    {"permute of permute",        [](Match& m) { return m.is(OpCode::permute_dims) && m.input_is(0, OpCode::permute_dims) && compose_permutations(m); }},
    {"reshape of reshape",        [](Match& m) { return m.is(OpCode::reshape) && m.input_is(0, OpCode::reshape) && skip_inner(m); }},
    {"broadcast of broadcast",    [](Match& m) { return m.is(OpCode::broadcast_to) && m.input_is(0, OpCode::broadcast_to) && skip_inner(m); }},
    {"reduction of one element",  reduces_single_elements},
    {"cast of an exact cast",     [](Match& m) { return m.is(OpCode::cast) && m.input_is(0, OpCode::cast) && is_skippable(m.rewriter.node(m.in(0).inputs[0]).type.dtype, m.in(0).type.dtype, m.node.type.dtype) && skip_inner(m); }},
};
// clang-format on

}  // namespace

void simplify(Graph& graph, const PassOptions&) { apply_rules(graph, rules); }

}  // namespace onepass::ir
