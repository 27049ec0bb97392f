// SPDX-License-Identifier: Apache-2.0
// A file with one GELU, as a user of onepass writes it.
#include <onepass/onepass.h>

onepass::Tensor gelu(const onepass::Tensor& x) {
  return 0.5f * x * (1.0f + onepass::tanh(0.79788456f * (x + 0.044715f * onepass::pow(x, 3))));
}
