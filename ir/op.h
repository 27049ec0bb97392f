// SPDX-License-Identifier: Apache-2.0
// Op codes and what is known of each, stamped from ops.def and structural_ops.def.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace onepass::ir {

enum class OpCode : uint8_t {
  // Sources and kernels: nodes of a graph that are not in a table.
  input,     // an array of the call
  scalar,    // a run-time scalar of the call
  constant,  // a value fixed in the graph
  fused,     // a kernel: owns a graph as its body
  result,    // one further result of a fused node
#define ONEPASS_OP(name, ...) name,
#include "onepass/ir/ops.def"
#define ONEPASS_STRUCTURAL_OP(name, ...) name,
#include "onepass/ir/structural_ops.def"
};

/// How the dtypes of the inputs decide whether an op applies and what it gives. Defined in
/// type_rules.cpp.
enum class TypeRule : uint8_t {
  numeric,     // integers and floats; result like the inputs
  float_like,  // floats only; result like the inputs
  equality,    // any dtype; result boolean
  ordering,    // integers and floats; result boolean
  select,      // boolean, then two of any equal dtype; result like those
  boolean,     // booleans; result boolean
  bits,        // booleans and integers; result like the inputs
  shift,       // integers; result like the inputs
  structural,  // decided by infer_<op>
};

/// Algebraic facts, each a tested claim.
namespace laws {
inline constexpr uint8_t none = 0;
inline constexpr uint8_t commutative = 1;      // f(x, y) == f(y, x)
inline constexpr uint8_t odd = 2;              // f(-x) == -f(x)
inline constexpr uint8_t even = 4;             // f(-x) == f(x)
inline constexpr uint8_t zero_preserving = 8;  // f(0) == 0, with the sign of the zero
}  // namespace laws

struct OpInfo {
  std::string_view name;
  int arity;  // -1: any number
  TypeRule rule;
  uint8_t laws;
  double ulp_f32, ulp_f64, ulp_fast;  // error bounds; 0 is correctly rounded or exact
  double low, high;                   // where tests sample densely
  std::string_view lowering;          // text of the formula
  std::string_view doc;
};

const OpInfo& info(OpCode op);
inline std::string_view to_string(OpCode op) { return info(op).name; }
std::optional<OpCode> op_from_name(std::string_view name);

/// True for the rows of ops.def.
constexpr bool is_elementwise(OpCode op) {
  constexpr int count = 0
#define ONEPASS_OP(name, ...) +1
#include "onepass/ir/ops.def"
      ;
  const int index = static_cast<int>(op) - static_cast<int>(OpCode::add);
  return index >= 0 && index < count;
}

/// The rows of ops.def, in their order; and those of structural_ops.def.
std::span<const OpCode> elementwise_ops();
std::span<const OpCode> structural_ops();

}  // namespace onepass::ir
