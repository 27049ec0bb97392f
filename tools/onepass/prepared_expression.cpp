// SPDX-License-Identifier: Apache-2.0
// From text to a value, with every error located.
#include "prepared_expression.h"

#include "onepass/engine/value_node.h"
#include "parser.h"

namespace onepass::tool {
namespace {

[[noreturn]] void throw_located(const ExpressionError& error, const std::string& source) {
  throw UserError(std::string(error.what()) + "\n" + underline(source, error.span()));
}

std::string without_leading_spaces(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? std::string() : text.substr(first);
}

std::vector<std::string_view> names_of(const std::vector<Binding>& bindings) {
  std::vector<std::string_view> names;
  for (const Binding& binding : bindings) names.push_back(binding.name);
  return names;
}

std::vector<LeafName> leaves_of(const Names& names) {
  std::vector<LeafName> leaves;
  for (const auto& [name, operand] : names) {
    if (const Value* value = std::get_if<Value>(&operand)) {
      leaves.push_back({value->node().leaf, name});
    }
  }
  return leaves;
}

}  // namespace

PreparedExpression::PreparedExpression(std::string source, std::span<const std::string> bindings,
                                       const FillOptions& fill)
    : source_(without_leading_spaces(source)), bindings_(parse_bindings(bindings)) {
  try {
    const Syntax syntax = parse_expression(source_);
    check_names(syntax, names_of(bindings_));
    Names names = materialize(bindings_, fill);
    leaf_names_ = leaves_of(names);
    built_ = std::make_unique<BuiltExpression>(syntax, std::move(names));
  } catch (const ExpressionError& error) {
    throw_located(error, source_);
  }
}

void PreparedExpression::show_place() const {
  try {
    built_->locate_error();
  } catch (const ExpressionError& error) {
    throw_located(error, source_);
  }
}

}  // namespace onepass::tool
