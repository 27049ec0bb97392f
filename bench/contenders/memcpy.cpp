// SPDX-License-Identifier: Apache-2.0
// Not a computation: the time that moving the bytes takes with the C library's copy.
#include <cstring>

#include "contenders/contender.h"
#include "contenders/thread_team.h"

namespace bench {
namespace {

void copy(const float* x, float* y, int64_t n) {
  std::memcpy(y, x, static_cast<size_t>(n) * sizeof(float));
}

void copy_on_all_threads(const float* x, float* y, int64_t n) {
  run_on_all_threads([=](int part, int parts) {
    const int64_t begin = n * part / parts, end = n * (part + 1) / parts;
    copy(x + begin, y + begin, end - begin);
  });
}

}  // namespace

extern const Contender memcpy_contender, memcpy_all_threads_contender;
const Contender memcpy_contender = {.name = "memcpy", .computes = false, .gelu = copy};
const Contender memcpy_all_threads_contender = {
    .name = "memcpy all threads", .computes = false, .gelu = copy_on_all_threads};

}  // namespace bench
