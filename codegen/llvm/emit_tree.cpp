// SPDX-License-Identifier: Apache-2.0
// The reduction tree as code: a stack of register-array-sized items in scratch, one per level, and
// lane halving.
#include "onepass/codegen/llvm/emit_tree.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "onepass/ir/extreme_position.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

/// An accumulator in registers: all its lanes, or those of one element. No position: null.
using Item = ir::PositionedValue<llvm::Value*>;

/// The items of a tree: where they are and how they combine. No positions: -1.
struct Tree {
  ArrayId registers, positions;
  ir::OpCode op;
  DType dtype;

  bool finds_position() const { return positions >= 0; }
};

/// older combined with newer, lane by lane.
Item combined(PhaseFrame& f, const Tree& tree, const Item& older, const Item& newer) {
  const int lanes = lane_count(older.value);
  const auto apply = [&](ir::OpCode op, DType dtype, auto... operands) -> llvm::Value* {
    return emit_op(f.op_context(), op, dtype, lanes, {operands...});
  };
  if (!tree.finds_position()) {
    return {apply(tree.op, tree.dtype, older.value, newer.value), nullptr};
  }
  return ir::first_extreme(tree.op, tree.dtype, older, newer, apply);
}

Item read_registers(PhaseFrame& f, const Tree& tree, int64_t element) {
  const auto read = [&](ArrayId array) -> llvm::Value* {
    llvm::AllocaInst* const place = f.register_element(array, element);
    return f.builder.CreateLoad(place->getAllocatedType(), place);
  };
  return {read(tree.registers), tree.finds_position() ? read(tree.positions) : nullptr};
}

void write_registers(PhaseFrame& f, const Tree& tree, int64_t element, const Item& item) {
  f.builder.CreateStore(item.value, f.register_element(tree.registers, element));
  if (!tree.finds_position()) return;
  f.builder.CreateStore(item.position, f.register_element(tree.positions, element));
}

/// One of the stacks of a tree: an array in scratch whose items are like a register array.
struct Stack {
  ArrayId stack, registers;
  Index place;
  int64_t pitch;  // 0: that of an item

  /// Where `element` of the item on `level` lies.
  llvm::Value* address(PhaseFrame& f, llvm::Value* level, int64_t element) const {
    const Array& item = f.array(registers);
    const int64_t size = pitch > 0 ? pitch : item.elements * item.lanes;
    llvm::Value* base = f.builder.CreateNSWMul(level, f.number(size));
    if (place.dynamic != nullptr) base = f.builder.CreateNSWAdd(base, place.dynamic);
    return f.address(stack, {element * item.lanes + place.constant, base});
  }
  llvm::Align alignment(PhaseFrame& f) const {
    return llvm::Align(static_cast<uint64_t>(byte_size(f.array(registers).dtype)));
  }
  llvm::Value* read(PhaseFrame& f, llvm::Value* level, int64_t element) const {
    const Array& item = f.array(registers);
    internal_check(item.dtype != boolean, "a reduction tree of booleans");
    llvm::Type* const type = vector_of(lane_type(f.builder.getContext(), item.dtype), item.lanes);
    return f.annotate(f.builder.CreateAlignedLoad(type, address(f, level, element), alignment(f)),
                      stack);
  }
  void write(PhaseFrame& f, llvm::Value* level, int64_t element, llvm::Value* value) const {
    llvm::Value* const place = address(f, level, element);
    f.annotate(f.builder.CreateAlignedStore(value, place, alignment(f)), stack);
  }
};

/// A tree and its stacks.
struct StackedTree {
  Tree tree;
  Stack values, positions;

  Item read(PhaseFrame& f, llvm::Value* level, int64_t element) const {
    return {values.read(f, level, element),
            tree.finds_position() ? positions.read(f, level, element) : nullptr};
  }
  void write(PhaseFrame& f, llvm::Value* level, int64_t element, const Item& item) const {
    values.write(f, level, element, item.value);
    if (tree.finds_position()) positions.write(f, level, element, item.position);
  }
  int64_t elements(PhaseFrame& f) const { return f.array(tree.registers).elements; }
};

template <class Step>
StackedTree stacked(PhaseFrame& f, const Step& step, ArrayId registers) {
  const Index place = f.evaluate(step.place);
  return {{registers, step.positions, step.op, step.dtype},
          {step.stack, registers, place, step.pitch},
          {step.position_stack, step.positions, place, step.pitch}};
}

/// registers = op(stack[level], registers), element by element.
void combine(PhaseFrame& f, const StackedTree& s, llvm::Value* level) {
  for (int64_t element = 0; element < s.elements(f); ++element) {
    const Item older = s.read(f, level, element);
    const Item newer = read_registers(f, s.tree, element);
    write_registers(f, s.tree, element, combined(f, s.tree, older, newer));
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
  const StackedTree tree = stacked(f, push, push.source);
  const LevelLoop loop = begin_level_loop(f, f.number(f.evaluate(push.index)));
  llvm::Value* const odd = b.CreateTrunc(loop.bits, b.getInt1Ty());
  b.CreateCondBr(odd, loop.body, loop.done);
  b.SetInsertPoint(loop.body);
  combine(f, tree, loop.level);
  end_level_loop(f, loop);
  for (int64_t element = 0; element < tree.elements(f); ++element) {
    tree.write(f, loop.level, element, read_registers(f, tree.tree, element));
  }
}

// The lowest set bit of the count is the first item, each higher one is combined with what is there
// so far.
void emit_tree_fold(PhaseFrame& f, const TreeFold& fold) {
  llvm::IRBuilder<>& b = f.builder;
  const StackedTree tree = stacked(f, fold, fold.target);
  llvm::Value* const count = f.number(f.evaluate(fold.count));
  llvm::Value* const zero = f.number(int64_t{0});
  llvm::Value* const trailing = b.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, count, b.getFalse());
  llvm::Value* const lowest = b.CreateSelect(b.CreateICmpEQ(count, zero), zero, trailing);
  for (int64_t element = 0; element < tree.elements(f); ++element) {
    write_registers(f, tree.tree, element, tree.read(f, lowest, element));
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
  combine(f, tree, loop.level);
  b.CreateBr(next);
  b.SetInsertPoint(next);
  end_level_loop(f, loop);
}

namespace {

/// Vectors are not halved below this, but keep arbitrary lanes behind: scalars would go through
/// other registers.
constexpr int shortest_bytes = 16;

/// Lanes [first, first + half) of a vector, in front of arbitrary others of at least
/// `shortest_bytes` in all.
llvm::Value* half_of(PhaseFrame& f, llvm::Value* vector, int first, int half, int element_bytes) {
  const int lanes = lane_count(vector);
  if (half * element_bytes >= shortest_bytes) return extract_lanes(f.builder, vector, first, half);
  if (first == 0) return vector;
  llvm::SmallVector<int> mask(static_cast<size_t>(lanes), llvm::PoisonMaskElem);
  std::iota(mask.begin(), mask.begin() + half, first);
  return f.builder.CreateShuffleVector(vector, mask);
}

/// All items, then all lanes to the first one, by halving.
template <class Combine>
Item halved(PhaseFrame& f, const Tree& tree, llvm::SmallVector<Item> items, Combine combine) {
  for (size_t half = items.size() / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; ++i) items[i] = combine(items[i], items[i + half]);
  }
  Item rest = items[0];
  for (int half = lane_count(rest.value) / 2; half > 0; half /= 2) {
    const auto part = [&](int first) -> Item {
      return {half_of(f, rest.value, first, half, byte_size(tree.dtype)), nullptr};
    };
    const Item low = part(0), high = part(half);
    rest = combine(low, high);
  }
  return rest;
}

/// Whether any lane of any item is NaN.
llvm::Value* any_nan(PhaseFrame& f, llvm::ArrayRef<Item> items) {
  const int half = std::max(lane_count(items[0].value) / 2, 1);
  llvm::Value* any = nullptr;
  for (const Item& item : items) {
    const int high = lane_count(item.value) - half;
    llvm::Value* const found =
        f.builder.CreateFCmpUNO(extract_lanes(f.builder, item.value, 0, half),
                                extract_lanes(f.builder, item.value, high, half));
    any = any == nullptr ? found : f.builder.CreateOr(any, found);
  }
  return any_lane(f.builder, any);
}

/// The smallest position of all lanes that hold the extreme value, which is NaN if there is one.
llvm::Value* first_position(PhaseFrame& f, const Tree& tree, llvm::ArrayRef<Item> items) {
  llvm::IRBuilder<>& b = f.builder;
  const bool floating = is_floating(tree.dtype);
  const ir::OpCode op = ir::extreme_of(tree.op);
  const Tree values{tree.registers, -1, op, tree.dtype};
  llvm::SmallVector<Item> numbers;
  for (const Item& item : items) numbers.push_back({item.value, nullptr});
  const Item best = halved(f, values, numbers, [&](const Item& low, const Item& high) -> Item {
    if (!floating) return combined(f, values, low, high);
    return {emit_extreme_of_numbers(f.op_context(), op, tree.dtype, low.value, high.value),
            nullptr};
  });
  const int lanes = lane_count(items[0].value);
  llvm::Value* const extreme = splat(b, extract_lanes(b, best.value, 0, 1), lanes);
  llvm::Value* const is_nan = floating ? splat(b, any_nan(f, items), lanes) : nullptr;
  llvm::Value* first = nullptr;
  for (const Item& item : items) {
    llvm::Value* holds =
        floating ? b.CreateFCmpOEQ(item.value, extreme) : b.CreateICmpEQ(item.value, extreme);
    if (floating) holds = b.CreateSelect(is_nan, b.CreateFCmpUNO(item.value, item.value), holds);
    llvm::Type* const type = item.position->getType();
    llvm::Value* const none =
        llvm::ConstantInt::get(type, llvm::APInt::getSignedMaxValue(type->getScalarSizeInBits()));
    llvm::Value* const place = b.CreateSelect(holds, item.position, none);
    first = first == nullptr ? place : b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, first, place);
  }
  for (int half = lanes / 2; half > 0; half /= 2) {
    first = b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, extract_lanes(b, first, 0, half),
                                    extract_lanes(b, first, half, half));
  }
  return extract_lanes(b, first, 0, 1);
}

}  // namespace

void emit_lane_fold(PhaseFrame& f, const LaneFold& fold) {
  const Array& source = f.array(fold.source);
  internal_check(std::has_single_bit(static_cast<uint64_t>(source.elements)) &&
                     std::has_single_bit(static_cast<unsigned>(source.lanes)),
                 "lanes are folded by halving: their number must be a power of two");
  const Tree tree{fold.source, fold.positions, fold.op, fold.dtype};
  llvm::SmallVector<Item> items;
  for (int64_t element = 0; element < source.elements; ++element) {
    items.push_back(read_registers(f, tree, element));
  }
  if (tree.finds_position()) return f.define(fold.result, first_position(f, tree, items));
  const auto first_lane = [&](llvm::Value* value) { return extract_lanes(f.builder, value, 0, 1); };
  if (is_extreme(fold.op) && is_floating(fold.dtype)) {
    // Whether there is a NaN is asked once, beside the steps and not in each.
    const Item number = halved(f, tree, items, [&](const Item& low, const Item& high) -> Item {
      return {emit_extreme_of_numbers(f.op_context(), fold.op, fold.dtype, low.value, high.value),
              nullptr};
    });
    llvm::Value* const extreme = first_lane(number.value);
    llvm::Value* const nan = llvm::ConstantFP::getNaN(extreme->getType());
    return f.define(fold.result, f.builder.CreateSelect(any_nan(f, items), nan, extreme));
  }
  const Item all = halved(f, tree, items, [&](const Item& low, const Item& high) {
    return combined(f, tree, low, high);
  });
  f.define(fold.result, first_lane(all.value));
}

}  // namespace onepass::codegen
