// SPDX-License-Identifier: Apache-2.0
// New tensors from a shape or a rule. Names and defaults are those of the array API: floats are
// f32, integers i64.
#pragma once

#include <cstdint>
#include <optional>

#include "onepass/engine/scalar.h"
#include "onepass/engine/tensor.h"

namespace onepass {

Tensor zeros(const Shape& shape, DType dtype = f32);
Tensor ones(const Shape& shape, DType dtype = f32);
/// Elements are whatever the memory holds.
Tensor empty(const Shape& shape, DType dtype = f32);
/// Without a dtype: that of the value's kind (boolean, i64, f32). UserError if the dtype cannot
/// hold the value.
Tensor full(const Shape& shape, Scalar value, std::optional<DType> dtype = std::nullopt);

Tensor zeros_like(const Tensor& x, std::optional<DType> dtype = std::nullopt);
Tensor ones_like(const Tensor& x, std::optional<DType> dtype = std::nullopt);
Tensor empty_like(const Tensor& x, std::optional<DType> dtype = std::nullopt);
Tensor full_like(const Tensor& x, Scalar value, std::optional<DType> dtype = std::nullopt);

/// start, start + step, .. before stop. i64 if all three are integers, otherwise f32. Floating
/// elements are start + i * step in double, rounded once.
Tensor arange(Scalar start, Scalar stop, Scalar step = 1,
              std::optional<DType> dtype = std::nullopt);
/// 0, 1, .. before stop.
Tensor arange(Scalar stop);

struct LinspaceOptions {
  DType dtype = f32;
  bool endpoint = true;  // the last element is stop
};
/// `count` values in equal steps from start to stop, computed in double and rounded once.
Tensor linspace(double start, double stop, int64_t count, LinspaceOptions options = {});

struct EyeOptions {
  int64_t columns = -1;  // -1: as many as rows
  int64_t k = 0;         // above 0: a diagonal above the main one; below 0: below it
  DType dtype = f32;
};
/// Ones on a diagonal, zeros elsewhere.
Tensor eye(int64_t rows, EyeOptions options = {});

/// A dense copy of x with zeros above (tril) or below (triu) diagonal k of its last two dimensions.
Tensor tril(const Tensor& x, int64_t k = 0);
Tensor triu(const Tensor& x, int64_t k = 0);

}  // namespace onepass
