// SPDX-License-Identifier: Apache-2.0
// Scalars whose dtype is still open: literals of the call, constants, and what is computed from
// them alone.
#pragma once

#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "onepass/ir/builder.h"

namespace onepass::ir {

/// One open scalar. Its nodes are made when a tensor decides the dtype.
struct WeakScalar {
  enum class Source : uint8_t { call, constant, combination };
  Source source = Source::constant;
  WeakKind kind = WeakKind::floating;
  double value = 0;         // of a literal or constant; for a literal of the call an example
  int64_t integer = 0;      // the same where `kind` is integer
  bool beyond_i64 = false;  // an integer above the largest i64: only `value` tells it
  int slot = 0;             // of a literal of the call
  OpCode op = OpCode::add;  // of a combination
  std::vector<int> inputs;  // of a combination: open scalars
  Attributes attributes;
};

/// Every open scalar of a graph under construction, and the nodes that stand for each.
class WeakScalars {
 public:
  explicit WeakScalars(Graph& graph) : graph_(graph) {}

  int add_literal(WeakKind kind, double example, int64_t integer_example);
  int add_constant(WeakKind kind, double value);
  int combine(OpCode op, std::span<const int> inputs, Attributes attributes);

  const WeakScalar& operator[](int weak) const { return list_[static_cast<size_t>(weak)]; }

  /// The node that stands for an open scalar beside tensors of `dtype`. `context` begins error
  /// texts.
  NodeId materialise(int weak, DType dtype, const std::string& context);
  /// The dtype that it has beside nothing.
  DType default_dtype(int weak) const;
  /// "the literal 2.5"
  std::string describe(int weak) const;

  /// For each slot: the nodes that read it, by dtype; the dtype the slot itself must have.
  struct Slot {
    std::map<DType, NodeId> nodes;
    DType dtype = f32;
  };
  std::vector<Slot> slots() const;

 private:
  WeakKind kind_of_combination(OpCode op, std::span<const int> inputs) const;
  DType operand_dtype(const WeakScalar& combination, size_t operand, DType dtype) const;
  void check(int weak, DType dtype, const std::string& context) const;
  NodeId make_node(int weak, DType dtype);
  NodeId make_combination(const WeakScalar& weak, DType dtype);
  NodeId find(int weak, DType dtype) const;

  Graph& graph_;
  std::vector<WeakScalar> list_;
  std::vector<int> literals_;  // by slot
  std::unordered_map<int64_t, NodeId> nodes_;
};

}  // namespace onepass::ir
