// SPDX-License-Identifier: Apache-2.0
// expect: constraints not satisfied
// The functions of the language need a tensor, a value or an expression among their operands.
#include "onepass/engine/onepass.h"

int main() {
  const onepass::Tensor x{1.f, 2.f};
  const auto power = onepass::pow(x, 2.0);
#ifdef ONEPASS_SHOULD_FAIL
  const auto wrong = onepass::pow(2.0, 2.0);
#endif
  return static_cast<int>(evaluate(power).size()) - 2;
}
