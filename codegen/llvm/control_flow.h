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

}  // namespace onepass::codegen
