// SPDX-License-Identifier: Apache-2.0
// Not a computation: the time that moving the bytes takes with stores that bypass the caches. The
// floor where memory is the limit.
#include <immintrin.h>

#include <algorithm>
#include <cstdint>

#include "contenders/contender.h"
#include "contenders/thread_team.h"

namespace bench {
namespace {

constexpr int64_t lanes = 8;             // of a 256-bit vector
constexpr int64_t vectors_per_line = 2;  // a cache line, written whole

int64_t elements_to_line(const float* y) {
  constexpr uintptr_t line = lanes * vectors_per_line * sizeof(float);
  const uintptr_t beyond = reinterpret_cast<uintptr_t>(y) % line;
  return beyond == 0 ? 0 : static_cast<int64_t>((line - beyond) / sizeof(float));
}

void copy(const float* x, float* y, int64_t n) {
  int64_t i = std::min(n, elements_to_line(y));
  std::copy_n(x, i, y);
  for (; i + lanes * vectors_per_line <= n; i += lanes * vectors_per_line) {
    const __m256 first = _mm256_loadu_ps(x + i), second = _mm256_loadu_ps(x + i + lanes);
    _mm256_stream_ps(y + i, first);
    _mm256_stream_ps(y + i + lanes, second);
  }
  std::copy_n(x + i, n - i, y + i);
  _mm_sfence();
}

void copy_on_all_threads(const float* x, float* y, int64_t n) {
  run_on_all_threads([=](int part, int parts) {
    const int64_t begin = n * part / parts, end = n * (part + 1) / parts;
    copy(x + begin, y + begin, end - begin);
  });
}

}  // namespace

extern const Contender streaming_copy_contender, streaming_copy_all_threads_contender;
const Contender streaming_copy_contender = {
    .name = "streaming copy", .computes = false, .gelu = copy};
const Contender streaming_copy_all_threads_contender = {
    .name = "streaming copy all threads", .computes = false, .gelu = copy_on_all_threads};

}  // namespace bench
