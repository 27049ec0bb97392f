// SPDX-License-Identifier: Apache-2.0
// Value: an expression whose structure is known at run time only. For loops, recursion, containers
// and parsers.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>

#include "onepass/engine/expression.h"

namespace onepass {

struct ValueNode;

/// A handle to a node of a computation. Copying shares; nothing is computed until it is evaluated.
class Value : public ExpressionTag {
 public:
  /// An empty handle; using it is a UserError.
  Value() = default;
  Value(const Tensor& tensor);
  template <Number T>
  Value(T number) : Value(Literal<T>::kind, Literal<T>(number).bits()) {}
  template <Expression E>
    requires(!std::same_as<E, Value> && !std::same_as<E, Tensor>)
  Value(const E& expression);

  Value(const Value& other) noexcept;
  Value(Value&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  Value& operator=(Value other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~Value();

  /// Applies a row of the op table or a composite. UserError if the number of operands is wrong.
  static Value apply(ir::OpCode op, std::span<const Value> operands);
  static Value apply(ir::Composite composite, std::span<const Value> operands);
  template <class Code>
  static Value apply(Code code, std::initializer_list<Value> operands) {
    return apply(code, std::span<const Value>(operands.begin(), operands.size()));
  }
  static Value structural(StructuralFunction function, std::initializer_list<Value> operands,
                          std::span<const int64_t> words, std::span<const int64_t> extents);
  static Value structural(StructuralFunction function, std::span<const Value> operands,
                          std::span<const int64_t> words, std::span<const int64_t> extents);

  /// The shape and dtype that evaluation would give. Throws the UserError that evaluation would
  /// throw.
  Shape shape() const;
  DType dtype() const;

  /// Evaluates.
  operator Tensor() const { return evaluate(*this); }
  Value operator[](std::initializer_list<Index> indices) const;

  const ValueNode& node() const;

 private:
  explicit Value(ValueNode* node) : node_(node) {}
  Value(LiteralKind kind, uint64_t bits);
  static Value from_tape(const Tape& tape, const CallArguments& call);

  ValueNode* node_ = nullptr;
};

/// A Value that stands for `x`.
inline Value lazy(const Tensor& x) { return Value(x); }
template <Expression E>
Value lazy(const E& x) {
  return Value(x);
}

/// The arrays of one call of an expression of type E, collected on the stack.
template <class E>
struct Collected {
  static constexpr Counts counts = Node<E>::counts;
  const TensorHeader* leaves[counts.leaves + 1];
  uint64_t literals[counts.literals + 1];
  int64_t words[counts.words + 1];
  int64_t extents[counts.extents + 1];

  explicit Collected(const E& expression) {
    Collector collector{leaves, literals, words, extents};
    Node<E>::collect(expression, collector);
  }
  CallArguments arguments() const {
    return {{leaves, counts.leaves},
            {literals, counts.literals},
            {words, counts.words},
            {extents, counts.extents}};
  }
};

template <Expression E>
  requires(!std::same_as<E, Value> && !std::same_as<E, Tensor>)
Value::Value(const E& expression) {
  Tape tape;
  TapeWriter writer(tape);
  writer.output(Node<E>::describe(writer));
  *this = from_tape(tape, Collected<E>(expression).arguments());
}

}  // namespace onepass
