// SPDX-License-Identifier: Apache-2.0
// expect: constraints not satisfied
// Inside `map` an operand is one element; functions of whole arrays do not take it.
#include "onepass/engine/onepass.h"

int main() {
  const onepass::Tensor x{1.f, 2.f};
  const auto total = sum(onepass::map([](auto v) { return v * v; }, x));
#ifdef ONEPASS_SHOULD_FAIL
  const auto wrong = onepass::map([](auto v) { return sum(v); }, x);
#endif
  return static_cast<int>(evaluate(total).size()) - 1;
}
