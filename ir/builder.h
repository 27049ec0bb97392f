// SPDX-License-Identifier: Apache-2.0
// Builds graphs: infers types, promotes dtypes, resolves weak scalars, expands composites.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "onepass/ir/array_composite.h"
#include "onepass/ir/composite.h"
#include "onepass/ir/graph.h"
#include "onepass/ir/type_rules.h"

namespace onepass::ir {

/// A scalar literal of the host language: its dtype is decided by the tensor it meets.
enum class WeakKind : uint8_t { boolean, integer, floating };

/// What the builder hands out: a node, or a scalar whose dtype is still open.
class Expr {
 public:
  Expr() = default;

 private:
  friend class Builder;
  NodeId node_ = -1;  // -1: a weak scalar
  int weak_scalar_ = -1;
};

class Builder {
 public:
  explicit Builder(std::string name = "main");
  ~Builder();

  /// An array of the call. Extents that are 1 become the constant 1, others fresh symbols. Empty
  /// strides: dense.
  Expr input(std::string name, DType dtype, const Shape& shape,
             std::span<const int64_t> strides = {});
  /// A run-time scalar of the call; its dtype follows from its partner. `example` is used in error
  /// texts only.
  Expr weak_scalar(WeakKind kind, double example, int64_t integer_example = 0);
  /// A constant of the graph with a weak dtype: for composites. Without a kind, an integer if the
  /// value is one.
  Expr constant(double value);
  Expr constant(double value, WeakKind kind);

  /// An element-wise op of ops.def: promotes, broadcasts.
  Expr apply(OpCode op, std::span<const Expr> inputs, Attributes attributes = {});
  /// A structural op with its attributes.
  Expr structural(OpCode op, std::span<const Expr> inputs, Attributes attributes);
  /// A function made of other ops, with its constants as real constants.
  Expr composite(Composite function, std::span<const Expr> inputs);
  Expr composite(ArrayComposite function, std::span<const Expr> inputs,
                 const ArrayOptions& options);
  /// Whether every one of these axes of `e` has elements. The graph holds for calls of which the
  /// same is true.
  bool has_elements(const Expr& e, std::span<const int64_t> axes);
  /// Extents named by the caller (reshape, broadcast_to, iota), as symbols of kind `given`; -1 in
  /// `shape` is for reshape only: the extent that makes the count fit. Each extent takes the next
  /// word of the call's given extents.
  Dimensions given_dimensions(std::span<const int64_t> shape);

  Type type(const Expr&
                e);  // of a weak scalar: the default dtype of its kind (f32, i64, boolean), rank 0
  Shape shape(const Expr& e);

  /// The finished graph. The builder is empty afterwards.
  Graph finish(std::span<const Expr> outputs);

  /// What a weak scalar became: for each scalar of the call, its dtype in the graph (after finish:
  /// graph.scalars).
  struct State;

 private:
  static Expr expression(NodeId node);
  NodeId node_of(const Expr& e);
  NodeId cast_to(NodeId node, DType dtype);
  Expr append(OpCode op, std::vector<NodeId> inputs, Attributes attributes);
  std::optional<Expr> apply_pow(std::span<const Expr> inputs);
  Expr apply_to_tensors(OpCode op, std::span<const Expr> inputs, Attributes attributes);
  std::optional<DType> common_dtype(OpCode op, std::span<const Expr> inputs, size_t first) const;
  void check_strong_operands(OpCode op, std::span<const Expr> inputs) const;
  void check_product(std::span<const Expr> operands, const Attributes& attributes);
  DType product_dtype(std::span<const Expr> operands);
  std::string describe(OpCode op, std::span<const Expr> inputs) const;
  void check_first_operand(std::string_view function, TypeRule rule, const Expr& x);
  [[noreturn]] void throw_unmixable(OpCode op, std::span<const Expr> inputs, DType a,
                                    DType b) const;

  std::unique_ptr<State> state_;
};

}  // namespace onepass::ir
