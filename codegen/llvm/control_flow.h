// SPDX-License-Identifier: Apache-2.0
// Branches and loops of a phase function. Loops are tested at the bottom: what stands in front of
// one runs only if it runs.
#pragma once

#include <cstdint>
#include <utility>

#include "onepass/codegen/llvm/phase_frame.h"

namespace onepass::codegen {

/// Runs `body` if `condition` holds. Nothing inside may be hoisted across the test.
template <class Body>
void emit_if(PhaseFrame& f, llvm::Value* condition, Body body) {
  if (const auto* known = llvm::dyn_cast<llvm::ConstantInt>(condition)) {
    if (known->isOne()) body();
    return;
  }
  llvm::BasicBlock* const then = f.new_block("then");
  llvm::BasicBlock* const done = f.new_block("done");
  f.builder.CreateCondBr(condition, then, done);
  f.builder.SetInsertPoint(then);
  const HoistScope outer = std::exchange(f.hoist, {});
  body();
  f.hoist = outer;
  f.builder.CreateBr(done);
  f.builder.SetInsertPoint(done);
}

/// Runs `then` if `condition` holds, else `otherwise`. Nothing inside may be hoisted.
template <class Then, class Otherwise>
void emit_either(PhaseFrame& f, llvm::Value* condition, Then then, Otherwise otherwise) {
  llvm::BasicBlock* const taken = f.new_block("either");
  llvm::BasicBlock* const other = f.new_block("other");
  llvm::BasicBlock* const done = f.new_block("done");
  f.builder.CreateCondBr(condition, taken, other);
  const HoistScope outer = std::exchange(f.hoist, {});
  f.builder.SetInsertPoint(taken);
  then();
  f.builder.CreateBr(done);
  f.builder.SetInsertPoint(other);
  otherwise();
  f.builder.CreateBr(done);
  f.hoist = outer;
  f.builder.SetInsertPoint(done);
}

/// for (counter = begin; counter < end; counter += step) body(counter).
template <class Body>
void emit_loop(PhaseFrame& f, llvm::Value* begin, llvm::Value* end, int64_t step, Body body) {
  llvm::IRBuilder<>& b = f.builder;
  emit_if(f, b.CreateICmpSLT(begin, end), [&] {
    const HoistScope outer = f.hoist;
    llvm::BasicBlock* const before = b.GetInsertBlock();
    llvm::BasicBlock* const loop = f.new_block("loop");
    llvm::BasicBlock* const done = f.new_block("loop_done");
    llvm::Instruction* const enter = b.CreateBr(loop);
    b.SetInsertPoint(loop);
    llvm::PHINode* const counter = b.CreatePHI(b.getInt64Ty(), 2);
    counter->addIncoming(begin, before);
    f.hoist = {enter, f.depth()};
    body(counter);
    f.hoist = outer;
    llvm::Value* const next = b.CreateNSWAdd(counter, f.number(step));
    counter->addIncoming(next, b.GetInsertBlock());
    b.CreateCondBr(b.CreateICmpSLT(next, end), loop, done);
    b.SetInsertPoint(done);
  });
}

/// The parts of [begin, end): body(statements, place, number of units) for each.
template <class Body>
void emit_parts(PhaseFrame& f, llvm::Value* begin, llvm::Value* end, const Parts& parts,
                Body body) {
  llvm::IRBuilder<>& b = f.builder;
  const auto rounded_up = [&](llvm::Value* value, int64_t divisor) {
    return b.CreateUDiv(b.CreateNSWAdd(value, f.number(divisor - 1)), f.number(divisor));
  };
  emit_if(f, b.CreateICmpSLT(begin, end), [&] {
    llvm::Value* const units = rounded_up(b.CreateNSWSub(end, begin), parts.unit);
    llvm::Value* const count = rounded_up(units, static_cast<int64_t>(parts.bodies.size()));
    llvm::Value* const least = b.CreateUDiv(units, count);
    llvm::Value* const larger = b.CreateNSWSub(units, b.CreateNSWMul(least, count));
    llvm::BasicBlock* const before = b.GetInsertBlock();
    llvm::BasicBlock* const loop = f.new_block("part");
    llvm::BasicBlock* const next = f.new_block("part_done");
    llvm::BasicBlock* const done = f.new_block("parts_done");
    b.CreateBr(loop);
    b.SetInsertPoint(loop);
    llvm::PHINode* const part = b.CreatePHI(b.getInt64Ty(), 2);
    llvm::PHINode* const place = b.CreatePHI(b.getInt64Ty(), 2);
    part->addIncoming(f.number(int64_t{0}), before);
    place->addIncoming(begin, before);
    llvm::Value* const size =
        b.CreateNSWAdd(least, b.CreateZExt(b.CreateICmpSLT(part, larger), b.getInt64Ty()));
    llvm::BasicBlock* const otherwise = f.new_block("part_of_others");
    llvm::SwitchInst* const choice = b.CreateSwitch(size, otherwise);
    const HoistScope outer = std::exchange(f.hoist, {});
    for (size_t i = 0; i < parts.bodies.size(); ++i) {
      if (parts.bodies[i].empty()) continue;
      const auto units_of_body = static_cast<int64_t>(i) + 1;
      llvm::BasicBlock* const block = f.new_block("part_of");
      choice->addCase(b.getInt64(static_cast<uint64_t>(units_of_body)), block);
      b.SetInsertPoint(block);
      body(parts.bodies[i], place, Index{units_of_body, nullptr});
      b.CreateBr(next);
    }
    b.SetInsertPoint(otherwise);
    body(parts.others, place, Index{0, size});
    b.CreateBr(next);
    f.hoist = outer;
    b.SetInsertPoint(next);
    llvm::Value* const following = b.CreateNSWAdd(part, f.number(int64_t{1}));
    part->addIncoming(following, next);
    place->addIncoming(b.CreateNSWAdd(place, b.CreateNSWMul(size, f.number(parts.unit))), next);
    b.CreateCondBr(b.CreateICmpSLT(following, count), loop, done);
    b.SetInsertPoint(done);
  });
}

}  // namespace onepass::codegen
