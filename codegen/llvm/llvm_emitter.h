// SPDX-License-Identifier: Apache-2.0
// The emitter of ir/emitter.h that builds vector code: element type and number of lanes are known
// at run time.
#pragma once

#include <array>
#include <span>
#include <tuple>

#include "onepass/codegen/llvm/lane_types.h"
#include "onepass/codegen/target.h"
#include "onepass/ir/emitter.h"

namespace onepass::codegen {

class LlvmEmitter {
 public:
  struct Value {
    llvm::Value* lanes = nullptr;
  };
  struct Integer {
    llvm::Value* lanes = nullptr;
  };
  struct Mask {
    llvm::Value* lanes = nullptr;
  };

  LlvmEmitter(llvm::IRBuilderBase& builder, const Target& target, DType dtype, int lanes,
              ir::Accuracy accuracy)
      : b_(builder), target_(target), dtype_(dtype), lanes_(lanes), accuracy_(accuracy) {}

  bool is_floating() const { return onepass::is_floating(dtype_); }
  bool is_signed() const { return is_floating() || is_signed_integer(dtype_); }
  bool is_double() const { return dtype_ == f64; }
  int bits() const;
  ir::Accuracy accuracy() const { return accuracy_; }
  bool has_scale() const;
  bool has_extremes() const;

  Value constant(double number);
  Value integer_value(int64_t number);
  Integer integer(int64_t number);

  Value add(Value x, Value y);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  Value div(Value x, Value y);
  Value fma(Value x, Value y, Value z);
  Value scale(Value x, Value n);
  Value beyond_nearest(Value x);
  Value sqrt(Value x) { return unary(llvm::Intrinsic::sqrt, x); }
  Value neg(Value x);
  Value abs(Value x);
  Value min(Value x, Value y) { return select(less(x, y), x, y); }
  Value max(Value x, Value y) { return select(less(y, x), x, y); }
  Value smaller(Value x, Value y) { return range(x, y, false); }
  Value larger(Value x, Value y) { return range(x, y, true); }
  Value round(Value x) { return unary(llvm::Intrinsic::roundeven, x); }
  Value floor(Value x) { return unary(llvm::Intrinsic::floor, x); }
  Value ceil(Value x) { return unary(llvm::Intrinsic::ceil, x); }
  Value trunc(Value x) { return unary(llvm::Intrinsic::trunc, x); }

  Mask equal(Value x, Value y);
  Mask not_equal(Value x, Value y);
  Mask unordered(Value x, Value y) { return {b_.CreateFCmpUNO(x.lanes, y.lanes)}; }
  Mask less(Value x, Value y);
  Mask less_equal(Value x, Value y);

  Mask mask_and(Mask x, Mask y) { return {b_.CreateAnd(x.lanes, y.lanes)}; }
  Mask mask_or(Mask x, Mask y) { return {b_.CreateOr(x.lanes, y.lanes)}; }
  Mask mask_xor(Mask x, Mask y) { return {b_.CreateXor(x.lanes, y.lanes)}; }
  Mask mask_not(Mask x) { return {b_.CreateNot(x.lanes)}; }
  Value select(Mask m, Value x, Value y) { return {b_.CreateSelect(m.lanes, x.lanes, y.lanes)}; }
  Integer select(Mask m, Integer x, Integer y) {
    return {b_.CreateSelect(m.lanes, x.lanes, y.lanes)};
  }

  Value bit_and(Value x, Value y) { return {b_.CreateAnd(x.lanes, y.lanes)}; }
  Value bit_or(Value x, Value y) { return {b_.CreateOr(x.lanes, y.lanes)}; }
  Value bit_xor(Value x, Value y) { return {b_.CreateXor(x.lanes, y.lanes)}; }
  Value bit_not(Value x) { return {b_.CreateNot(x.lanes)}; }
  Value shift_left(Value x, Value count) { return {b_.CreateShl(x.lanes, count.lanes)}; }
  Value shift_right(Value x, Value count);

  Integer as_integer(Value x);
  Value as_value(Integer x);
  Integer to_integer(Value x);
  Value to_value(Integer x);
  Integer add(Integer x, Integer y) { return {b_.CreateAdd(x.lanes, y.lanes)}; }
  Integer sub(Integer x, Integer y) { return {b_.CreateSub(x.lanes, y.lanes)}; }
  Integer mul(Integer x, Integer y) { return {b_.CreateMul(x.lanes, y.lanes)}; }
  Integer bit_and(Integer x, Integer y) { return {b_.CreateAnd(x.lanes, y.lanes)}; }
  Integer bit_or(Integer x, Integer y) { return {b_.CreateOr(x.lanes, y.lanes)}; }
  Integer bit_xor(Integer x, Integer y) { return {b_.CreateXor(x.lanes, y.lanes)}; }
  Integer shift_left(Integer x, int n) { return {b_.CreateShl(x.lanes, integer(n).lanes)}; }
  Integer shift_right(Integer x, int n) { return {b_.CreateAShr(x.lanes, integer(n).lanes)}; }
  Integer shift_right_logical(Integer x, int n) {
    return {b_.CreateLShr(x.lanes, integer(n).lanes)};
  }
  Mask equal(Integer x, Integer y) { return {b_.CreateICmpEQ(x.lanes, y.lanes)}; }
  Mask less(Integer x, Integer y) { return {b_.CreateICmpSLT(x.lanes, y.lanes)}; }

  Value table(std::span<const double> numbers, Integer index);

  /// The body becomes a function of the module, for one register of lanes: it is compiled once for
  /// all loops, and kernels stay short (bench/compile_time_bench).
  template <class F, class... Values>
  Value when_any(const char* name, Mask m, Value otherwise, F body, Values... x);

  template <class State, class F, class G>
  State repeat_while_any(State start, F condition, G step);

 private:
  llvm::Type* type() const { return vector_of(lane_type(b_.getContext(), dtype_), lanes_); }
  llvm::Type* integer_type() const;
  Value unary(llvm::Intrinsic::ID id, Value x) { return {b_.CreateUnaryIntrinsic(id, x.lanes)}; }
  llvm::Constant* all_active() const;
  /// Joins what `piece` makes of each whole register.
  template <class Piece>
  Value by_register(const Piece& piece);
  /// The larger or smaller of lanes of a register of 16, 32 or 64 bytes.
  Value range(Value x, Value y, bool larger);
  llvm::Value* range_of_register(llvm::Value* x, llvm::Value* y, bool larger);
  llvm::Value* divide_integers(llvm::Value* x, llvm::Value* y);
  llvm::BasicBlock* new_block(const char* name);
  /// Rarely taken branch on "any lane is set".
  void branch_if_any(Mask m, llvm::BasicBlock* taken, llvm::BasicBlock* otherwise);
  llvm::Value* permute_table(std::span<const double> numbers, llvm::Value* index);
  llvm::Value* permute_piece(llvm::ArrayRef<llvm::Constant*> entries, llvm::Value* index);
  llvm::Value* gather_table(std::span<const double> numbers, llvm::Value* index);
  llvm::Value* constant_array(llvm::Constant* content);
  /// The function of that name for pieces of `lanes` lanes; without a body if it is new.
  llvm::Function* rare_function(const char* name, int lanes, size_t arguments);
  /// What `function` makes of the arguments, piece by piece.
  Value call_by_piece(llvm::Function* function, int lanes, std::span<const Value> arguments);

  llvm::IRBuilderBase& b_;
  const Target& target_;
  DType dtype_;
  int lanes_;
  ir::Accuracy accuracy_;
};

template <class F, class... Values>
LlvmEmitter::Value LlvmEmitter::when_any(const char* name, Mask m, Value otherwise, F body,
                                         Values... x) {
  const int native = target_.lanes(byte_size(dtype_));
  const int lanes = lanes_ % native == 0 ? native : lanes_;
  llvm::Function* const function = rare_function(name, lanes, sizeof...(x));
  if (function->empty()) {
    llvm::IRBuilder<> builder(llvm::BasicBlock::Create(b_.getContext(), "entry", function));
    LlvmEmitter inner(builder, target_, dtype_, lanes, accuracy_);
    unsigned argument = 0;
    const auto next = [&](Value) { return Value{function->getArg(argument++)}; };
    const std::tuple arguments{next(x)...};
    builder.CreateRet(std::apply([&](auto... v) { return body(inner, v...); }, arguments).lanes);
  }
  llvm::BasicBlock* const before = b_.GetInsertBlock();
  llvm::BasicBlock* const rare = new_block("rare");
  llvm::BasicBlock* const join = new_block("join");
  branch_if_any(m, rare, join);
  b_.SetInsertPoint(rare);
  const std::array<Value, sizeof...(x)> arguments = {x...};
  const Value chosen = select(m, call_by_piece(function, lanes, arguments), otherwise);
  llvm::BasicBlock* const rare_end = b_.GetInsertBlock();
  b_.CreateBr(join);
  b_.SetInsertPoint(join);
  llvm::PHINode* const phi = b_.CreatePHI(otherwise.lanes->getType(), 2);
  phi->addIncoming(otherwise.lanes, before);
  phi->addIncoming(chosen.lanes, rare_end);
  return {phi};
}

template <class State, class F, class G>
State LlvmEmitter::repeat_while_any(State start, F condition, G step) {
  llvm::BasicBlock* const before = b_.GetInsertBlock();
  llvm::BasicBlock* const header = new_block("repeat");
  llvm::BasicBlock* const again = new_block("again");
  llvm::BasicBlock* const done = new_block("done");
  b_.CreateBr(header);
  b_.SetInsertPoint(header);
  State state = start;
  llvm::SmallVector<llvm::PHINode*> phis;
  state.each([&](auto& member) {
    llvm::PHINode* const phi = b_.CreatePHI(member.lanes->getType(), 2);
    phi->addIncoming(member.lanes, before);
    phis.push_back(phi);
    member.lanes = phi;
  });
  const Mask more = condition(state);
  branch_if_any(more, again, done);
  b_.SetInsertPoint(again);
  State next = State::select(*this, more, step(state), state);
  size_t i = 0;
  next.each([&](auto& member) { phis[i++]->addIncoming(member.lanes, b_.GetInsertBlock()); });
  b_.CreateBr(header);
  b_.SetInsertPoint(done);
  return state;
}

}  // namespace onepass::codegen
