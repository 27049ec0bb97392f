// SPDX-License-Identifier: Apache-2.0
// FMA chains and streaming loops for AVX2 and AVX-512. Functions name their instruction set
// themselves, since the library is compiled for baseline x86-64.
#include "onepass/engine/peak_loops.h"

#include <immintrin.h>

#include "onepass/runtime/cpu_info.h"

namespace onepass {
namespace {

// Two units with a latency of 4 to 5 cycles need at least 10 independent chains; 12 and two
// operands fit the 16 registers of AVX2.
constexpr int chain_count = 12;
// The fixed point of x * shrink + grow is 1: values neither grow nor become subnormal.
constexpr float shrink = 0.5f, grow = 0.5f;
constexpr double flops_per_lane = 2;
constexpr int64_t avx2_lanes = 8, avx512_lanes = 16;

// One loop in two instruction sets. A macro, since the instances of a template cannot differ in
// their target.
#define ONEPASS_FMA_CHAINS(name, instruction_set, Vector, prefix)           \
  __attribute__((target(instruction_set))) float name(int64_t iterations) { \
    const Vector factor = prefix##_set1_ps(shrink);                         \
    const Vector summand = prefix##_set1_ps(grow);                          \
    Vector chains[chain_count];                                             \
    _Pragma("GCC unroll 12") for (int c = 0; c < chain_count; ++c) {        \
      chains[c] = prefix##_set1_ps(static_cast<float>(c));                  \
    }                                                                       \
    for (int64_t i = 0; i < iterations; ++i) {                              \
      _Pragma("GCC unroll 12") for (int c = 0; c < chain_count; ++c) {      \
        chains[c] = prefix##_fmadd_ps(chains[c], factor, summand);          \
      }                                                                     \
    }                                                                       \
    Vector sum = chains[0];                                                 \
    _Pragma("GCC unroll 12") for (int c = 1; c < chain_count; ++c) {        \
      sum = prefix##_add_ps(sum, chains[c]);                                \
    }                                                                       \
    return prefix##_cvtss_f32(sum);                                         \
  }
ONEPASS_FMA_CHAINS(avx2_chains, "avx2,fma", __m256, _mm256)
ONEPASS_FMA_CHAINS(avx512_chains, "avx512f", __m512, _mm512)
#undef ONEPASS_FMA_CHAINS

}  // namespace

FlopsLoop flops_loop() {
  if (runtime::cpu_info().x86_64_v4) {
    return {avx512_chains, flops_per_lane * chain_count * avx512_lanes};
  }
  return {avx2_chains, flops_per_lane * chain_count * avx2_lanes};
}

__attribute__((target("avx2"))) void stream_copy(float* target, const float* source,
                                                 int64_t count) {
  for (int64_t i = 0; i < count; i += avx2_lanes) {
    _mm256_stream_ps(target + i, _mm256_load_ps(source + i));
  }
  _mm_sfence();
}

__attribute__((target("avx2,fma"))) void stream_triad(float* target, const float* lhs,
                                                      const float* rhs, float factor,
                                                      int64_t count) {
  const __m256 scale = _mm256_set1_ps(factor);
  for (int64_t i = 0; i < count; i += avx2_lanes) {
    const __m256 sum = _mm256_fmadd_ps(scale, _mm256_load_ps(rhs + i), _mm256_load_ps(lhs + i));
    _mm256_stream_ps(target + i, sum);
  }
  _mm_sfence();
}

}  // namespace onepass
