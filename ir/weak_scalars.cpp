// SPDX-License-Identifier: Apache-2.0
// Open scalars: which dtypes a literal may take, and the nodes made of it.
#include "onepass/ir/weak_scalars.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

constexpr double two_to_63 = 9223372036854775808.0;

/// Literals beside half tensors are f32: see ir/graph.h.
DType literal_dtype(DType beside) { return is_half(beside) ? f32 : beside; }

/// The range of an integer dtype, as text and as a test.
bool fits(const WeakScalar& weak, DType dtype) {
  if (weak.beyond_i64) return dtype == u64;
  return visit_dtype(dtype, [&](auto element) {
    using T = decltype(element);
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      return std::in_range<T>(weak.integer);
    } else {
      return true;
    }
  });
}

std::string range_text(DType dtype) {
  return visit_dtype(dtype, [&](auto element) -> std::string {
    using T = decltype(element);
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      return fmt::format("{} to {}", +std::numeric_limits<T>::min(),
                         +std::numeric_limits<T>::max());
    } else {
      return {};
    }
  });
}

int64_t memo_key(int weak, DType dtype) {
  return int64_t{weak} * dtype_count + static_cast<int64_t>(dtype);
}

bool is_predicate(OpCode op) {
  return info(op).rule == TypeRule::equality || info(op).rule == TypeRule::ordering;
}

}  // namespace

int WeakScalars::add_literal(WeakKind kind, double example, int64_t integer_example) {
  WeakScalar weak;
  weak.source = WeakScalar::Source::call;
  weak.kind = kind;
  weak.value = example;
  weak.integer = integer_example;
  weak.beyond_i64 = kind == WeakKind::integer && example >= two_to_63;
  weak.slot = static_cast<int>(literals_.size());
  list_.push_back(std::move(weak));
  literals_.push_back(static_cast<int>(list_.size()) - 1);
  return literals_.back();
}

int WeakScalars::add_constant(WeakKind kind, double value) {
  WeakScalar weak;
  weak.kind = kind;
  weak.value = value;
  if (kind == WeakKind::integer) weak.integer = static_cast<int64_t>(value);
  list_.push_back(std::move(weak));
  return static_cast<int>(list_.size()) - 1;
}

int WeakScalars::combine(OpCode op, std::span<const int> inputs, Attributes attributes) {
  WeakScalar weak;
  weak.source = WeakScalar::Source::combination;
  weak.kind = kind_of_combination(op, inputs);
  weak.op = op;
  weak.inputs.assign(inputs.begin(), inputs.end());
  weak.attributes = std::move(attributes);
  list_.push_back(std::move(weak));
  return static_cast<int>(list_.size()) - 1;
}

WeakKind WeakScalars::kind_of_combination(OpCode op, std::span<const int> inputs) const {
  const TypeRule rule = info(op).rule;
  if (is_predicate(op) || rule == TypeRule::boolean) return WeakKind::boolean;
  if (rule == TypeRule::float_like) return WeakKind::floating;
  WeakKind kind = WeakKind::boolean;
  for (size_t i = rule == TypeRule::select ? 1 : 0; i < inputs.size(); ++i) {
    kind = std::max(kind, (*this)[inputs[i]].kind);
  }
  return kind;
}

DType WeakScalars::default_dtype(int weak) const {
  const WeakScalar& scalar = (*this)[weak];
  if (scalar.kind == WeakKind::boolean) return boolean;
  if (scalar.kind == WeakKind::floating) return f32;
  return scalar.beyond_i64 ? u64 : i64;
}

std::string WeakScalars::describe(int weak) const {
  const WeakScalar& scalar = (*this)[weak];
  if (scalar.source == WeakScalar::Source::combination) return "an expression of literals";
  if (scalar.kind == WeakKind::boolean) {
    return scalar.value != 0 || scalar.integer != 0 ? "the literal true" : "the literal false";
  }
  if (scalar.kind == WeakKind::floating) return fmt::format("the literal {}", scalar.value);
  if (scalar.beyond_i64) {
    return fmt::format("the literal {:.0f}", scalar.value);
  }
  return fmt::format("the literal {}", scalar.integer);
}

void WeakScalars::check(int weak, DType dtype, const std::string& context) const {
  const WeakScalar& scalar = (*this)[weak];
  if ((scalar.kind == WeakKind::boolean) != (dtype == boolean)) {
    throw UserError(
        fmt::format("{}; a boolean mixes with booleans only. Cast the tensor first, "
                    "for example astype(x, {}).",
                    context, scalar.kind == WeakKind::boolean ? "boolean" : "i32"));
  }
  if (scalar.kind == WeakKind::floating && !is_floating(dtype)) {
    throw UserError(
        fmt::format("{}; a floating literal needs a floating tensor. Cast the tensor "
                    "first, for example astype(x, f32).",
                    context));
  }
  const bool has_value = scalar.source != WeakScalar::Source::combination;
  if (has_value && scalar.kind == WeakKind::integer && !fits(scalar, dtype)) {
    throw UserError(fmt::format(
        "{}; a literal must lie in the range of {}, {}. Cast the tensor "
        "first, for example astype(x, {}).",
        context, to_string(dtype), range_text(dtype), scalar.beyond_i64 ? "u64" : "i64"));
  }
}

NodeId WeakScalars::find(int weak, DType dtype) const {
  const auto found = nodes_.find(memo_key(weak, dtype));
  return found == nodes_.end() ? -1 : found->second;
}

DType WeakScalars::operand_dtype(const WeakScalar& combination, size_t operand, DType dtype) const {
  const int input = combination.inputs[operand];
  if (info(combination.op).rule == TypeRule::select && operand == 0) return boolean;
  if (!is_predicate(combination.op)) return dtype;
  WeakKind kind = WeakKind::boolean;
  for (const int i : combination.inputs) kind = std::max(kind, (*this)[i].kind);
  return kind == WeakKind::floating ? f32 : default_dtype(input);
}

NodeId WeakScalars::materialise(int weak, DType beside, const std::string& context) {
  const auto text = [&] { return context.empty() ? "literal: it is " + describe(weak) : context; };
  // Operands first, with a stack of our own: combinations may be deep.
  std::vector<std::pair<int, DType>> waiting = {{weak, literal_dtype(beside)}};
  while (!waiting.empty()) {
    const auto [current, dtype] = waiting.back();
    const size_t before = waiting.size();
    if (find(current, dtype) < 0) {
      check(current, dtype, text());
      const WeakScalar& scalar = (*this)[current];
      for (size_t i = 0; i < scalar.inputs.size(); ++i) {
        const DType needed = operand_dtype(scalar, i, dtype);
        if (find(scalar.inputs[i], needed) < 0) waiting.push_back({scalar.inputs[i], needed});
      }
      if (waiting.size() == before) nodes_[memo_key(current, dtype)] = make_node(current, dtype);
    }
    if (waiting.size() == before) waiting.pop_back();
  }
  return find(weak, literal_dtype(beside));
}

NodeId WeakScalars::make_node(int weak, DType dtype) {
  const WeakScalar& scalar = (*this)[weak];
  if (scalar.source == WeakScalar::Source::combination) return make_combination(scalar, dtype);
  Node node;
  node.type = Type{dtype, {}};
  if (scalar.source == WeakScalar::Source::call) {
    node.op = OpCode::scalar;
  } else {
    node.op = OpCode::constant;
    node.attributes.set_number(AttributeKey::value, scalar.value);
    node.attributes.set(AttributeKey::dtype, static_cast<int64_t>(dtype));
  }
  return graph_.append(std::move(node));
}

NodeId WeakScalars::make_combination(const WeakScalar& weak, DType dtype) {
  Node node;
  node.op = weak.op;
  node.attributes = weak.attributes;
  std::vector<Type> types;
  for (size_t i = 0; i < weak.inputs.size(); ++i) {
    node.inputs.push_back(find(weak.inputs[i], operand_dtype(weak, i, dtype)));
    types.push_back(graph_.node(node.inputs.back()).type);
  }
  SymbolTable symbols(graph_.symbols);
  node.type = infer(node.op, types, node.attributes, symbols);
  return graph_.append(std::move(node));
}

std::vector<WeakScalars::Slot> WeakScalars::slots() const {
  std::vector<Slot> slots(literals_.size());
  for (size_t i = 0; i < slots.size(); ++i) {
    Slot& slot = slots[i];
    bool all_floating = true;
    for (int d = 0; d < dtype_count; ++d) {
      const auto dtype = static_cast<DType>(d);
      const NodeId node = find(literals_[i], dtype);
      if (node < 0) continue;
      slot.nodes.emplace(dtype, node);
      all_floating = all_floating && is_floating(dtype);
    }
    // Several readers: the widest dtype, which converts to each of them exactly as the literal
    // itself would.
    if (slot.nodes.empty()) {
      slot.dtype = default_dtype(literals_[i]);
    } else if (slot.nodes.size() == 1) {
      slot.dtype = slot.nodes.begin()->first;
    } else {
      slot.dtype = all_floating ? f64 : default_dtype(literals_[i]);
    }
  }
  return slots;
}

}  // namespace onepass::ir
