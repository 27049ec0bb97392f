// SPDX-License-Identifier: Apache-2.0
// Tensors of random elements, and random views of their memory.
#pragma once

#include "onepass/engine/onepass.h"
#include "random_numbers.h"

namespace onepass::fuzz {

/// Dense, with special values now and then.
Tensor random_elements(ir::RandomNumbers& random, DType dtype, const Shape& shape);

/// Integers in [-bound, bound).
Tensor random_indices(ir::RandomNumbers& random, int64_t count, int64_t bound);

/// How many elements random_window() needs at least.
int64_t window_capacity(const Shape& shape);

/// A view of `shape` somewhere in the one-dimensional `memory`: offset, with gaps, transposed,
/// reversed. No two elements of it share memory.
Tensor random_window(ir::RandomNumbers& random, const Tensor& memory, const Shape& shape);

/// A window of new random memory, some of its dimensions repeated by a stride of 0.
Tensor random_view(ir::RandomNumbers& random, DType dtype, const Shape& shape);

/// The same elements or NaN in both, and the same shape and dtype.
bool same_bits(const Tensor& a, const Tensor& b);

}  // namespace onepass::fuzz
