// SPDX-License-Identifier: Apache-2.0
// One instruction where the processor has it, else products of words: both are exact.
#include "onepass/codegen/llvm/emit_sum_bytes.h"

#include <algorithm>

#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

/// An intrinsic for registers of 4, 8 or 16 lanes.
llvm::Intrinsic::ID of_lanes(int lanes, llvm::Intrinsic::ID four, llvm::Intrinsic::ID eight,
                             llvm::Intrinsic::ID sixteen) {
  switch (lanes) {
    case 4:
      return four;
    case 8:
      return eight;
    case 16:
      return sixteen;
    default:
      throw InternalError("sums of bytes fill no register");
  }
}

/// Bytes 0 and 2, or 1 and 3, of each lane as words.
struct Words {
  llvm::Value* even;
  llvm::Value* odd;
};

Words unsigned_words(llvm::IRBuilder<>& b, llvm::Value* lanes, llvm::Type* words) {
  constexpr uint64_t low_bytes = 0x00FF00FF, byte = 8;
  return {b.CreateBitCast(b.CreateAnd(lanes, low_bytes), words),
          b.CreateLShr(b.CreateBitCast(lanes, words), byte)};
}

Words signed_words(llvm::IRBuilder<>& b, llvm::Value* lanes, llvm::Type* words) {
  constexpr uint64_t byte = 8;
  llvm::Value* const pairs = b.CreateBitCast(lanes, words);
  return {b.CreateAShr(b.CreateShl(pairs, byte), byte), b.CreateAShr(pairs, byte)};
}

}  // namespace

void emit_load_bytes(PhaseFrame& f, const LoadBytes& load) {
  llvm::Value* const place = f.address(load.array, f.evaluate(load.index));
  f.define(load.result,
           f.annotate(f.builder.CreateAlignedLoad(f.builder.getInt32Ty(), place, llvm::Align(1)),
                      load.array));
}

void emit_sum_bytes(PhaseFrame& f, const SumBytes& s) {
  using namespace llvm::Intrinsic;
  llvm::IRBuilder<>& b = f.builder;
  const int lanes = f.vector.lanes;
  llvm::Value* const sum = splat(b, f.value(s.sum), lanes);
  llvm::Value* const left = splat(b, f.value(s.left), lanes);
  llvm::Value* const right = splat(b, f.value(s.right), lanes);
  if (f.target.sums_bytes) {
    const ID id =
        of_lanes(lanes, x86_avx512_vpdpbusd_128, x86_avx512_vpdpbusd_256, x86_avx512_vpdpbusd_512);
    return f.define(s.result, b.CreateIntrinsic(id, {}, {sum, left, right}));
  }
  const ID id = of_lanes(lanes, x86_sse2_pmadd_wd, x86_avx2_pmadd_wd, x86_avx512_pmaddw_d_512);
  llvm::Type* const words = vector_of(b.getInt16Ty(), 2 * lanes);
  const Words l = unsigned_words(b, left, words), r = signed_words(b, right, words);
  llvm::Value* const even = b.CreateIntrinsic(id, {}, {l.even, r.even});
  llvm::Value* const odd = b.CreateIntrinsic(id, {}, {l.odd, r.odd});
  f.define(s.result, b.CreateAdd(sum, b.CreateAdd(even, odd)));
}

}  // namespace onepass::codegen
