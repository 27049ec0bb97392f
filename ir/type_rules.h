// SPDX-License-Identifier: Apache-2.0
// Type rules: which inputs an op accepts and what it gives. The texts of shape and dtype errors live here.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "onepass/ir/graph.h"

namespace onepass::ir {

/// What a rule may do besides answering: look at extents, declare them equal, make new ones.
class SymbolTable {
 public:
  explicit SymbolTable(std::vector<runtime::Symbol>& symbols) : symbols_(symbols) {}

  int64_t extent(Dimension d) const;
  Shape shape(const Dimensions& dimensions) const;
  /// Makes both stand for one extent (the older symbol). False if their captured values differ.
  bool unify(Dimension a, Dimension b);
  /// The symbol that stands for d after all unifications.
  Dimension canonical(Dimension d) const;
  /// A new derived symbol; returns an equal one if it is already there. Its value is computed from its terms.
  Dimension derive(runtime::Symbol symbol);
  std::vector<runtime::Symbol>& symbols() { return symbols_; }

 private:
  std::vector<runtime::Symbol>& symbols_;
  std::vector<int> merged_into_;  // grows with use; -1: stands for itself
};

/// The dtype that two dtypes promote to. UserError naming `op` and the cast that fixes it where there is none.
DType promote(std::string_view op, DType a, DType b);

/// True if `rule` accepts operands of `dtype` (for select: as second and third operand).
bool accepts(TypeRule rule, DType dtype);

/// The type of `op` on operands of these types (dtypes already equal). Throws UserError.
Type infer(OpCode op, std::span<const Type> inputs, const Attributes& attributes, SymbolTable& symbols);

/// "f32[128, 256]" with captured extents, as errors name types.
std::string to_string(const Type& type, const SymbolTable& symbols);

}  // namespace onepass::ir
