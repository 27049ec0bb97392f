// SPDX-License-Identifier: Apache-2.0
// Constants: tensors whose contents will not change, such as weights, so that what is packed of
// them stays right.
#pragma once

#include <cstdint>

#include "onepass/engine/tensor.h"

namespace onepass {

/// The elements of w, which the caller promises not to change from now on: a read-only tensor on
/// the same memory. A product that needs its constant operand in another order in memory (such as
/// that of `x @ matrix_transpose(w)`, whose rows lie across, or of few rows by a large matrix,
/// which panels of columns stream better) has it copied once, at its first evaluation, and every
/// later expression finds the copy. It is freed with the last handle on the constant and its views.
/// Results are the bits that w itself would give.
Tensor constant(const Tensor& w);

/// True for what `constant` returned, and views of it.
bool is_constant(const Tensor& x);

/// Bytes of all packed copies of constants that are alive.
int64_t packed_constant_bytes();

}  // namespace onepass
