// SPDX-License-Identifier: Apache-2.0
// The reference column of ops.def as functions: in the wider type for speed, in MPFR for certainty.
#pragma once

#include <vector>

#include "grid.h"
#include "onepass/ir/op.h"
#include "precise.h"

namespace onepass::prove {

template <class T>
struct Reference {
  /// out[i] = op(inputs[0][i], inputs[1][i], ...) by the C library.
  void (*wide)(const T* const* inputs, WideOf<T>* out, int64_t count);
  ir::Precise (*precise)(const T* arguments);
};

/// T is float or double; op is one of proven_ops().
template <class T>
Reference<T> reference(ir::OpCode op);

/// The rows of ops.def that compute floating point numbers from floating point numbers.
std::vector<ir::OpCode> proven_ops();

}  // namespace onepass::prove
