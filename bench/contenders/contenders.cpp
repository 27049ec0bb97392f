// SPDX-License-Identifier: Apache-2.0
// The list of contenders; one that was not found when the build was configured is missing.
#include <vector>

#include "contenders/contender.h"

namespace bench {

extern const Contender plain_loop_contender;
extern const Contender memcpy_contender, memcpy_all_threads_contender;
extern const Contender streaming_copy_contender, streaming_copy_all_threads_contender;
#ifdef ONEPASS_BENCH_EIGEN
extern const Contender eigen_contender;
#endif
#ifdef ONEPASS_BENCH_XTENSOR
extern const Contender xtensor_contender;
#endif

namespace {

std::vector<const Contender*>& list() {
  static std::vector<const Contender*> all = {
#ifdef ONEPASS_BENCH_EIGEN
      &eigen_contender,
#endif
#ifdef ONEPASS_BENCH_XTENSOR
      &xtensor_contender,
#endif
      &plain_loop_contender,
      &memcpy_contender,
      &memcpy_all_threads_contender,
      &streaming_copy_contender,
      &streaming_copy_all_threads_contender,
  };
  return all;
}

}  // namespace

std::span<const Contender* const> contenders() { return list(); }

void add_contender(const Contender& contender) { list().push_back(&contender); }

}  // namespace bench
