// SPDX-License-Identifier: Apache-2.0
// Checks a loop nest against the rules of the language while it walks through it.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "onepass/codegen/loop_nest.h"
#include "onepass/ir/op.h"
#include "onepass/ir/type_rules.h"

namespace onepass::codegen {

/// Inclusive range of an affine value whose variables are all unrolled.
struct Range {
  int64_t low = 0, high = 0;
};

class Verifier {
 public:
  explicit Verifier(const LoopNest& nest)
      : nest_(nest),
        value_dtype_(static_cast<size_t>(std::max(nest.value_count, 0))),
        open_(nest.variables.size()) {}

  void run();

 private:
  struct KnownValue {
    bool defined = false, visible = false;
    DType dtype = DType::f32;
  };
  struct OpenVariable {
    bool open = false;
    LoopKind kind = LoopKind::serial;
    std::optional<Range> range;
  };

  void check(bool holds, const std::string& where, const std::string& rule) const;

  void check_names() const;

  void check_array(const Array& array) const;

  void check_phase(const std::vector<Statement>& statements, const runtime::Phase& phase);

  static bool is_parallel(const Statement& s);

  void check_parallel(const For& loop, const runtime::Phase& phase) const;

  void check_block(const std::vector<Statement>& statements);

  void check_loop(const For& loop);

  void open_variable(VariableId id, const OpenVariable& opened, const std::string& where);
  void close_variable(VariableId id) { open_[static_cast<size_t>(id)].open = false; }

  void check_procedure(const Procedure& procedure);

  void check_call(const Call& s) const;

  void check_if(const If& s);

  void check_parts(const Parts& s);

  /// The values of an unrolled variable, which must be known now if its begin is.
  std::optional<Range> range_of(const For& loop, const std::string& where) const;

  /// The values of an affine over unrolled variables of known range.
  std::optional<Range> range_of(const Affine& a) const;

  void check_affine(const Affine& a, const std::string& where) const;

  const Array& array_of(ArrayId id, const std::string& where) const;

  bool uses_vector_variable(const Affine& a) const;

  const Array& check_access(ArrayId id, const Affine& index, bool store,
                            const std::string& where) const;

  /// The largest value that a bound can have, as far as its constants tell.
  static int64_t most(const Bound& bound);

  void check_transpose(const Transpose& s) const;
  void check_turned(const LoadTurned& s) const;

  void check_load_bytes(const LoadBytes& s);

  void define(ValueId id, DType dtype, const std::string& where);

  DType use(ValueId id, const std::string& where) const;

  void check_compute(const Compute& s);

  void check_fill(const Fill& s);

  /// No stack: -1.
  void check_item(ArrayId stack, ArrayId item_id, DType dtype, const std::string& where) const;

  template <class Step>
  void check_tree(const Step& s, ArrayId stack, ArrayId item, ArrayId position_stack,
                  const std::string& where) const {
    check_item(stack, item, s.dtype, where);
    if (s.positions >= 0) {
      // Those of one block, which no stack holds, may be narrow.
      const bool narrow = position_stack < 0 && array_of(s.positions, where).dtype == DType::i32;
      check_item(position_stack, s.positions, narrow ? DType::i32 : DType::i64, where);
    }
    check(ir::is_elementwise(s.op) && ir::info(s.op).arity == 2, where, "the op has two operands");
    check((s.positions >= 0) == (ir::info(s.op).rule == ir::TypeRule::ordering), where,
          "the op of positions is a comparison");
    check(vector_ == nullptr, where, "the tree is outside of vector loops");
  }

  template <class Step>
  void check_step(const Step& s, ArrayId item, const Affine& number, const char* where) const {
    check_tree(s, s.stack, item, s.position_stack, where);
    check_affine(number, where);
    check_affine(s.place, where);
    check(s.pitch >= 0, where, "levels follow each other");
  }

  void check_statement(const Statement& statement);

  const LoopNest& nest_;
  std::vector<KnownValue> value_dtype_;
  std::vector<OpenVariable> open_;
  std::vector<std::vector<ValueId>*> defined_;
  const For* vector_ = nullptr;
  size_t phase_ = 0;
  int depth_ = 0;
};

}  // namespace onepass::codegen
