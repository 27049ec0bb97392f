// SPDX-License-Identifier: Apache-2.0
// expect: constraints not satisfied
// Only the types of dtype.def are elements of tensors: `long double` has no dtype.
#include "onepass/runtime/dtype.h"

int main() {
  static_assert(onepass::dtype_of<float> == onepass::f32);
#ifdef ONEPASS_SHOULD_FAIL
  return static_cast<int>(onepass::dtype_of<long double>);
#endif
}
