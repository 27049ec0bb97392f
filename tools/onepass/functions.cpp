// SPDX-License-Identifier: Apache-2.0
// Names to functions. The tables of ir/ say which element-wise functions there are.
#include "functions.h"

#include <fmt/format.h>

namespace onepass::tool {
namespace {

std::string_view parameters(ir::OpCode op) {
  constexpr std::string_view names = "x, y, z";
  constexpr size_t spacing = 3;
  return names.substr(0, spacing * static_cast<size_t>(ir::info(op).arity) - 2);
}

}  // namespace

std::optional<Function> find_function(std::string_view name) {
  if (const StructuralCall* call = find_structural_call(name)) return call;
  if (const auto composite = ir::composite_from_name(name)) return *composite;
  const auto op = ir::op_from_name(name);
  if (op && ir::is_elementwise(*op)) return *op;
  return std::nullopt;
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const ir::OpCode op : ir::elementwise_ops()) names.push_back(ir::to_string(op));
  for (const ir::Composite composite : ir::composites()) names.push_back(to_string(composite));
  for (const StructuralCall& call : structural_calls()) names.push_back(call.name());
  for (const StructuralCall& call : array_composite_calls()) names.push_back(call.name());
  return names;
}

std::string signature(const Function& function) {
  if (const auto* op = std::get_if<ir::OpCode>(&function)) {
    return fmt::format("{}({})", ir::to_string(*op), parameters(*op));
  }
  if (const auto* composite = std::get_if<ir::Composite>(&function)) {
    return fmt::format("{}({})", to_string(*composite), ir::info(*composite).parameters);
  }
  return std::string(std::get<const StructuralCall*>(function)->signature);
}

}  // namespace onepass::tool
