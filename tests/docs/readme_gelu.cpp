// SPDX-License-Identifier: Apache-2.0
// The program on the first screen of README.md, which shows it from the next line on, and its
// output.
#include <onepass/onepass.h>

#include <iostream>
namespace op = onepass;

int main() {
  op::Tensor x = op::linspace(-3, 3, 7);
  auto y = 0.5f * x * (1.0f + op::tanh(0.7978845608f * (x + 0.044715f * op::pow(x, 3))));
  op::Tensor result = y;  // until here nothing is computed; now one kernel is compiled and run
  auto kernels = op::explain(y).kernels();
  std::cout << result << "\n"
            << kernels.size() << " kernel: reads " << kernels[0].bytes_read << " bytes, writes "
            << kernels[0].bytes_written << " bytes\n";
}
