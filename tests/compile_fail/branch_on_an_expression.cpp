// SPDX-License-Identifier: Apache-2.0
// expect: could not convert
// A lambda of `map` is called once, with expressions: it cannot branch on an element. where()
// chooses element by element.
#include "onepass/engine/onepass.h"

int main() {
  const onepass::Tensor x{1.f, -2.f};
  const auto halved = onepass::map([](auto v) { return where(v < 0, v * 0.5f, v); }, x);
#ifdef ONEPASS_SHOULD_FAIL
  const auto branched = onepass::map([](auto v) { return v < 0 ? v * 0.5f : v * 1.0f; }, x);
#endif
  return static_cast<int>(evaluate(halved).size()) - 2;
}
