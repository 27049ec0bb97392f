// SPDX-License-Identifier: Apache-2.0
// Views as BLAS matrices.
#include "onepass/runtime/blas_matrix.h"

#include <algorithm>

namespace onepass::runtime {

BlasMatrix blas_matrix(const ArrayView& view, const Shape& batch, int64_t rows, int64_t columns,
                       bool has_rows, bool has_columns) {
  BlasMatrix matrix{view.data, rows, columns};
  int left = view.rank();
  if (has_columns) matrix.column_stride = view.strides[--left];
  if (has_rows) matrix.row_stride = view.strides[--left];
  for (int b = batch.rank() - 1; b >= 0 && left > 0; --b) {
    --left;
    matrix.batch_strides[b] = view.shape[left] == 1 ? 0 : view.strides[left];
  }
  return matrix;
}

std::optional<int64_t> row_leading(const BlasMatrix& matrix) {
  if (matrix.columns > 1 && matrix.column_stride != 1) return std::nullopt;
  // A single row needs no distance; BLAS still wants one that is not shorter than the piece it
  // works on.
  if (matrix.rows <= 1) return std::clamp<int64_t>(matrix.columns, 1, max_blas_piece);
  const bool apart = matrix.row_stride >= std::max<int64_t>(matrix.columns, 1);
  if (!apart || matrix.row_stride > INT32_MAX) return std::nullopt;
  return matrix.row_stride;
}

ArrayView dense_for_blas(std::byte* memory, DType dtype, const Shape& shape) {
  const int last = shape.rank() - 1;
  if (last < 1 || shape[last] <= INT32_MAX) return dense_view(memory, dtype, shape);
  Shape turned = shape;
  std::swap(turned[last], turned[last - 1]);
  ArrayView view = dense_view(memory, dtype, turned);
  std::swap(view.shape[last], view.shape[last - 1]);
  std::swap(view.strides[last], view.strides[last - 1]);
  return view;
}

}  // namespace onepass::runtime
