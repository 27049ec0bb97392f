// SPDX-License-Identifier: Apache-2.0
// Loops and statements of a nest.
#include "onepass/codegen/llvm/emit_loops.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "onepass/codegen/llvm/control_flow.h"
#include "onepass/codegen/llvm/emit_memory.h"
#include "onepass/codegen/llvm/emit_sum_bytes.h"
#include "onepass/codegen/llvm/emit_transpose.h"
#include "onepass/codegen/llvm/emit_tree.h"
#include "onepass/codegen/llvm/phase_frame.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

void emit_statements(PhaseFrame& f, const std::vector<Statement>& statements);

void emit(PhaseFrame& f, const Load& s) { emit_load(f, s); }
void emit(PhaseFrame& f, const Store& s) { emit_store(f, s); }
void emit(PhaseFrame& f, const Transpose& s) { emit_transpose(f, s); }
void emit(PhaseFrame& f, const LoadTurned& s) { emit_load_turned(f, s); }
void emit(PhaseFrame& f, const LoadBytes& s) { emit_load_bytes(f, s); }
void emit(PhaseFrame& f, const SumBytes& s) { emit_sum_bytes(f, s); }
void emit(PhaseFrame& f, const Prefetch& s) { emit_prefetch(f, s); }
void emit(PhaseFrame& f, const TreePush& s) { emit_tree_push(f, s); }
void emit(PhaseFrame& f, const TreeFold& s) { emit_tree_fold(f, s); }
void emit(PhaseFrame& f, const LaneFold& s) { emit_lane_fold(f, s); }

void emit(PhaseFrame& f, const Constant& s) {
  llvm::Type* const type = lane_type(f.builder.getContext(), s.dtype);
  constexpr int bits_per_byte = 8;
  const auto bits = static_cast<unsigned>(byte_size(s.dtype) * bits_per_byte);
  const llvm::APInt pattern = llvm::APInt(64, s.bits).trunc(bits);
  if (s.dtype == boolean)
    f.define(s.result, f.builder.getInt1(!pattern.isZero()));
  else if (type->isFloatingPointTy())
    f.define(s.result,
             llvm::ConstantFP::get(type, llvm::APFloat(type->getFltSemantics(), pattern)));
  else
    f.define(s.result, llvm::ConstantInt::get(type, pattern));
}

void emit(PhaseFrame& f, const ScalarArgument& s) {
  f.define(s.result, f.scalar_argument(s.index, s.dtype));
}

void emit(PhaseFrame& f, const IndexValue& s) {
  llvm::IRBuilder<>& b = f.builder;
  // Integers wrap: those of 32 bits need no lanes of 64.
  const DType dtype = s.dtype == i32 ? i32 : i64;
  auto* const type = llvm::cast<llvm::IntegerType>(lane_type(b.getContext(), dtype));
  llvm::Value* value = b.CreateTrunc(f.number(f.evaluate(s.index)), type);
  if (!f.is_uniform(s.index)) {
    const int lanes = f.vector.lanes;
    llvm::SmallVector<llvm::Constant*> numbers;
    for (int lane = 0; lane < lanes; ++lane)
      numbers.push_back(llvm::ConstantInt::get(type, static_cast<uint64_t>(lane)));
    internal_check(!s.index.is_divided(), "a divided index differs between lanes");
    llvm::Value* const stride = b.CreateTrunc(f.number(f.lane_stride(s.index)), type);
    value = b.CreateAdd(splat(b, value, lanes),
                        b.CreateMul(llvm::ConstantVector::get(numbers), splat(b, stride, lanes)));
  }
  f.define(s.result, emit_convert(f.op_context(), value, dtype, s.dtype));
}

void emit(PhaseFrame& f, const Compute& s) {
  llvm::SmallVector<llvm::Value*> operands;
  int lanes = 1;
  for (ValueId id : s.operands) {
    operands.push_back(f.value(id));
    lanes = std::max(lanes, lane_count(operands.back()));
  }
  for (llvm::Value*& operand : operands) operand = splat(f.builder, operand, lanes);
  f.define(s.result, emit_op(f.op_context(), s.op, s.dtype, lanes, operands, s.exponent));
}

void emit(PhaseFrame& f, const Convert& s) {
  f.define(s.result, emit_convert(f.op_context(), f.value(s.operand), s.from, s.to));
}

void emit(PhaseFrame& f, const Fill& s) {
  llvm::Value* operand = f.value(s.operand);
  if (f.vector.mask != nullptr) {
    llvm::Value* const identity = splat(f.builder, f.value(s.identity), f.vector.lanes);
    operand =
        f.builder.CreateSelect(f.vector.mask, splat(f.builder, operand, f.vector.lanes), identity);
  }
  f.define(s.result, operand);
}

/// The same with a variable of the nest.
template <class Body>
void emit_counted(PhaseFrame& f, VariableId variable, llvm::Value* begin, llvm::Value* end,
                  int64_t step, Body body) {
  emit_loop(f, begin, end, step, [&](llvm::Value* counter) {
    counter->setName(f.variable_name(variable));
    f.bind(variable, {0, counter});
    body();
    f.unbind(variable);
  });
}

void emit_bound(PhaseFrame& f, VariableId variable, const Index& value,
                const std::vector<Statement>& body) {
  f.bind(variable, value);
  emit_statements(f, body);
  f.unbind(variable);
}

void emit_parallel(PhaseFrame& f, const For& loop) {
  if (loop.range_end >= 0) {
    f.bind(loop.range_end, {0, f.function().getArg(2)});
    emit_bound(f, loop.variable, {0, f.function().getArg(1)}, loop.body);
    return f.unbind(loop.range_end);
  }
  emit_counted(f, loop.variable, f.function().getArg(1), f.function().getArg(2), loop.step,
               [&] { emit_statements(f, loop.body); });
}

/// `end - begin` rounded down to whole steps, plus begin.
llvm::Value* whole_end(PhaseFrame& f, llvm::Value* begin, llvm::Value* end, int64_t step) {
  llvm::IRBuilder<>& b = f.builder;
  llvm::Value* const zero = f.number(int64_t{0});
  llvm::Value* extent = b.CreateSub(end, begin);
  extent = b.CreateSelect(b.CreateICmpSGT(extent, zero), extent, zero);
  llvm::Value* const whole = std::has_single_bit(static_cast<uint64_t>(step))
                                 ? b.CreateAnd(extent, f.number(-step))
                                 : b.CreateSub(extent, b.CreateURem(extent, f.number(step)));
  return b.CreateAdd(begin, whole);
}

void emit_serial(PhaseFrame& f, const For& loop) {
  llvm::Value* const begin = f.number(f.evaluate(loop.begin));
  llvm::Value* const end = f.number(loop.end);
  const auto body = [&] { emit_statements(f, loop.body); };
  if (loop.rest.empty()) return emit_counted(f, loop.variable, begin, end, loop.step, body);
  llvm::Value* const whole = whole_end(f, begin, end, loop.step);
  emit_counted(f, loop.variable, begin, whole, loop.step, body);
  emit_if(f, f.builder.CreateICmpSLT(whole, end),
          [&] { emit_bound(f, loop.variable, {0, whole}, loop.rest); });
}

void emit_unrolled(PhaseFrame& f, const For& loop) {
  const Index begin = f.evaluate(loop.begin);
  internal_check(loop.end.smallest_of.size() == 1, "an unrolled loop has one end");
  const Index end = f.evaluate(loop.end.smallest_of[0]);
  // Both ends may move with outer variables, by the same terms.
  internal_check((begin.dynamic == nullptr && end.dynamic == nullptr) ||
                     loop.begin.terms == loop.end.smallest_of[0].terms,
                 "an unrolled loop has a constant number of iterations");
  for (int64_t at = begin.constant; at < end.constant; at += loop.step)
    emit_bound(f, loop.variable, {at, begin.dynamic}, loop.body);
}

bool has_uniform_memory_access(const For& loop, const std::vector<Statement>& body,
                               const LoopNest& nest) {
  const auto touches = [&](ArrayId array, const Affine& index) {
    return nest.arrays[static_cast<size_t>(array)].space == Array::Space::buffer &&
           std::none_of(index.terms.begin(), index.terms.end(),
                        [&](const Term& t) { return t.variable == loop.variable; });
  };
  return std::any_of(body.begin(), body.end(), [&](const Statement& s) {
    if (const auto* load = std::get_if<Load>(&s)) return touches(load->array, load->index);
    if (const auto* store = std::get_if<Store>(&s)) return touches(store->array, store->index);
    const auto* inner = std::get_if<For>(&s);
    return inner != nullptr && has_uniform_memory_access(loop, inner->body, nest);
  });
}

/// One iteration in which only the lanes below `remaining` are active.
void emit_masked(PhaseFrame& f, const For& loop, const Index& begin, llvm::Value* remaining) {
  llvm::IRBuilder<>& b = f.builder;
  const int lanes = f.vector.lanes;
  llvm::SmallVector<llvm::Constant*> numbers;
  for (int lane = 0; lane < lanes; ++lane)
    numbers.push_back(b.getInt32(static_cast<uint32_t>(lane)));
  // Clamped, so that 32 bits hold it.
  llvm::Value* const most = f.number(int64_t{lanes});
  llvm::Value* active = b.CreateSelect(b.CreateICmpSLT(remaining, most), remaining, most);
  llvm::Value* const zero = f.number(int64_t{0});
  active = b.CreateSelect(b.CreateICmpSGT(active, zero), active, zero);
  f.vector.remaining = active;
  llvm::Value* const limit = splat(b, b.CreateTrunc(active, b.getInt32Ty()), lanes);
  f.vector.mask = lanes == 1 ? b.CreateICmpSGT(active, zero)
                             : b.CreateICmpSLT(llvm::ConstantVector::get(numbers), limit, "active");
  // LLVM moves comparisons to their users, into loops; masks of AVX-512 have registers of their
  // own.
  if (f.target.instruction_set == InstructionSet::x86_64_v4 && lanes > 1) {
    f.vector.mask = b.CreateFreeze(f.vector.mask);
  }
  emit_bound(f, loop.variable, begin, loop.body);
  f.vector.remaining = nullptr;
  f.vector.mask = nullptr;
}

void emit_single_vector(PhaseFrame& f, const For& loop, const Index& first) {
  llvm::Value* const begin = f.number(first);
  llvm::Value* const end = f.number(loop.end);
  const auto whole = [&] {
    f.bind(loop.variable, first);
    f.vector.streaming = may_stream_stores(f, loop);
    f.unbind(loop.variable);
    emit_bound(f, loop.variable, first, loop.body);
    f.vector.streaming = nullptr;
  };
  if (loop.exact) {
    const bool full = loop.end.smallest_of.size() == 1 &&
                      loop.end.smallest_of[0].terms == loop.begin.terms &&
                      loop.end.smallest_of[0].constant > loop.begin.constant;
    if (full) return whole();
    return emit_if(f, f.builder.CreateICmpSLT(begin, end), whole);
  }
  llvm::Value* const remaining = f.builder.CreateSub(end, begin);
  const auto masked = [&] { emit_masked(f, loop, first, remaining); };
  // With no active lane, only scalar accesses could touch memory that is not there.
  if (!has_uniform_memory_access(loop, loop.body, f.nest)) return masked();
  emit_if(f, f.builder.CreateICmpSLT(begin, end), masked);
}

void emit_whole_vectors(PhaseFrame& f, const For& loop, llvm::Value* begin, llvm::Value* end) {
  emit_counted(f, loop.variable, begin, end, f.vector.lanes,
               [&] { emit_statements(f, loop.body); });
}

/// The main loop. Streamed stores of aligned addresses are decided on once, in front of it.
void emit_main_vectors(PhaseFrame& f, const For& loop, llvm::Value* begin, llvm::Value* end) {
  f.bind(loop.variable, {0, begin});
  f.vector.streaming = may_stream_stores(f, loop);
  f.unbind(loop.variable);
  emit_whole_vectors(f, loop, begin, end);
  f.vector.streaming = nullptr;
}

/// What the main loop leaves: less than a vector, or several if it takes more than one at once.
void emit_rest(PhaseFrame& f, const For& loop, llvm::Value* begin, llvm::Value* end) {
  const auto masked = [&](llvm::Value* from) {
    emit_masked(f, loop, {0, from}, f.builder.CreateSub(end, from));
  };
  if (loop.unroll == 1)
    return emit_if(f, f.builder.CreateICmpSLT(begin, end), [&] { masked(begin); });
  emit_loop(f, begin, end, loop.step, masked);
}

void emit_vector(PhaseFrame& f, const For& loop) {
  const Index first = f.evaluate(loop.begin);
  f.vector = {loop.variable, static_cast<int>(loop.step)};
  if (loop.single) {
    emit_single_vector(f, loop, first);
  } else {
    const int64_t wide = loop.step * loop.unroll;
    llvm::Value* const begin = f.number(first);
    llvm::Value* const end = f.number(loop.end);
    llvm::Value* const whole = loop.exact ? end : whole_end(f, begin, end, wide);
    f.vector.lanes = static_cast<int>(wide);
    emit_main_vectors(f, loop, begin, whole);
    f.vector.lanes = static_cast<int>(loop.step);
    if (!loop.exact) emit_rest(f, loop, whole, end);
  }
  f.vector = {};
}

void emit(PhaseFrame& f, const If& s) {
  llvm::Value* const holds =
      f.builder.CreateICmpSLT(f.number(f.evaluate(s.smaller)), f.number(s.larger));
  const auto then = [&] { emit_statements(f, s.then); };
  if (s.otherwise.empty()) return emit_if(f, holds, then);
  emit_either(f, holds, then, [&] { emit_statements(f, s.otherwise); });
}

void emit(PhaseFrame& f, const Parts& s) {
  emit_parts(f, f.number(f.evaluate(s.begin)), f.number(s.end), s,
             [&](const Block& body, llvm::Value* place, const Index& count) {
               f.bind(s.count, count);
               emit_bound(f, s.variable, {0, place}, body);
               f.unbind(s.count);
             });
}

void emit(PhaseFrame& f, const Call& s) {
  llvm::SmallVector<llvm::Value*> arguments = {f.function().getArg(0)};
  for (const Bound& argument : s.arguments) arguments.push_back(f.number(argument));
  const std::string& name = f.nest.procedures[static_cast<size_t>(s.procedure)].name;
  f.builder.CreateCall(f.function().getParent()->getFunction(name), arguments);
}

void emit(PhaseFrame& f, const For& loop) {
  switch (loop.kind) {
    case LoopKind::parallel:
      return emit_parallel(f, loop);
    case LoopKind::serial:
      return emit_serial(f, loop);
    case LoopKind::unrolled:
      return emit_unrolled(f, loop);
    case LoopKind::vector:
      return emit_vector(f, loop);
    case LoopKind::fixed:
      return emit_bound(f, loop.variable, {0, f.number(loop.end)}, loop.body);
  }
}

void emit_statements(PhaseFrame& f, const std::vector<Statement>& statements) {
  for (const Statement& statement : statements)
    std::visit([&](const auto& s) { emit(f, s); }, statement);
}

/// A function of the module that the phases call.
void declare_procedure(llvm::Module& module, const Procedure& procedure) {
  llvm::LLVMContext& context = module.getContext();
  llvm::SmallVector<llvm::Type*> types = {llvm::PointerType::getUnqual(context)};
  types.append(procedure.parameters.size(), llvm::Type::getInt64Ty(context));
  auto* const type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), types, false);
  llvm::Function* const function =
      llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, procedure.name, &module);
  function->addFnAttr(llvm::Attribute::NoInline);
}

void emit_procedure(llvm::Module& module, const LoopNest& nest, const Target& target,
                    const Procedure& procedure) {
  llvm::Function* const function = module.getFunction(procedure.name);
  PhaseFrame frame(nest, target, *function);
  unsigned argument = 1;
  for (const VariableId id : procedure.parameters) {
    frame.bind(id, {0, function->getArg(argument++)});
  }
  emit_statements(frame, procedure.body);
  frame.finish();
}

}  // namespace

std::unique_ptr<llvm::Module> emit_module(llvm::LLVMContext& context, const LoopNest& nest,
                                          const Target& target, const std::string& prefix) {
  auto module = std::make_unique<llvm::Module>(nest.name, context);
  llvm::Type* const integer = llvm::Type::getInt64Ty(context);
  auto* const type =
      llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                              {llvm::PointerType::getUnqual(context), integer, integer}, false);
  for (const Procedure& procedure : nest.procedures) declare_procedure(*module, procedure);
  for (const Procedure& procedure : nest.procedures) {
    emit_procedure(*module, nest, target, procedure);
  }
  for (size_t i = 0; i < nest.phases.size(); ++i) {
    llvm::Function* const function =
        llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage,
                               prefix + "_phase" + std::to_string(i), module.get());
    PhaseFrame frame(nest, target, *function);
    emit_statements(frame, nest.phases[i]);
    frame.finish();
  }
  return module;
}

}  // namespace onepass::codegen
