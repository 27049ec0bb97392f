// SPDX-License-Identifier: Apache-2.0
// OpenBLAS. It chooses its kernels by the processor it knows; of a newer one it may know only the
// family.
#include <cblas.h>

#include <string>
#include <string_view>

#include "contenders/contender.h"

extern "C" void openblas_set_num_threads(int threads);

namespace bench {
namespace {

void product(const float* a, const float* b, float* c, ProductSize size, int threads) {
  static int current = 0;  // benchmarks call from one thread
  if (current != threads) openblas_set_num_threads(current = threads);
  const auto m = static_cast<blasint>(size.m), n = static_cast<blasint>(size.n);
  const auto k = static_cast<blasint>(size.k);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
}

/// "OpenBLAS 0.3.21"; the header has blanks around it.
const std::string version = [] {
  const std::string_view text = OPENBLAS_VERSION;
  const size_t first = text.find_first_not_of(' '), last = text.find_last_not_of(' ');
  return std::string(text.substr(first, last + 1 - first));
}();

}  // namespace

extern const Contender openblas_contender;
const Contender openblas_contender = {
    .name = "OpenBLAS", .version = version.c_str(), .product = product};

}  // namespace bench
