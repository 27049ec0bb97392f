// SPDX-License-Identifier: Apache-2.0
// Ops as functions over the builder, so that the formulas of composites read as formulas.
#pragma once

#include "onepass/ir/builder.h"

namespace onepass::ir {

class Formula {
 public:
  explicit Formula(Builder& builder) : builder_(builder) {}

  Builder& builder() const { return builder_; }
  Expr number(double value) { return builder_.constant(value); }
  Expr matmul(Expr a, Expr b) { return builder_.structural(OpCode::matmul, {{a, b}}, {}); }
#define ONEPASS_OP(name, ...)                  \
  template <class... Inputs>                   \
  Expr name(Inputs... inputs) {                \
    const Expr list[] = {inputs...};           \
    return builder_.apply(OpCode::name, list); \
  }
#include "onepass/ir/ops.def"

 private:
  Builder& builder_;
};

}  // namespace onepass::ir
