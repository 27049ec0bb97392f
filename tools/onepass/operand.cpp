// SPDX-License-Identifier: Apache-2.0
// Applying functions to arrays and numbers. Numbers are computed by the library itself, in 64 bits,
// so that there is no second definition of any function.
#include "operand.h"

#include <algorithm>
#include <vector>

namespace onepass::tool {
namespace {

template <class T>
Tensor single(T value) {
  return Tensor::copy_of(std::span<const T>(&value, 1), Shape{});
}

enum class Widening {
  numbers,   // what is no boolean becomes i64, or f64 if one of them is not an integer
  integers,  // booleans too
  doubles,   // everything becomes f64
};

bool fits_i64(const Number& number) { return as_integer(number).has_value(); }

Number number_of(const Tensor& tensor) {
  if (tensor.dtype() == boolean) return tensor.item<bool>();
  if (tensor.dtype() == i64) return tensor.item<int64_t>();
  return tensor.item<double>();
}

template <class Code>
Number compute(Code code, std::span<const Number> numbers, Widening widening) {
  const bool integers = std::all_of(numbers.begin(), numbers.end(), fits_i64);
  std::vector<Value> operands;
  for (const Number& number : numbers) {
    if (widening == Widening::numbers && std::holds_alternative<bool>(number)) {
      operands.emplace_back(single(std::get<bool>(number)));
    } else if (integers && widening != Widening::doubles) {
      operands.emplace_back(single(*as_integer(number)));
    } else {
      operands.emplace_back(single(as_double(number)));
    }
  }
  return number_of(evaluate(Value::apply(code, operands), {.mode = Mode::interpreted}));
}

/// As in Python, an integer to a negative power is no integer.
bool needs_doubles(ir::OpCode op, std::span<const Number> numbers) {
  return op == ir::OpCode::pow && as_double(numbers[1]) < 0;
}
bool needs_doubles(ir::Composite, std::span<const Number>) { return false; }

/// In the narrowest types that the function takes.
template <class Code>
Number compute(Code code, std::span<const Number> numbers) {
  if (!needs_doubles(code, numbers)) {
    for (const Widening widening : {Widening::numbers, Widening::integers}) {
      try {
        return compute(code, numbers, widening);
      } catch (const UserError&) {
        // The function does not take these types; the next ones are wider.
      }
    }
  }
  return compute(code, numbers, Widening::doubles);
}

template <class Code>
Operand applied(Code code, std::span<const Operand> operands) {
  std::vector<Number> numbers;
  std::vector<Value> values;
  for (const Operand& operand : operands) {
    if (const auto* number = std::get_if<Number>(&operand)) numbers.push_back(*number);
    values.push_back(as_value(operand));
  }
  if (numbers.size() == operands.size() && !numbers.empty()) return compute(code, numbers);
  return Value::apply(code, values);
}

}  // namespace

Value as_value(const Operand& operand) {
  if (const auto* value = std::get_if<Value>(&operand)) return *value;
  return std::visit([](auto number) { return Value(number); }, std::get<Number>(operand));
}

Tensor as_tensor(const Number& number) {
  return std::visit([](auto value) { return single(value); }, number);
}

Operand apply_to(ir::OpCode op, std::span<const Operand> operands) { return applied(op, operands); }

Operand apply_to(ir::Composite composite, std::span<const Operand> operands) {
  return applied(composite, operands);
}

}  // namespace onepass::tool
