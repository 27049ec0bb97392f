// SPDX-License-Identifier: Apache-2.0
// The error of a result against the truth, a number of MPFR.
#pragma once

#include "grid.h"
#include "precise.h"

namespace onepass::prove {

struct Verdict {
  double ulps = 0;  // infinite where a special value or the sign of a zero is wrong
  bool nearest = true;
};

/// T is float or double.
template <class T>
Verdict judge(T result, const ir::Precise& truth);

/// How far a reference is from the truth, in units of T. 0 where T cannot hold the truth.
template <class T>
double reference_error(WideOf<T> reference, const ir::Precise& truth);

}  // namespace onepass::prove
