// SPDX-License-Identifier: Apache-2.0
// One phase function while it is written: its arguments, loop variables, values, arrays and the
// current vector loop.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "onepass/codegen/llvm/emit_ops.h"
#include "onepass/codegen/llvm/lane_types.h"
#include "onepass/codegen/loop_nest.h"

namespace onepass::codegen {

/// An integer of the loops: a part known now plus a part known at run time (null: none).
struct Index {
  int64_t constant = 0;
  llvm::Value* dynamic = nullptr;
};

/// The vector loop around the current place. One lane: there is none.
struct VectorScope {
  VariableId variable = -1;
  int lanes = 1;
  llvm::Value* remaining = nullptr;  // in a masked iteration: how many lanes are active
  llvm::Value* mask = nullptr;       // the same as lanes; null where all are
  llvm::Value* streaming = nullptr;  // whether stores may be streamed here; null: they may not
};

/// Where loads of constant inputs may be moved to: in front of the innermost loop.
struct HoistScope {
  llvm::Instruction* before = nullptr;  // null: nowhere
  int depth = 0;                        // variables from this depth on change inside of the loop
};

class PhaseFrame {
 public:
  PhaseFrame(const LoopNest& nest, const Target& target, llvm::Function& function);

  const LoopNest& nest;
  const Target& target;
  llvm::IRBuilder<> builder;
  VectorScope vector;
  HoistScope hoist;
  bool has_streamed = false;

  OpContext op_context() { return {builder, target, nest.accuracy}; }
  llvm::Function& function() { return function_; }
  llvm::BasicBlock* new_block(const char* name);
  /// Seals the entry block and adds the return. Call last.
  void finish();

  // Integers.
  llvm::Value* number(int64_t value) { return builder.getInt64(static_cast<uint64_t>(value)); }
  llvm::Value* number(const Index& index);
  llvm::Value* number(const Bound& bound);
  Index evaluate(const Affine& affine);
  /// How far `affine` moves from one lane to the next.
  Index lane_stride(const Affine& affine);
  bool is_uniform(const Affine& affine) const;
  /// True if nothing in `affine` changes inside of the innermost loop.
  bool is_hoistable(const Affine& affine) const;
  void bind(VariableId variable, Index value);
  void unbind(VariableId variable);
  int depth() const { return depth_; }
  const std::string& variable_name(VariableId variable) const {
    return nest.variables[static_cast<size_t>(variable)];
  }

  // Values.
  void define(ValueId id, llvm::Value* value);
  llvm::Value* value(ValueId id);
  llvm::Value* scalar_argument(int index, DType dtype);

  // Arrays.
  const Array& array(ArrayId id) const { return nest.arrays[static_cast<size_t>(id)]; }
  llvm::Value* address(ArrayId id, const Index& index);
  /// Whether an operand that is read starts where `id` starts, decided at entry.
  llvm::Value* overwrites_operand(ArrayId id);
  llvm::AllocaInst* register_element(ArrayId id, int64_t element);
  /// Stack memory for one vector, shared by all partial accesses of that type.
  llvm::AllocaInst* staging(llvm::Type* type);
  /// Tells LLVM what the access cannot touch.
  llvm::Instruction* annotate(llvm::Instruction* access, ArrayId id);

 private:
  struct Variable {
    Index value;
    int depth = -1;
  };
  llvm::Value* argument_field(unsigned field, llvm::Type* type);
  llvm::Value* integer_argument(int index);
  llvm::Value* array_base(ArrayId id);
  llvm::Value* term(const Term& term, int64_t& constant);
  bool is_private(const Array& array) const;

  llvm::Function& function_;
  llvm::BasicBlock* entry_;
  int depth_ = 0;
  std::vector<Variable> variables_;
  std::vector<llvm::Value*> values_;
  std::vector<llvm::Value*> integers_;
  std::vector<llvm::Value*> bases_;
  std::vector<std::vector<llvm::AllocaInst*>> registers_;
  llvm::SmallDenseMap<llvm::Type*, llvm::AllocaInst*> staging_;
  llvm::SmallDenseMap<unsigned, llvm::Value*> fields_;
  std::vector<llvm::MDNode*> scopes_;        // per array: the list that holds its scope
  std::vector<llvm::MDNode*> other_scopes_;  // per array: all other scopes
};

}  // namespace onepass::codegen
