// SPDX-License-Identifier: Apache-2.0
// A program outside the project: one expression, evaluated.
#include <onepass/onepass.h>

#include <iostream>

namespace op = onepass;

int main() {
  op::Tensor x = {-1.0f, 0.0f, 2.0f};
  op::Tensor y = op::relu(x);
  const auto values = y.to_vector<float>();
  std::cout << values[0] << ' ' << values[1] << ' ' << values[2] << '\n';
}
