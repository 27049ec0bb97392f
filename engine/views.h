// SPDX-License-Identifier: Apache-2.0
// Functions on tensors that move no element: the result shares the memory of the argument.
#pragma once

#include <initializer_list>
#include <span>

#include "onepass/engine/tensor.h"

namespace onepass {

/// x with dimension axes[i] of x as its dimension i. Negative axes count from the end.
Tensor permute_dims(const Tensor& x, std::span<const int> axes);
Tensor permute_dims(const Tensor& x, std::initializer_list<int> axes);

/// x with its last two dimensions exchanged.
Tensor matrix_transpose(const Tensor& x);

/// The elements of x in row-major order under another shape. One extent may be -1: it follows from
/// the others. A view where strides can express it, otherwise a dense copy.
Tensor reshape(const Tensor& x, const Shape& shape);

/// x with a new dimension of extent 1 before dimension `axis` of x; -1 appends it.
Tensor expand_dims(const Tensor& x, int axis);

/// x without the dimensions `axes`, whose extents must be 1; by default without every dimension of
/// extent 1.
Tensor squeeze(const Tensor& x, Axes axes);

/// x stretched to `shape`: dimensions of extent 1 repeat, missing ones are added on the left. The
/// result is read-only where an element stands for several.
Tensor broadcast_to(const Tensor& x, const Shape& shape);

/// x in reverse order along `axes`.
Tensor flip(const Tensor& x, Axes axes = {});

}  // namespace onepass
