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

enum class Widening { none, integers, doubles };

Tensor widened(const Number& number, Widening widening) {
  if (widening == Widening::doubles) return single(as_double(number));
  if (widening == Widening::integers) return single(*as_integer(number));
  return as_tensor(number);
}

Number number_of(const Tensor& tensor) {
  if (tensor.dtype() == boolean) return tensor.item<bool>();
  if (tensor.dtype() == i64) return tensor.item<int64_t>();
  if (tensor.dtype() == u64) return tensor.item<uint64_t>();
  return tensor.item<double>();
}

template <class Code>
Number compute(Code code, std::span<const Number> numbers, Widening widening) {
  std::vector<Value> operands;
  for (const Number& number : numbers) operands.emplace_back(widened(number, widening));
  return number_of(evaluate(Value::apply(code, operands), {.mode = Mode::interpreted}));
}

/// In the first of these that the function accepts: numbers as they are, as integers, as doubles.
template <class Code>
Number compute(Code code, std::span<const Number> numbers) {
  const bool all_fit = std::all_of(numbers.begin(), numbers.end(), [](const Number& number) {
    return as_integer(number).has_value();
  });
  for (const Widening widening : {Widening::none, Widening::integers}) {
    if (widening == Widening::integers && !all_fit) continue;
    try {
      return compute(code, numbers, widening);
    } catch (const UserError&) {
      // The function does not take these types; the next ones are wider.
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
