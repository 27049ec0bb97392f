// SPDX-License-Identifier: Apache-2.0
// Resolving names, before anything is loaded or built.
#include "names.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numbers>

#include "functions.h"
#include "spelling.h"

namespace onepass::tool {
namespace {

using Kind = SyntaxNode::Kind;

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_name(const SyntaxNode& node, const std::vector<std::string_view>& bound) {
  const std::string_view name = node.text;
  if (contains(bound, name) || is_reserved(name) || constant_of(name)) return;
  if (const auto function = find_function(name)) {
    throw ExpressionError(
        fmt::format("'{}' is a function; it is called as {}", name, signature(*function)),
        node.span);
  }
  const std::string near = suggestion(name, bound);
  if (!near.empty())
    throw ExpressionError(fmt::format("unknown name '{}'{}", name, near), node.span);
  throw ExpressionError(
      fmt::format("unknown name '{0}'; bind it: {0}=file.npy, {0}=3.5 or {0}=f32[128, 512]", name),
      node.span);
}

void check_call(const SyntaxNode& node, const std::vector<std::string_view>& bound) {
  const std::string_view name = node.text;
  if (find_function(name)) return;
  const SourceSpan span{node.span.begin, node.span.begin + name.size()};
  if (contains(bound, name)) {
    throw ExpressionError(fmt::format("'{}' is an array, not a function", name), span);
  }
  std::string near = suggestion(name, function_names());
  if (near.empty()) near = "; 'onepass ops' lists the functions";
  throw ExpressionError(fmt::format("unknown function '{}'{}", name, near), span);
}

}  // namespace

std::optional<Number> constant_of(std::string_view name) {
  if (name == "True") return true;
  if (name == "False") return false;
  if (name == "pi") return std::numbers::pi;
  if (name == "e") return std::numbers::e;
  if (name == "inf") return std::numeric_limits<double>::infinity();
  if (name == "nan") return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

bool is_reserved(std::string_view name) {
  constexpr std::string_view words[] = {"True", "False", "None", "all", "newaxis"};
  return std::find(std::begin(words), std::end(words), name) != std::end(words) ||
         dtype_from_name(name).has_value();
}

void check_names(const Syntax& syntax, const std::vector<std::string_view>& bound) {
  std::vector<std::string_view> used;
  for (const SyntaxNode& node : syntax.nodes) {
    if (node.kind == Kind::name) check_name(node, bound);
    if (node.kind == Kind::call) check_call(node, bound);
    if (node.kind == Kind::name) used.push_back(node.text);
  }
  for (const std::string_view name : bound) {
    if (contains(used, name)) continue;
    throw UserError(fmt::format("'{}' is bound, but the expression does not use it", name));
  }
}

}  // namespace onepass::tool
