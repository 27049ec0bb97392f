// SPDX-License-Identifier: Apache-2.0
// Type rules: which inputs an op accepts and what it gives. The texts of shape and dtype errors
// live here.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "onepass/ir/graph.h"

namespace onepass::ir {

/// What a rule may do besides answering: look at extents, declare them equal, make new ones.
class SymbolTable {
 public:
  /// A growing table over `symbols`.
  explicit SymbolTable(std::vector<runtime::Symbol>& symbols) : symbols_(symbols) {}
  /// A table that already knows the facts of a finished graph and accepts no further equality.
  SymbolTable(std::vector<runtime::Symbol>& symbols, std::span<const runtime::ValidityRange> ranges,
              std::span<const SymbolEquality> equalities);

  int64_t extent(Dimension d) const;
  Shape shape(const Dimensions& dimensions) const;
  /// Makes both stand for one extent (the older symbol). False if their captured values differ.
  bool unify(Dimension a, Dimension b);
  /// The symbol that stands for d after all unifications.
  Dimension canonical(Dimension d) const;
  /// A new derived symbol; returns an equal one if it is already there. Its value is computed from
  /// its terms. A value of 1 gives the constant 1 and records that fact.
  Dimension derive(runtime::Symbol symbol);
  Dimension derive(runtime::Symbol::Kind kind, std::vector<int> terms);
  /// A symbol as it stands, with its value; for input extents and given extents.
  Dimension add(runtime::Symbol symbol);
  /// Records that the symbol lies in [low, high].
  void require(int symbol, int64_t low, int64_t high);

  /// True if the facts are those of a finished graph, which need not be derived again.
  bool frozen() const { return frozen_; }
  const std::vector<runtime::Symbol>& symbols() const { return symbols_; }
  std::span<const runtime::ValidityRange> ranges() const { return ranges_; }

 private:
  void track_new_symbols() const;

  std::vector<runtime::Symbol>& symbols_;
  std::vector<runtime::ValidityRange> ranges_;
  mutable std::vector<int>
      merged_into_;  // grows with use; a symbol that stands for itself names itself
  std::unordered_map<std::string, int> derived_;  // derivation -> symbol
  bool frozen_ = false;
};

/// All that a derived symbol is made of, as bytes: equal for symbols that are derived alike.
std::string derivation(const runtime::Symbol& symbol);

/// The value of a derived symbol from the values of its terms. UserError if it overflows.
int64_t derived_value(const runtime::Symbol& symbol, const std::function<int64_t(int)>& value);

/// How many inputs a node has: info(op).arity, but 1 for pow with the attribute `exponent`; -1: any
/// number.
int expected_inputs(OpCode op, const Attributes& attributes);

/// The attributes that a node of this op may carry, and those it must.
struct AttributeRules {
  std::span<const AttributeKey> allowed, required;
};
AttributeRules attribute_rules(OpCode op);

/// The dtype that two dtypes promote to. UserError naming `op` and the cast that fixes it where
/// there is none.
DType promote(std::string_view op, DType a, DType b);
/// The same without an error text: nothing if the two are of different kinds, or i64 with u64.
std::optional<DType> promoted(DType a, DType b);

/// True if `rule` accepts operands of `dtype` (for select: as second and third operand).
bool accepts(TypeRule rule, DType dtype);

/// The type of `op` on operands of these types (dtypes already equal). Throws UserError.
Type infer(OpCode op, std::span<const Type> inputs, const Attributes& attributes,
           SymbolTable& symbols);

/// One function for each row of structural_ops.def, called by infer.
using Inference = Type(std::span<const Type>, const Attributes&, SymbolTable&);
#define ONEPASS_STRUCTURAL_OP(name, ...) Inference infer_##name;
#include "onepass/ir/structural_ops.def"

/// "x is f32[3, 4], y is f32[5]": the operands as errors name them.
std::string describe_operands(OpCode op, std::span<const Type> inputs, const SymbolTable& symbols);
std::string describe_operands(OpCode op, std::span<const std::string> operands);

/// UserError unless every operand of an element-wise op is of a dtype that its rule accepts.
/// The extents of a product, whatever the dtypes of its operands. UserError if they do not fit.
Dimensions product_dimensions(std::span<const Type> inputs, const Attributes& attributes,
                              SymbolTable& symbols);
void check_operand_dtypes(OpCode op, std::span<const Type> inputs, const SymbolTable& symbols);

/// "it needs a floating dtype. Cast it first, for example astype(x, f32)."
std::string demand_text(OpCode op, size_t operands);

/// "f32[128, 256]" with captured extents, as errors name types.
std::string to_string(const Type& type, const SymbolTable& symbols);

}  // namespace onepass::ir
