// SPDX-License-Identifier: Apache-2.0
// Matching and reading arguments; every wrong one is pointed at.
#include "call_arguments.h"

#include <fmt/format.h>

#include <algorithm>

#include "spelling.h"

namespace onepass::tool {
namespace {

using Kind = SyntaxNode::Kind;

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string dtype_names() {
  std::string names;
  for (const DTypeInfo& row : dtype_table)
    names += (names.empty() ? "" : " ") + std::string(row.name);
  return names;
}

}  // namespace

CallArguments::CallArguments(const Syntax& syntax, const SyntaxNode& call, const Operands& operands,
                             std::string_view signature)
    : syntax_(syntax), call_(call), operands_(operands) {
  read_signature(signature);
  match(signature);
}

void CallArguments::read_signature(std::string_view signature) {
  const size_t opening = signature.find('(');
  std::string_view list = signature.substr(opening + 1, signature.size() - opening - 2);
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    const std::string_view parameter = trimmed(list.substr(0, comma));
    const size_t equals = parameter.find('=');
    arguments_.push_back(
        {.parameter = parameter.substr(0, equals), .required = equals == std::string_view::npos});
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

void CallArguments::match(std::string_view signature) {
  for (size_t i = 0; i < call_.children.size(); ++i) {
    const SyntaxNode& node = syntax_.node(call_.children[i]);
    if (call_.keywords[i].empty()) {
      if (i >= arguments_.size()) {
        throw ExpressionError(fmt::format("{}: {} arguments are given; it is called as {}",
                                          call_.text, call_.children.size(), signature),
                              node.span);
      }
      arguments_[i].node = call_.children[i];
      continue;
    }
    const auto found = std::find_if(arguments_.begin(), arguments_.end(), [&](const Argument& row) {
      return row.parameter == call_.keywords[i];
    });
    if (found == arguments_.end()) {
      throw ExpressionError(fmt::format("{}: there is no parameter '{}'; it is called as {}",
                                        call_.text, call_.keywords[i], signature),
                            node.span);
    }
    if (found->node != SyntaxNode::no_child) {
      throw ExpressionError(fmt::format("{}: {} is given twice", call_.text, found->parameter),
                            node.span);
    }
    found->node = call_.children[i];
  }
  for (const Argument& row : arguments_) {
    if (row.required && row.node == SyntaxNode::no_child) {
      throw ExpressionError(fmt::format("{}: {} is missing; it is called as {}", call_.text,
                                        row.parameter, signature),
                            call_.span);
    }
  }
}

const CallArguments::Argument& CallArguments::argument(std::string_view parameter) const {
  const auto found = std::find_if(arguments_.begin(), arguments_.end(),
                                  [&](const Argument& row) { return row.parameter == parameter; });
  internal_check(found != arguments_.end(), "a call asks for a parameter that its signature lacks");
  return *found;
}

const SyntaxNode* CallArguments::given(std::string_view parameter) const {
  const Argument& row = argument(parameter);
  if (row.node == SyntaxNode::no_child) return nullptr;
  const SyntaxNode& node = syntax_.node(row.node);
  return node.kind == Kind::name && (node.text == "None" || node.text == "all") ? nullptr : &node;
}

std::vector<Operand> CallArguments::operands() const {
  std::vector<Operand> list;
  for (const Argument& row : arguments_) list.push_back(operand(row));
  return list;
}

Operand CallArguments::operand(const Argument& row) const {
  const auto& found = operands_[static_cast<size_t>(row.node)];
  if (found) return *found;
  throw ExpressionError(
      fmt::format("{}: {} must be an array or a number", call_.text, row.parameter),
      syntax_.node(row.node).span);
}

Value CallArguments::array_of(int node, std::string_view parameter) const {
  const auto& found = operands_[static_cast<size_t>(node)];
  if (found && std::holds_alternative<Value>(*found)) return std::get<Value>(*found);
  throw ExpressionError(fmt::format("{}: {} must be an array", call_.text, parameter),
                        syntax_.node(node).span);
}

Value CallArguments::array(std::string_view parameter) const {
  return array_of(argument(parameter).node, parameter);
}

std::vector<Value> CallArguments::arrays(std::string_view parameter) const {
  const SyntaxNode& node = syntax_.node(argument(parameter).node);
  if (node.kind != Kind::list) {
    throw ExpressionError(fmt::format("{}: {} must be a list of arrays, as in {}([x, y])",
                                      call_.text, parameter, call_.text),
                          node.span);
  }
  std::vector<Value> list;
  for (const int child : node.children) list.push_back(array_of(child, parameter));
  return list;
}

int64_t CallArguments::integer_of(int node, std::string_view parameter) const {
  const auto& found = operands_[static_cast<size_t>(node)];
  if (found && std::holds_alternative<Number>(*found)) {
    const auto& number = std::get<Number>(*found);
    if (const auto* value = std::get_if<int64_t>(&number)) return *value;
  }
  throw ExpressionError(fmt::format("{}: {} must be an integer", call_.text, parameter),
                        syntax_.node(node).span);
}

int64_t CallArguments::integer(std::string_view parameter) const {
  return integer_of(argument(parameter).node, parameter);
}

int64_t CallArguments::integer(std::string_view parameter, int64_t otherwise) const {
  return given(parameter) == nullptr ? otherwise : integer(parameter);
}

int CallArguments::axis_of(int node, std::string_view parameter) const {
  const int64_t axis = integer_of(node, parameter);
  if (axis >= -max_rank && axis <= max_rank) return static_cast<int>(axis);
  throw ExpressionError(
      fmt::format("{}: axis {} is out of range; tensors have at most {} dimensions", call_.text,
                  axis, max_rank),
      syntax_.node(node).span);
}

int CallArguments::axis(std::string_view parameter, int otherwise) const {
  return given(parameter) == nullptr ? otherwise : axis_of(argument(parameter).node, parameter);
}

bool CallArguments::flag(std::string_view parameter, bool otherwise) const {
  const SyntaxNode* node = given(parameter);
  if (node == nullptr) return otherwise;
  const auto& found = operands_[static_cast<size_t>(argument(parameter).node)];
  if (found && std::holds_alternative<Number>(*found)) {
    const auto& number = std::get<Number>(*found);
    if (const auto* value = std::get_if<bool>(&number)) return *value;
  }
  throw ExpressionError(fmt::format("{}: {} must be True or False", call_.text, parameter),
                        node->span);
}

double CallArguments::number(std::string_view parameter, double otherwise) const {
  const SyntaxNode* node = given(parameter);
  if (node == nullptr) return otherwise;
  const auto& found = operands_[static_cast<size_t>(argument(parameter).node)];
  if (found && std::holds_alternative<Number>(*found)) return as_double(std::get<Number>(*found));
  throw ExpressionError(fmt::format("{}: {} must be a number", call_.text, parameter), node->span);
}

DType CallArguments::dtype(std::string_view parameter) const {
  const SyntaxNode& node = syntax_.node(argument(parameter).node);
  if (node.kind == Kind::name) {
    if (const auto dtype = dtype_from_name(node.text)) return *dtype;
  }
  throw ExpressionError(
      fmt::format("{}: {} must be one of {}", call_.text, parameter, dtype_names()), node.span);
}

std::optional<std::vector<int64_t>> CallArguments::integers(std::string_view parameter) const {
  const SyntaxNode* node = given(parameter);
  if (node == nullptr) return std::nullopt;
  if (node->kind != Kind::list) return std::vector<int64_t>{integer(parameter)};
  std::vector<int64_t> list;
  for (const int child : node->children) list.push_back(integer_of(child, parameter));
  return list;
}

std::optional<std::vector<int>> CallArguments::axes(std::string_view parameter) const {
  const SyntaxNode* node = given(parameter);
  if (node == nullptr) return std::nullopt;
  if (node->kind != Kind::list) return std::vector<int>{axis(parameter, 0)};
  std::vector<int> list;
  for (const int child : node->children) list.push_back(axis_of(child, parameter));
  return list;
}

}  // namespace onepass::tool
