// SPDX-License-Identifier: Apache-2.0
// How the arrays of a product look to BLAS: a matrix for each element of the batch, with dense
// lines or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "onepass/runtime/array_view.h"

namespace onepass::runtime {

/// The integers of BLAS have 32 bits; longer loops are cut into pieces of this length.
inline constexpr int64_t max_blas_piece = int64_t{1} << 30;

/// One matrix of each batch element. Strides in elements.
struct BlasMatrix {
  std::byte* data = nullptr;
  int64_t rows = 1, columns = 1;
  int64_t row_stride = 0, column_stride = 0;
  int64_t batch_strides[max_rank] = {};

  BlasMatrix transposed() const {
    BlasMatrix result = *this;
    std::swap(result.rows, result.columns);
    std::swap(result.row_stride, result.column_stride);
    return result;
  }
};

/// The last dimensions of `view` as rows and columns (a vector has only one of them), the others as
/// the batch, stretched where they are 1 or missing.
BlasMatrix blas_matrix(const ArrayView& view, const Shape& batch, int64_t rows, int64_t columns,
                       bool has_rows, bool has_columns);

/// The distance of rows that are dense lines, if they are.
std::optional<int64_t> row_leading(const BlasMatrix& matrix);

/// True if BLAS can take the matrix as it is, by rows or by columns.
inline bool fits_blas(const BlasMatrix& matrix) {
  return row_leading(matrix).has_value() || row_leading(matrix.transposed()).has_value();
}

/// A dense view of `shape` in `memory`: by rows, or by columns where a row would be too long for
/// BLAS.
ArrayView dense_for_blas(std::byte* memory, DType dtype, const Shape& shape);

}  // namespace onepass::runtime
