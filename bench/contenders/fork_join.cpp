// SPDX-License-Identifier: Apache-2.0
// onepass, and the pools of other libraries where they are installed.
#include "contenders/fork_join.h"

#include <onepass/onepass.h>

#ifdef ONEPASS_BENCH_PTHREADPOOL
#include <pthreadpool.h>
#endif

namespace bench {
namespace {

using Part = std::function<void(int)>;

void run_onepass(const Part& part, double nanoseconds) {
  const onepass::ThreadScope two(2);
  onepass::runtime::parallel_tasks(
      2,
      [](void* context, int64_t i) { (*static_cast<const Part*>(context))(static_cast<int>(i)); },
      const_cast<Part*>(&part), nanoseconds);
}

#ifdef ONEPASS_BENCH_PTHREADPOOL
void run_pthreadpool(const Part& part, double) {
  static pthreadpool_t const pool = pthreadpool_create(2);
  pthreadpool_parallelize_1d(
      pool,
      [](void* context, size_t i) { (*static_cast<const Part*>(context))(static_cast<int>(i)); },
      const_cast<Part*>(&part), 2, 0);
}
#endif

#ifdef _OPENMP
void run_openmp(const Part& part, double) {
#pragma omp parallel for num_threads(2) schedule(static, 1)
  for (int i = 0; i < 2; ++i) part(i);
}
#endif

constexpr ForkJoin contenders[] = {
    {"onepass", run_onepass},
#ifdef ONEPASS_BENCH_PTHREADPOOL
    {"pthreadpool", run_pthreadpool},
#endif
#ifdef _OPENMP
    {"OpenMP", run_openmp},
#endif
};

}  // namespace

std::span<const ForkJoin> fork_joins() { return contenders; }

}  // namespace bench
