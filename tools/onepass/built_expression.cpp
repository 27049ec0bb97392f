// SPDX-License-Identifier: Apache-2.0
// One walk over the nodes, operands first.
#include "built_expression.h"

#include "call_arguments.h"
#include "functions.h"
#include "index_reader.h"
#include "operators.h"

namespace onepass::tool {
namespace {

using Kind = SyntaxNode::Kind;

class NodeBuilder {
 public:
  NodeBuilder(const Syntax& syntax, const Names& names) : syntax_(syntax), names_(names) {}

  std::optional<Operand> build(const SyntaxNode& node) {
    switch (node.kind) {
      case Kind::number:
        return node.number;
      case Kind::name:
        return name(node);
      case Kind::unary:
        return unary(node);
      case Kind::binary:
        return apply(find_binary_sign(node.text)->function, {child(node, 0), child(node, 1)});
      case Kind::call:
        return call(node);
      case Kind::index:
        return indexed(syntax_, node, operands_);
      case Kind::slice:
      case Kind::ellipsis:
      case Kind::list:
        return std::nullopt;
    }
    return std::nullopt;
  }

  void append(std::optional<Operand> operand) { operands_.push_back(std::move(operand)); }
  const std::optional<Operand>& last() const { return operands_.back(); }

 private:
  std::optional<Operand> name(const SyntaxNode& node) const {
    if (const auto found = names_.find(node.text); found != names_.end()) return found->second;
    if (const auto constant = constant_of(node.text)) return *constant;
    return std::nullopt;
  }

  const Operand& child(const SyntaxNode& node, size_t i) const {
    const int id = node.children[i];
    const auto& found = operands_[static_cast<size_t>(id)];
    if (found) return *found;
    throw ExpressionError("expected an array or a number here", syntax_.node(id).span);
  }

  Operand unary(const SyntaxNode& node) const {
    const Operand& operand = child(node, 0);
    const std::string_view function = unary_function(node.text);
    if (function.empty()) return operand;
    const auto* number = std::get_if<Number>(&operand);
    if (number != nullptr && node.text == "-") return negated(*number);
    return apply(function, {operand});
  }

  static Operand apply(std::string_view function, const std::vector<Operand>& operands) {
    if (const auto op = ir::op_from_name(function); op && ir::is_elementwise(*op)) {
      return apply_to(*op, operands);
    }
    // The one sign that is no row of the op table is @.
    for (const Operand& operand : operands) {
      if (std::holds_alternative<Number>(operand)) {
        throw UserError("@: both sides must be arrays; * multiplies by a number");
      }
    }
    return matmul(std::get<Value>(operands[0]), std::get<Value>(operands[1]));
  }

  Operand call(const SyntaxNode& node) const {
    const Function function = *find_function(node.text);
    const std::string form = signature(function);
    const CallArguments arguments(syntax_, node, operands_, form);
    if (const auto* structural = std::get_if<const StructuralCall*>(&function)) {
      return (*structural)->build(arguments);
    }
    if (const auto* composite = std::get_if<ir::Composite>(&function)) {
      return apply_to(*composite, arguments.operands());
    }
    return apply_to(std::get<ir::OpCode>(function), arguments.operands());
  }

  const Syntax& syntax_;
  const Names& names_;
  Operands operands_;
};

}  // namespace

BuiltExpression::BuiltExpression(const Syntax& syntax, const Names& names) {
  NodeBuilder builder(syntax, names);
  for (const SyntaxNode& node : syntax.nodes) {
    try {
      builder.append(builder.build(node));
    } catch (const ExpressionError&) {
      throw;
    } catch (const UserError& error) {
      throw ExpressionError(error.what(), node.span);
    }
    const bool leaf = node.kind == Kind::name || node.kind == Kind::number;
    if (leaf || !builder.last() || !std::holds_alternative<Value>(*builder.last())) continue;
    steps_.emplace_back(std::get<Value>(*builder.last()), node.span);
  }
  if (!builder.last()) {
    throw ExpressionError("expected an array or a number here", syntax.nodes.back().span);
  }
  const auto* number = std::get_if<Number>(&*builder.last());
  value_ = number != nullptr ? Value(as_tensor(*number)) : std::get<Value>(*builder.last());
}

void BuiltExpression::locate_error() const {
  for (const auto& [value, span] : steps_) {
    try {
      value.dtype();
    } catch (const UserError& error) {
      throw ExpressionError(error.what(), span);
    }
  }
}

}  // namespace onepass::tool
