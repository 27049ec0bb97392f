// SPDX-License-Identifier: Apache-2.0
// The same as a user of Eigen writes it.
#include <Eigen/Dense>

Eigen::ArrayXf gelu(const Eigen::ArrayXf& x) {
  return 0.5f * x * (1.0f + (0.79788456f * (x + 0.044715f * x.cube())).tanh());
}
