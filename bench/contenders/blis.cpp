// SPDX-License-Identifier: Apache-2.0
// BLIS, by its own interface, which takes the number of threads with each call.
#include <blis.h>

#include <string>

#include "contenders/contender.h"

namespace bench {
namespace {

void product(const float* a, const float* b, float* c, ProductSize size, int threads) {
  rntm_t runtime;
  bli_rntm_init(&runtime);
  bli_rntm_set_num_threads(threads, &runtime);
  float one = 1, zero = 0;
  // BLIS takes operands that it does not write by pointers to non-const.
  bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, size.m, size.n, size.k, &one,
               const_cast<float*>(a), size.k, 1, const_cast<float*>(b), size.n, 1, &zero, c, size.n,
               1, nullptr, &runtime);
}

const std::string version = "BLIS " + std::string(bli_info_get_version_str());

}  // namespace

extern const Contender blis_contender;
const Contender blis_contender = {.name = "BLIS", .version = version.c_str(), .product = product};

}  // namespace bench
