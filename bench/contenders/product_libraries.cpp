// SPDX-License-Identifier: Apache-2.0
// The libraries that compute matrix products, as far as they were found.
#include "contenders/product_libraries.h"

#include "contenders/contender.h"

namespace bench {

#ifdef ONEPASS_BENCH_OPENBLAS
extern const Contender openblas_contender;
#endif
#ifdef ONEPASS_BENCH_BLIS
extern const Contender blis_contender;
#endif
#ifdef ONEPASS_BENCH_ONEDNN
extern const Contender onednn_contender;
#endif

void add_product_libraries() {
#ifdef ONEPASS_BENCH_OPENBLAS
  add_contender(openblas_contender);
#endif
#ifdef ONEPASS_BENCH_BLIS
  add_contender(blis_contender);
#endif
#ifdef ONEPASS_BENCH_ONEDNN
  add_contender(onednn_contender);
#endif
}

}  // namespace bench
