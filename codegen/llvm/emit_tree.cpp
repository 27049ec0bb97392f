// SPDX-License-Identifier: Apache-2.0
// The reduction tree as code: a stack of register-array-sized items in scratch, one per level, and
// lane halving.
#include "onepass/codegen/llvm/emit_tree.h"

#include <bit>

#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

/// The items of a stack: what they hold and how far apart they are.
struct Stack {
  ArrayId stack;
  ArrayId registers;
  ir::OpCode op;
  DType dtype;
};

llvm::Type* item_type(PhaseFrame& f, const Stack& s) {
  const Array& registers = f.array(s.registers);
  internal_check(registers.dtype != boolean, "a reduction tree of booleans");
  return vector_of(lane_type(f.builder.getContext(), registers.dtype), registers.lanes);
}

/// Where `element` of the item on `level` lies.
llvm::Value* item_address(PhaseFrame& f, const Stack& s, llvm::Value* level, int64_t element) {
  const Array& registers = f.array(s.registers);
  const int64_t size = registers.elements * registers.lanes;
  return f.address(s.stack,
                   {element * registers.lanes, f.builder.CreateNSWMul(level, f.number(size))});
}

llvm::Value* load_item(PhaseFrame& f, const Stack& s, llvm::Value* level, int64_t element) {
  const auto alignment = llvm::Align(static_cast<uint64_t>(byte_size(s.dtype)));
  return f.annotate(
      f.builder.CreateAlignedLoad(item_type(f, s), item_address(f, s, level, element), alignment),
      s.stack);
}

/// registers = op(stack[level], registers), element by element.
void combine(PhaseFrame& f, const Stack& s, llvm::Value* level) {
  const Array& registers = f.array(s.registers);
  for (int64_t element = 0; element < registers.elements; ++element) {
    llvm::AllocaInst* const place = f.register_element(s.registers, element);
    llvm::Value* const pushed = load_item(f, s, level, element);
    llvm::Value* const own = f.builder.CreateLoad(place->getAllocatedType(), place);
    llvm::Value* const result =
        emit_op(f.op_context(), s.op, s.dtype, registers.lanes, {pushed, own});
    f.builder.CreateStore(result, place);
  }
}

/// Loads, from the running index `bits`, the next state of a loop over levels: see the two users.
struct LevelLoop {
  llvm::BasicBlock* header;
  llvm::BasicBlock* body;
  llvm::BasicBlock* done;
  llvm::PHINode* bits;
  llvm::PHINode* level;
};

LevelLoop begin_level_loop(PhaseFrame& f, llvm::Value* bits) {
  llvm::IRBuilder<>& b = f.builder;
  llvm::BasicBlock* const before = b.GetInsertBlock();
  LevelLoop loop{f.new_block("level"), f.new_block("combine"), f.new_block("levels_done"), nullptr,
                 nullptr};
  b.CreateBr(loop.header);
  b.SetInsertPoint(loop.header);
  loop.bits = b.CreatePHI(b.getInt64Ty(), 2, "bits");
  loop.bits->addIncoming(bits, before);
  loop.level = b.CreatePHI(b.getInt64Ty(), 2, "level");
  loop.level->addIncoming(f.number(int64_t{0}), before);
  return loop;
}

void end_level_loop(PhaseFrame& f, const LevelLoop& loop) {
  llvm::IRBuilder<>& b = f.builder;
  loop.bits->addIncoming(b.CreateLShr(loop.bits, 1), b.GetInsertBlock());
  loop.level->addIncoming(b.CreateNUWAdd(loop.level, f.number(int64_t{1})), b.GetInsertBlock());
  b.CreateBr(loop.header);
  b.SetInsertPoint(loop.done);
}

}  // namespace

void emit_tree_push(PhaseFrame& f, const TreePush& push) {
  llvm::IRBuilder<>& b = f.builder;
  const Stack stack{push.stack, push.source, push.op, push.dtype};
  const LevelLoop loop = begin_level_loop(f, f.number(f.evaluate(push.index)));
  llvm::Value* const odd = b.CreateTrunc(loop.bits, b.getInt1Ty());
  b.CreateCondBr(odd, loop.body, loop.done);
  b.SetInsertPoint(loop.body);
  combine(f, stack, loop.level);
  end_level_loop(f, loop);

  const Array& source = f.array(push.source);
  const auto alignment = llvm::Align(static_cast<uint64_t>(byte_size(push.dtype)));
  for (int64_t element = 0; element < source.elements; ++element) {
    llvm::AllocaInst* const place = f.register_element(push.source, element);
    llvm::Value* const value = b.CreateLoad(place->getAllocatedType(), place);
    llvm::Value* const address = item_address(f, stack, loop.level, element);
    f.annotate(b.CreateAlignedStore(value, address, alignment), push.stack);
  }
}

// The lowest set bit of the count is the first item, each higher one is combined with what is there
// so far.
void emit_tree_fold(PhaseFrame& f, const TreeFold& fold) {
  llvm::IRBuilder<>& b = f.builder;
  const Stack stack{fold.stack, fold.target, fold.op, fold.dtype};
  llvm::Value* const count = f.number(f.evaluate(fold.count));
  llvm::Value* const zero = f.number(int64_t{0});
  llvm::Value* const trailing = b.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, count, b.getFalse());
  llvm::Value* const lowest = b.CreateSelect(b.CreateICmpEQ(count, zero), zero, trailing);
  for (int64_t element = 0; element < f.array(fold.target).elements; ++element) {
    llvm::Value* const item = load_item(f, stack, lowest, element);
    b.CreateStore(item, f.register_element(fold.target, element));
  }
  llvm::Value* const higher =
      b.CreateAnd(count, b.CreateSub(count, f.number(int64_t{1})), "higher");
  const LevelLoop loop = begin_level_loop(f, higher);
  llvm::BasicBlock* const test = f.new_block("test");
  llvm::BasicBlock* const next = f.new_block("next");
  b.CreateCondBr(b.CreateICmpNE(loop.bits, zero), test, loop.done);
  b.SetInsertPoint(test);
  b.CreateCondBr(b.CreateTrunc(loop.bits, b.getInt1Ty()), loop.body, next);
  b.SetInsertPoint(loop.body);
  combine(f, stack, loop.level);
  b.CreateBr(next);
  b.SetInsertPoint(next);
  end_level_loop(f, loop);
}

void emit_lane_fold(PhaseFrame& f, const LaneFold& fold) {
  const Array& source = f.array(fold.source);
  internal_check(std::has_single_bit(static_cast<uint64_t>(source.elements)) &&
                     std::has_single_bit(static_cast<unsigned>(source.lanes)),
                 "lanes are folded by halving: their number must be a power of two");
  const auto apply = [&](llvm::Value* low, llvm::Value* high) {
    return emit_op(f.op_context(), fold.op, fold.dtype, lane_count(low), {low, high});
  };
  llvm::SmallVector<llvm::Value*> items;
  for (int64_t element = 0; element < source.elements; ++element) {
    llvm::AllocaInst* const place = f.register_element(fold.source, element);
    items.push_back(f.builder.CreateLoad(place->getAllocatedType(), place));
  }
  for (size_t half = items.size() / 2; half > 0; half /= 2)
    for (size_t i = 0; i < half; ++i) items[i] = apply(items[i], items[i + half]);
  llvm::Value* rest = items[0];
  for (int half = source.lanes / 2; half > 0; half /= 2) {
    rest =
        apply(extract_lanes(f.builder, rest, 0, half), extract_lanes(f.builder, rest, half, half));
  }
  f.define(fold.result, rest);
}

}  // namespace onepass::codegen
