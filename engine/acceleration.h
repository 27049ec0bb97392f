// SPDX-License-Identifier: Apache-2.0
// The acceleration lessons as functions: a product by the library, one by hand-chosen tiles, a GELU
// in one pass and the same GELU one array operation at a time. docs/acceleration.md teaches with
// them.
#pragma once

#include <cstdint>

#include "onepass/engine/tensor.h"

namespace onepass::acceleration {

/// The matrix product by the BLAS library where the dtype allows (f32, f64), else by generated
/// code. Shapes as in matmul; a mismatch is a UserError that names both shapes.
Tensor vectorized_matmul(const Tensor& a, const Tensor& b);

/// The matrix product in blocks of tile_size x tile_size x tile_size, generated for this CPU. Any
/// tile_size >= 1 and any shapes; the bits do not depend on tile_size.
Tensor tiled_matmul(const Tensor& a, const Tensor& b, int64_t tile_size);

/// 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) in one kernel: one load stream, one store
/// stream.
Tensor fused_gelu(const Tensor& x);

/// The same eight array operations one by one, with seven intermediates in memory. Equal to
/// fused_gelu bit for bit.
Tensor unfused_gelu(const Tensor& x);

}  // namespace onepass::acceleration
