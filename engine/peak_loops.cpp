// SPDX-License-Identifier: Apache-2.0
// FMA chains and streaming loops for AVX2 and AVX-512. Functions name their instruction set
// themselves, since the library is compiled for baseline x86-64.
#include "onepass/engine/peak_loops.h"

#include <immintrin.h>

#include "onepass/runtime/cpu_info.h"

namespace onepass {
namespace {

// Two units with a latency of 4 to 5 cycles need at least 10 independent chains; more would not fit
// the registers.
constexpr int avx2_chain_count = 12, avx512_chain_count = 24;
// The fixed point of x * shrink + grow is 1: values neither grow nor become subnormal.
constexpr float shrink = 0.5f, grow = 0.5f;
constexpr double flops_per_lane = 2;
constexpr int64_t avx2_lanes = 8, avx512_lanes = 16;

__attribute__((target("avx2,fma"))) float avx2_chains(int64_t iterations) {
  const __m256 factor = _mm256_set1_ps(shrink);
  const __m256 summand = _mm256_set1_ps(grow);
  __m256 chains[avx2_chain_count];
#pragma GCC unroll 12
  for (int c = 0; c < avx2_chain_count; ++c) chains[c] = _mm256_set1_ps(static_cast<float>(c));
  for (int64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < avx2_chain_count; ++c) {
      chains[c] = _mm256_fmadd_ps(chains[c], factor, summand);
    }
  }
  __m256 sum = chains[0];
#pragma GCC unroll 12
  for (int c = 1; c < avx2_chain_count; ++c) sum = _mm256_add_ps(sum, chains[c]);
  return _mm256_cvtss_f32(sum);
}

__attribute__((target("avx512f"))) float avx512_chains(int64_t iterations) {
  const __m512 factor = _mm512_set1_ps(shrink);
  const __m512 summand = _mm512_set1_ps(grow);
  __m512 chains[avx512_chain_count];
#pragma GCC unroll 24
  for (int c = 0; c < avx512_chain_count; ++c) {
    chains[c] = _mm512_set1_ps(static_cast<float>(c));
  }
  for (int64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 24
    for (int c = 0; c < avx512_chain_count; ++c) {
      chains[c] = _mm512_fmadd_ps(chains[c], factor, summand);
    }
  }
  __m512 sum = chains[0];
#pragma GCC unroll 24
  for (int c = 1; c < avx512_chain_count; ++c) sum = _mm512_add_ps(sum, chains[c]);
  return _mm512_cvtss_f32(sum);
}

}  // namespace

FlopsLoop flops_loop() {
  if (runtime::cpu_info().x86_64_v4) {
    return {avx512_chains, flops_per_lane * avx512_chain_count * avx512_lanes};
  }
  return {avx2_chains, flops_per_lane * avx2_chain_count * avx2_lanes};
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
