// SPDX-License-Identifier: Apache-2.0
// Memory accesses. Partial vectors are masked where the instruction set masks that width, else
// staged on the stack.
#include "onepass/codegen/llvm/emit_memory.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "onepass/codegen/llvm/control_flow.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

llvm::Align element_alignment(DType dtype) {
  return llvm::Align(static_cast<uint64_t>(byte_size(dtype)));
}

/// Streamed stores write whole vector registers.
bool may_stream(const PhaseFrame& f, const Array& array) {
  return array.space == Array::Space::buffer && array.streamed &&
         f.vector.lanes * byte_size(array.dtype) % f.target.vector_bytes() == 0;
}

/// One vector access: where its first lane is and how far apart lanes are, in elements.
struct Access {
  ArrayId array;
  Index first;
  Index stride;
  llvm::Type* element;
  llvm::Type* type;

  bool has_stride(int64_t distance) const {
    return stride.dynamic == nullptr && stride.constant == distance;
  }
};

Access access(PhaseFrame& f, ArrayId array, const Affine& index) {
  llvm::Type* const element = memory_type(f.builder.getContext(), f.array(array).dtype);
  return {array, f.evaluate(index), f.lane_stride(index), element,
          vector_of(element, f.vector.lanes)};
}

llvm::Value* reverse(PhaseFrame& f, llvm::Value* vector) {
  llvm::SmallVector<int> lanes(static_cast<size_t>(f.vector.lanes));
  std::iota(lanes.rbegin(), lanes.rend(), 0);
  return f.builder.CreateShuffleVector(vector, lanes);
}

/// The lowest address of a reversed access.
llvm::Value* reversed_address(PhaseFrame& f, const Access& a) {
  Index last = a.first;
  last.constant -= f.vector.lanes - 1;
  return f.address(a.array, last);
}

llvm::Value* lane_address(PhaseFrame& f, const Access& a, llvm::Value* first, llvm::Value* lane) {
  llvm::Value* const offset = f.builder.CreateNSWMul(lane, f.number(a.stride));
  return f.builder.CreateGEP(a.element, first, offset);
}

/// Runs `copy(lane)` for the active lanes one by one.
template <class Copy>
void for_active_lanes(PhaseFrame& f, Copy copy) {
  llvm::IRBuilder<>& b = f.builder;
  llvm::BasicBlock* const before = b.GetInsertBlock();
  llvm::BasicBlock* const loop = f.new_block("lane");
  llvm::BasicBlock* const done = f.new_block("lanes_done");
  b.CreateCondBr(b.CreateICmpSGT(f.vector.remaining, f.number(int64_t{0})), loop, done);
  b.SetInsertPoint(loop);
  llvm::PHINode* const lane = b.CreatePHI(b.getInt64Ty(), 2);
  lane->addIncoming(f.number(int64_t{0}), before);
  copy(lane);
  llvm::Value* const next = b.CreateNSWAdd(lane, f.number(int64_t{1}));
  lane->addIncoming(next, loop);
  b.CreateCondBr(b.CreateICmpSLT(next, f.vector.remaining), loop, done);
  b.SetInsertPoint(done);
}

llvm::Value* load_partial(PhaseFrame& f, const Access& a) {
  llvm::IRBuilder<>& b = f.builder;
  const llvm::Align alignment = element_alignment(f.array(a.array).dtype);
  llvm::Value* const first = f.address(a.array, a.first);
  llvm::Constant* const zero = llvm::Constant::getNullValue(a.type);
  if (a.has_stride(1) && masks_in_hardware(f.target, f.array(a.array).dtype)) {
    return f.annotate(b.CreateMaskedLoad(a.type, first, alignment, f.vector.mask, zero), a.array);
  }
  llvm::AllocaInst* const staging = f.staging(a.type);
  b.CreateStore(zero, staging);
  for_active_lanes(f, [&](llvm::Value* lane) {
    llvm::Value* const element =
        b.CreateAlignedLoad(a.element, lane_address(f, a, first, lane), alignment);
    b.CreateStore(element, b.CreateGEP(a.element, staging, lane));
  });
  return b.CreateLoad(a.type, staging);
}

/// The widest step whose elements are picked out of whole vectors.
constexpr int64_t widest_step = 4;

/// Whole vectors over all that lies between the first and the last lane, and shuffles that pick the
/// lanes. The last vector ends with the last lane: nothing outside is read.
llvm::Value* load_spaced(PhaseFrame& f, const Access& a, const Index& first, int lanes) {
  llvm::IRBuilder<>& b = f.builder;
  const DType dtype = f.array(a.array).dtype;
  const auto step = static_cast<int>(std::abs(a.stride.constant));
  const bool falls = a.stride.constant < 0;
  const int span = (lanes - 1) * step + 1;
  const auto begin_of = [&](int part) { return std::min(part * lanes, span - lanes); };
  llvm::Value* result = nullptr;
  for (int part = 0; part < step; ++part) {
    Index place = first;
    place.constant += begin_of(part) - (falls ? span - 1 : 0);
    llvm::Value* const piece =
        f.annotate(b.CreateAlignedLoad(vector_of(a.element, lanes), f.address(a.array, place),
                                       element_alignment(dtype)),
                   a.array);
    llvm::SmallVector<int, 64> picks;
    for (int lane = 0; lane < lanes; ++lane) {
      const int element = (falls ? lanes - 1 - lane : lane) * step;
      const int owner = std::min(element / lanes, step - 1);
      if (owner < part) {
        picks.push_back(part == 1 ? element : lane);
      } else {
        picks.push_back(owner == part ? lanes + element - begin_of(part) : llvm::PoisonMaskElem);
      }
    }
    result = part == 0 ? piece : b.CreateShuffleVector(result, piece, picks);
  }
  return result;
}

/// The same for any number of lanes, one register at a time.
llvm::Value* load_spaced(PhaseFrame& f, const Access& a) {
  const int lanes = std::min(f.vector.lanes, f.target.lanes(byte_size(f.array(a.array).dtype)));
  llvm::SmallVector<llvm::Value*> parts;
  for (int lane = 0; lane < f.vector.lanes; lane += lanes) {
    Index first = a.first;
    first.constant += lane * a.stride.constant;
    parts.push_back(load_spaced(f, a, first, lanes));
  }
  return concatenate(f.builder, std::move(parts));
}

bool is_spaced(const Access& a) {
  return a.stride.dynamic == nullptr && a.stride.constant != 0 &&
         std::abs(a.stride.constant) <= widest_step;
}

llvm::Value* load_whole(PhaseFrame& f, const Access& a) {
  llvm::IRBuilder<>& b = f.builder;
  const llvm::Align alignment = element_alignment(f.array(a.array).dtype);
  if (a.has_stride(1)) {
    llvm::Value* const first = f.address(a.array, a.first);
    return f.annotate(b.CreateAlignedLoad(a.type, first, alignment), a.array);
  }
  if (a.has_stride(-1)) {
    llvm::Value* const lowest = reversed_address(f, a);
    return reverse(f, f.annotate(b.CreateAlignedLoad(a.type, lowest, alignment), a.array));
  }
  if (is_spaced(a)) return load_spaced(f, a);
  llvm::Value* const first = f.address(a.array, a.first);
  llvm::Value* result = llvm::PoisonValue::get(a.type);
  for (int lane = 0; lane < f.vector.lanes; ++lane) {
    llvm::Value* const place = lane_address(f, a, first, f.number(int64_t{lane}));
    llvm::Instruction* const element =
        f.annotate(b.CreateAlignedLoad(a.element, place, alignment), a.array);
    result = b.CreateInsertElement(result, element, static_cast<uint64_t>(lane));
  }
  return result;
}

/// A scalar, moved in front of the loop if the array is an input whose place does not change in it.
llvm::Value* load_uniform(PhaseFrame& f, const Load& load) {
  const Array& array = f.array(load.array);
  const bool is_input = array.space == Array::Space::buffer && !array.written;
  llvm::IRBuilder<>::InsertPointGuard guard(f.builder);
  if (is_input && f.is_hoistable(load.index)) f.builder.SetInsertPoint(f.hoist.before);
  llvm::Value* const place = f.address(load.array, f.evaluate(load.index));
  llvm::Type* const type = memory_type(f.builder.getContext(), array.dtype);
  llvm::Value* const value = f.annotate(
      f.builder.CreateAlignedLoad(type, place, element_alignment(array.dtype)), load.array);
  return array.dtype == boolean ? f.builder.CreateIsNotNull(value) : value;
}

llvm::AllocaInst* register_place(PhaseFrame& f, ArrayId array, const Affine& index) {
  const Index element = f.evaluate(index);
  internal_check(element.dynamic == nullptr, "a loop nest indexes registers at run time");
  return f.register_element(array, element.constant);
}

void store_partial(PhaseFrame& f, const Access& a, llvm::Value* value) {
  llvm::IRBuilder<>& b = f.builder;
  const llvm::Align alignment = element_alignment(f.array(a.array).dtype);
  llvm::Value* const first = f.address(a.array, a.first);
  if (a.has_stride(1) && masks_in_hardware(f.target, f.array(a.array).dtype)) {
    f.annotate(b.CreateMaskedStore(value, first, alignment, f.vector.mask), a.array);
    return;
  }
  llvm::AllocaInst* const staging = f.staging(a.type);
  b.CreateStore(value, staging);
  for_active_lanes(f, [&](llvm::Value* lane) {
    llvm::Value* const element = b.CreateLoad(a.element, b.CreateGEP(a.element, staging, lane));
    b.CreateAlignedStore(element, lane_address(f, a, first, lane), alignment);
  });
}

/// A store that bypasses the caches; `place` is aligned to whole vector registers.
void stream(PhaseFrame& f, const Access& a, llvm::Value* value, llvm::Value* place) {
  llvm::IRBuilder<>& b = f.builder;
  const llvm::Align alignment(static_cast<uint64_t>(f.target.vector_bytes()));
  f.annotate(b.CreateAlignedStore(value, place, alignment), a.array)
      ->setMetadata(
          llvm::LLVMContext::MD_nontemporal,
          llvm::MDNode::get(b.getContext(), llvm::ConstantAsMetadata::get(b.getInt32(1))));
  f.has_streamed = true;
}

void store_whole(PhaseFrame& f, const Access& a, llvm::Value* value) {
  llvm::IRBuilder<>& b = f.builder;
  const Array& array = f.array(a.array);
  const llvm::Align alignment = element_alignment(array.dtype);
  if (a.has_stride(1)) {
    llvm::Value* const place = f.address(a.array, a.first);
    const auto plain = [&] { f.annotate(b.CreateAlignedStore(value, place, alignment), a.array); };
    if (f.vector.streaming == nullptr || !may_stream(f, array)) return plain();
    return emit_either(f, f.vector.streaming, [&] { stream(f, a, value, place); }, plain);
  }
  if (a.has_stride(-1)) {
    f.annotate(b.CreateAlignedStore(reverse(f, value), reversed_address(f, a), alignment), a.array);
    return;
  }
  llvm::Value* const first = f.address(a.array, a.first);
  for (int lane = 0; lane < f.vector.lanes; ++lane) {
    llvm::Value* const element = b.CreateExtractElement(value, static_cast<uint64_t>(lane));
    llvm::Value* const place = lane_address(f, a, first, f.number(int64_t{lane}));
    f.annotate(b.CreateAlignedStore(element, place, alignment), a.array);
  }
}

void store_register(PhaseFrame& f, const Store& store, llvm::Value* value) {
  llvm::IRBuilder<>& b = f.builder;
  llvm::AllocaInst* const place = register_place(f, store.array, store.index);
  value = splat(b, value, f.array(store.array).lanes);
  if (f.vector.mask != nullptr && !store.all_lanes && lane_count(value) == f.vector.lanes)
    value = b.CreateSelect(f.vector.mask, value, b.CreateLoad(place->getAllocatedType(), place));
  b.CreateStore(value, place);
}

void store_uniform(PhaseFrame& f, const Store& store, llvm::Value* value) {
  llvm::Value* const place = f.address(store.array, f.evaluate(store.index));
  const llvm::Align alignment = element_alignment(f.array(store.array).dtype);
  f.annotate(f.builder.CreateAlignedStore(value, place, alignment), store.array);
}

}  // namespace

bool masks_in_hardware(const Target& target, DType dtype) {
  constexpr int narrowest_avx2 = 4;
  return target.instruction_set == InstructionSet::x86_64_v4 || byte_size(dtype) >= narrowest_avx2;
}

void emit_load(PhaseFrame& f, const Load& load) {
  const Array& array = f.array(load.array);
  if (array.space == Array::Space::registers) {
    llvm::AllocaInst* const place = register_place(f, load.array, load.index);
    f.define(load.result, f.builder.CreateLoad(place->getAllocatedType(), place));
    return;
  }
  if (f.is_uniform(load.index)) {
    f.define(load.result, load_uniform(f, load));
    return;
  }
  const Access a = access(f, load.array, load.index);
  llvm::Value* const value = f.vector.mask == nullptr ? load_whole(f, a) : load_partial(f, a);
  f.define(load.result, array.dtype == boolean ? f.builder.CreateIsNotNull(value) : value);
}

void emit_store(PhaseFrame& f, const Store& store) {
  const Array& array = f.array(store.array);
  llvm::Value* value = f.value(store.value);
  if (array.space == Array::Space::registers) return store_register(f, store, value);
  const bool uniform = f.is_uniform(store.index);
  if (!uniform) value = splat(f.builder, value, f.vector.lanes);
  if (array.dtype == boolean) {
    llvm::Type* const bytes = vector_of(f.builder.getInt8Ty(), lane_count(value));
    value = f.builder.CreateZExt(value, bytes);
  }
  internal_check(
      value->getType()->getScalarType() == memory_type(f.builder.getContext(), array.dtype),
      "a loop nest stores a value of another element type");
  if (uniform) return store_uniform(f, store, value);
  const Access a = access(f, store.array, store.index);
  const bool whole = f.vector.mask == nullptr || store.all_lanes;
  whole ? store_whole(f, a, value) : store_partial(f, a, value);
}

void emit_prefetch(PhaseFrame& f, const Prefetch& prefetch) {
  // To read, into the second level cache: blocks ahead would push each other out of the first.
  constexpr uint32_t read = 0, second_level = 2, data = 1;
  llvm::IRBuilder<>& b = f.builder;
  llvm::Value* const place = f.address(prefetch.array, f.evaluate(prefetch.index));
  b.CreateIntrinsic(llvm::Intrinsic::prefetch, {place->getType()},
                    {place, b.getInt32(read), b.getInt32(second_level), b.getInt32(data)});
}

llvm::Value* may_stream_stores(PhaseFrame& f, const For& loop) {
  llvm::Value* misaligned = nullptr;
  llvm::Value* in_place = nullptr;
  for (const Statement& statement : loop.body) {
    const auto* store = std::get_if<Store>(&statement);
    if (store == nullptr || !may_stream(f, f.array(store->array))) continue;
    llvm::IRBuilder<>& b = f.builder;
    llvm::Value* const place = f.address(store->array, f.evaluate(store->index));
    llvm::Value* const number = b.CreatePtrToInt(place, b.getInt64Ty());
    misaligned = misaligned == nullptr ? number : b.CreateOr(misaligned, number);
    llvm::Value* const overwrites = f.overwrites_operand(store->array);
    in_place = in_place == nullptr ? overwrites : b.CreateOr(in_place, overwrites);
  }
  if (misaligned == nullptr) return nullptr;
  llvm::Value* const low = f.builder.CreateAnd(misaligned, f.number(f.target.vector_bytes() - 1));
  return f.builder.CreateAnd(f.builder.CreateIsNull(low), f.builder.CreateNot(in_place));
}

}  // namespace onepass::codegen
