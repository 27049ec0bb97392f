// SPDX-License-Identifier: Apache-2.0
// Types of element-wise ops: accepted dtypes and broadcasting; the dispatch to the structural
// rules.
#include "onepass/ir/type_rules.h"

#include <fmt/format.h>

#include "onepass/ir/reduction.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

/// What errors call the operands of an op.
std::string operand_name(OpCode op, size_t i, size_t count) {
  if (op == OpCode::matmul) return i == 0 ? "lhs" : "rhs";
  if (op == OpCode::concat || count > 3) return fmt::format("input {}", i);
  return std::string(1, "xyz"[i]);
}

/// What a rule asks for, as errors say it, and an example of a dtype that has it.
struct Demand {
  std::string_view words;
  std::string_view example;
};

Demand demand(TypeRule rule) {
  switch (rule) {
    case TypeRule::float_like:
      return {"a floating", "f32"};
    case TypeRule::boolean:
      return {"a boolean", "boolean"};
    case TypeRule::bits:
      return {"a boolean or integer", "i32"};
    case TypeRule::shift:
      return {"an integer", "i32"};
    default:
      return {"a numeric", "f32"};
  }
}

/// The extents of a result that x and y broadcast to. Names the first pair, from the right, that
/// does not fit.
Dimensions broadcast(OpCode op, std::span<const Type> inputs, SymbolTable& symbols) {
  int rank = 0;
  for (const Type& type : inputs) rank = std::max(rank, type.rank());
  Dimensions result;
  for (int d = 0; d < rank; ++d) result.push_back(one);
  std::vector<size_t> owner(static_cast<size_t>(rank));
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Type& type = inputs[i];
    for (int back = 1; back <= type.rank(); ++back) {
      const Dimension d = symbols.canonical(type.dimensions[type.rank() - back]);
      const int place = rank - back;
      if (d == one) continue;
      if (result[place] == one) {
        result[place] = d;
        owner[static_cast<size_t>(place)] = i;
      } else if (!symbols.unify(result[place], d)) {
        const size_t other = owner[static_cast<size_t>(place)];
        throw UserError(fmt::format(
            "{}: {}; shapes must broadcast, but {}.shape[-{}] = {} and {}.shape[-{}] = {}.",
            to_string(op), describe_operands(op, inputs, symbols),
            operand_name(op, other, inputs.size()), back, symbols.extent(result[place]),
            operand_name(op, i, inputs.size()), back, symbols.extent(d)));
      }
      result[place] = symbols.canonical(result[place]);
    }
  }
  return result;
}

/// A literal beside a half tensor is an f32 of rank 0: see ir/graph.h.
bool is_literal_beside_half(const Type& type, DType common) {
  return is_half(common) && type.dtype == f32 && type.rank() == 0;
}

/// The dtype that operands [first, ..) share.
DType common_dtype(OpCode op, std::span<const Type> inputs, size_t first, SymbolTable& symbols) {
  DType common = inputs[first].dtype;
  for (size_t i = first; i < inputs.size(); ++i) {
    if (is_literal_beside_half(inputs[first], inputs[i].dtype)) common = inputs[i].dtype;
  }
  for (size_t i = first; i < inputs.size(); ++i) {
    if (inputs[i].dtype != common && !is_literal_beside_half(inputs[i], common)) {
      throw UserError(fmt::format("{}: {}; dtypes must be equal. Cast one first.", to_string(op),
                                  describe_operands(op, inputs, symbols)));
    }
  }
  return common;
}

Type infer_elementwise(OpCode op, std::span<const Type> inputs, SymbolTable& symbols) {
  check_operand_dtypes(op, inputs, symbols);
  const TypeRule rule = info(op).rule;
  const DType common = common_dtype(op, inputs, rule == TypeRule::select ? 1 : 0, symbols);
  const bool predicate = rule == TypeRule::equality || rule == TypeRule::ordering;
  return Type{.dtype = predicate ? boolean : common, .dimensions = broadcast(op, inputs, symbols)};
}

constexpr AttributeKey exponent_only[] = {AttributeKey::exponent};
constexpr AttributeKey reduction_keys[] = {AttributeKey::axes, AttributeKey::keepdims};

/// The attributes of each structural op, from its row.
std::span<const AttributeKey> structural_attributes(OpCode op) {
  using enum AttributeKey;
#define ONEPASS_ATTRIBUTE_LIST(...) {__VA_ARGS__}
#define ONEPASS_STRUCTURAL_OP(name, arity, attributes, doc) \
  static constexpr AttributeKey name##_keys[] = ONEPASS_ATTRIBUTE_LIST attributes;
#include "onepass/ir/structural_ops.def"
  switch (op) {
#define ONEPASS_STRUCTURAL_OP(name, arity, attributes, doc) \
  case OpCode::name:                                        \
    return name##_keys;
#include "onepass/ir/structural_ops.def"
    default:
      return {};
  }
#undef ONEPASS_ATTRIBUTE_LIST
}

AttributeRules source_attribute_rules(OpCode op) {
  using enum AttributeKey;
  static constexpr AttributeKey constant_keys[] = {value, dtype};
  static constexpr AttributeKey fused_keys[] = {reasons};
  static constexpr AttributeKey result_keys[] = {index};
  if (op == OpCode::constant) return {constant_keys, constant_keys};
  if (op == OpCode::fused) return {fused_keys, {}};
  if (op == OpCode::result) return {result_keys, result_keys};
  return {};
}

}  // namespace

AttributeRules attribute_rules(OpCode op) {
  if (op == OpCode::pow) return {exponent_only, {}};
  if (is_elementwise(op)) return {};
  const std::span<const AttributeKey> keys = structural_attributes(op);
  if (op == OpCode::matmul) return {keys, {}};
  if (is_reduction(op)) return {keys, reduction_keys};
  if (!keys.empty()) return {keys, keys};
  return source_attribute_rules(op);
}

int expected_inputs(OpCode op, const Attributes& attributes) {
  if (op == OpCode::pow && attributes.has(AttributeKey::exponent)) return 1;
  return info(op).arity;
}

bool accepts(TypeRule rule, DType dtype) {
  switch (rule) {
    case TypeRule::numeric:
    case TypeRule::ordering:
      return dtype != boolean;
    case TypeRule::float_like:
      return is_floating(dtype);
    case TypeRule::boolean:
      return dtype == boolean;
    case TypeRule::bits:
      return !is_floating(dtype);
    case TypeRule::shift:
      return is_integer(dtype);
    case TypeRule::equality:
    case TypeRule::select:
    case TypeRule::structural:
      return true;
  }
  return false;
}

void check_operand_dtypes(OpCode op, std::span<const Type> inputs, const SymbolTable& symbols) {
  const TypeRule rule = info(op).rule;
  if (rule == TypeRule::select && inputs[0].dtype != boolean) {
    throw UserError(fmt::format("{}: {}; x must be boolean. Compare it first, for example x != 0.",
                                to_string(op), describe_operands(op, inputs, symbols)));
  }
  for (const Type& type : inputs) {
    if (accepts(rule, type.dtype)) continue;
    throw UserError(fmt::format("{}: {}; {}", to_string(op), describe_operands(op, inputs, symbols),
                                demand_text(op, inputs.size())));
  }
}

std::string demand_text(OpCode op, size_t operands) {
  const Demand needed = demand(info(op).rule);
  return fmt::format("it needs {} dtype. Cast {} first, for example astype(x, {}).", needed.words,
                     operands == 1 ? "it" : "them", needed.example);
}

Type infer(OpCode op, std::span<const Type> inputs, const Attributes& attributes,
           SymbolTable& symbols) {
  const int expected = expected_inputs(op, attributes);
  if (expected >= 0 ? inputs.size() != static_cast<size_t>(expected) : inputs.empty()) {
    throw UserError(fmt::format("{}: {} operands; it takes {}.", to_string(op), inputs.size(),
                                expected >= 0 ? std::to_string(expected) : "at least 1"));
  }
  if (is_elementwise(op)) return infer_elementwise(op, inputs, symbols);
  switch (op) {
#define ONEPASS_STRUCTURAL_OP(name, ...) \
  case OpCode::name:                     \
    return infer_##name(inputs, attributes, symbols);
#include "onepass/ir/structural_ops.def"
    default:
      throw InternalError("no type rule for this op");
  }
}

std::string describe_operands(OpCode op, std::span<const Type> inputs, const SymbolTable& symbols) {
  std::vector<std::string> operands;
  for (const Type& type : inputs) operands.push_back(to_string(type, symbols));
  return describe_operands(op, operands);
}

std::string describe_operands(OpCode op, std::span<const std::string> operands) {
  std::string text;
  for (size_t i = 0; i < operands.size(); ++i) {
    text += fmt::format("{}{} is {}", i == 0 ? "" : ", ", operand_name(op, i, operands.size()),
                        operands[i]);
  }
  return text;
}

std::string to_string(const Type& type, const SymbolTable& symbols) {
  return std::string(to_string(type.dtype)) + to_string(symbols.shape(type.dimensions));
}

}  // namespace onepass::ir
