// SPDX-License-Identifier: Apache-2.0
// The arguments of one call, found by position or name, read as what the function wants.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "operand.h"
#include "syntax.h"

namespace onepass::tool {

/// What the sub-expressions so far stand for, by node; nothing for lists, slices, dtypes and None.
using Operands = std::vector<std::optional<Operand>>;

class CallArguments {
 public:
  /// Matches the arguments of a call with `signature`: "sum(x, axis=all, keepdims=False)", where =
  /// marks what may be left out. ExpressionError on one too many, one missing, or an unknown name.
  CallArguments(const Syntax& syntax, const SyntaxNode& call, const Operands& operands,
                std::string_view signature);

  /// The operands in the order of the signature; every parameter must be an array or a number.
  std::vector<Operand> operands() const;

  Value array(std::string_view parameter) const;
  std::vector<Value> arrays(std::string_view parameter) const;
  int64_t integer(std::string_view parameter) const;
  int64_t integer(std::string_view parameter, int64_t otherwise) const;
  bool flag(std::string_view parameter, bool otherwise) const;
  double number(std::string_view parameter, double otherwise) const;
  /// Whether the parameter is neither left out nor None.
  bool has(std::string_view parameter) const { return given(parameter) != nullptr; }
  DType dtype(std::string_view parameter) const;
  /// A list of integers, or a single one; nothing if left out or None.
  std::optional<std::vector<int64_t>> integers(std::string_view parameter) const;
  /// The same for axes, which are small.
  int axis(std::string_view parameter, int otherwise) const;
  std::optional<std::vector<int>> axes(std::string_view parameter) const;

 private:
  struct Argument {
    std::string_view parameter;
    bool required = false;
    int node = SyntaxNode::no_child;
  };

  void read_signature(std::string_view signature);
  void match(std::string_view signature);
  const Argument& argument(std::string_view parameter) const;
  const SyntaxNode* given(std::string_view parameter) const;
  Operand operand(const Argument& argument) const;
  Value array_of(int node, std::string_view parameter) const;
  int64_t integer_of(int node, std::string_view parameter) const;
  int axis_of(int node, std::string_view parameter) const;

  const Syntax& syntax_;
  const SyntaxNode& call_;
  const Operands& operands_;
  std::vector<Argument> arguments_;
};

}  // namespace onepass::tool
