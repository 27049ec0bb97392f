// SPDX-License-Identifier: Apache-2.0
// Library products: dense copies where strides do not fit, then one cblas_?gemm per block of the
// result.
#include "onepass/runtime/blas.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "onepass/runtime/blas_matrix.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/openblas.h"
#include "onepass/runtime/schedule.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass::runtime {
namespace {

/// Enums of cblas.h.
constexpr int blas_row_major = 101, blas_no_transpose = 111, blas_transpose = 112;
/// Work of a task: about ten microseconds on a core that does 100 GFLOP/s, several times what a
/// fork-join costs.
constexpr double minimum_task_flops = 1 << 20;
/// Blocks of the result begin at multiples of this, the width of the library's kernels.
constexpr int64_t block_grain = 16;

/// The sizes of a product.
struct ProductSizes {
  Shape batch;
  int64_t batches, m, n, k;

  explicit ProductSizes(const ProductRequest& request) {
    const auto extent = [&](size_t i) {
      const int symbol = request.product.extents[i];
      return symbol < 0 ? 1 : request.symbol_values[static_cast<size_t>(symbol)];
    };
    const auto rank = static_cast<size_t>(request.product.batch_rank);
    internal_check(request.product.extents.size() == rank + 3,
                   "product: extents must be batch, M, N, K");
    for (size_t b = 0; b < rank; ++b) batch.push_back(extent(b));
    batches = element_count(batch);
    m = extent(rank);
    n = extent(rank + 1);
    k = extent(rank + 2);
  }

  bool has_work() const { return batches > 0 && m > 0 && n > 0; }
};

/// The three arrays as matrices.
struct ProductMatrices {
  BlasMatrix a, b, c;

  ProductMatrices(const ProductSizes& sizes, const ArrayView& lhs, const ArrayView& rhs,
                  const ArrayView& result) {
    const bool has_rows = lhs.rank() > 1;
    const bool has_columns = rhs.rank() > 1;
    a = blas_matrix(lhs, sizes.batch, sizes.m, sizes.k, has_rows, true);
    b = blas_matrix(rhs, sizes.batch, sizes.k, sizes.n, true, has_columns);
    c = blas_matrix(result, sizes.batch, sizes.m, sizes.n, has_rows, has_columns);
  }
};

/// An array of the product, or a dense copy of it in the request's memory.
struct Packing {
  bool packed = false;
  int64_t bytes = 0;
  ArrayView view;

  Packing(const BlasMatrix& matrix, const ArrayView& array) : view(array) {
    packed = !fits_blas(matrix);
    if (packed) {
      bytes = aligned_bytes(element_count(array.shape) * byte_size(array.dtype));
    }
  }

  /// Moves to memory at `memory`; gives the memory after it.
  std::byte* place(std::byte* memory) {
    if (packed) view = dense_for_blas(memory, view.dtype, view.shape);
    return memory + bytes;
  }
};

struct ProductPacking {
  Packing lhs, rhs, result;

  ProductPacking(const ProductRequest& request, const ProductMatrices& matrices)
      : lhs(matrices.a, request.lhs),
        rhs(matrices.b, request.rhs),
        result(matrices.c, request.result) {}

  int64_t bytes() const {
    return saturating_add(saturating_add(lhs.bytes, rhs.bytes), result.bytes);
  }
};

/// A product whose matrices all fit BLAS and whose result has dense rows, cut into blocks of the
/// result.
class BlockedProduct {
 public:
  BlockedProduct(const ProductSizes& sizes, const ProductMatrices& matrices, DType dtype);
  void run() { parallel_tasks(cut_.tasks, run_task, this, cut_.nanoseconds); }

 private:
  static void run_task(void* context, int64_t task);
  template <class T>
  void run_block(OpenBlas::Gemm<T> gemm, int64_t block) const;
  int64_t batch_offset(const BlasMatrix& matrix, int64_t index) const;

  const Shape& batch_;
  int64_t k_;
  BlasMatrix a_, b_, c_;
  DType dtype_;
  Cut rows_, columns_;  // of the result, in chunks
  Cut cut_;             // of all blocks of all batch elements, over tasks
};

/// `extent` in at least `parts` pieces where it is long enough, none too long for BLAS.
Cut cut_pieces(int64_t extent, int64_t parts) {
  const int64_t grain = extent < block_grain ? 1 : block_grain;
  const int64_t chunks = (extent + grain - 1) / grain;
  const int64_t needed = (extent + max_blas_piece - 1) / max_blas_piece;
  return {extent, grain, chunks, std::min(std::max(parts, needed), chunks)};
}

BlockedProduct::BlockedProduct(const ProductSizes& sizes, const ProductMatrices& matrices,
                               DType dtype)
    : batch_(sizes.batch),
      k_(sizes.k),
      a_(matrices.a),
      b_(matrices.b),
      c_(matrices.c),
      dtype_(dtype) {
  if (!row_leading(c_)) {
    // Dense columns: the transposed product has dense rows.
    const BlasMatrix lhs = a_.transposed();
    a_ = b_.transposed();
    b_ = lhs;
    c_ = c_.transposed();
  }
  const double flops = 2.0 * static_cast<double>(sizes.batches) * static_cast<double>(c_.rows) *
                       static_cast<double>(c_.columns) * static_cast<double>(k_);
  const double worth = std::clamp(flops / minimum_task_flops, 1.0, static_cast<double>(threads()));
  const auto wanted = static_cast<int64_t>(worth);
  const int64_t parts = (wanted + sizes.batches - 1) / sizes.batches;
  const bool by_rows = c_.rows >= c_.columns;
  rows_ = cut_pieces(c_.rows, by_rows ? parts : 1);
  columns_ = cut_pieces(c_.columns, by_rows ? 1 : parts);
  const int64_t blocks = sizes.batches * rows_.tasks * columns_.tasks;
  cut_ = {blocks, 1, blocks, std::min(wanted, blocks)};
}

void BlockedProduct::run_task(void* context, int64_t task) {
  const auto& product = *static_cast<const BlockedProduct*>(context);
  const OpenBlas& blas = *openblas();
  for (int64_t block = product.cut_.begin(task); block < product.cut_.begin(task + 1); ++block) {
    if (product.dtype_ == f32) {
      product.run_block<float>(blas.sgemm, block);
    } else {
      product.run_block<double>(blas.dgemm, block);
    }
  }
}

int64_t BlockedProduct::batch_offset(const BlasMatrix& matrix, int64_t index) const {
  int64_t offset = 0;
  for (int b = batch_.rank() - 1; b >= 0; --b) {
    offset += index % batch_[b] * matrix.batch_strides[b];
    index /= batch_[b];
  }
  return offset;
}

/// A matrix operand in the terms of cblas_?gemm.
struct GemmOperand {
  int transpose;
  int leading;

  explicit GemmOperand(const BlasMatrix& matrix) {
    const auto by_rows = row_leading(matrix);
    transpose = by_rows ? blas_no_transpose : blas_transpose;
    leading = static_cast<int>(by_rows ? *by_rows : *row_leading(matrix.transposed()));
  }
};

template <class T>
void BlockedProduct::run_block(OpenBlas::Gemm<T> gemm, int64_t block) const {
  const int64_t batch = block / (rows_.tasks * columns_.tasks);
  const int64_t row_part = block / columns_.tasks % rows_.tasks;
  const int64_t column_part = block % columns_.tasks;
  const int64_t row = rows_.begin(row_part);
  const int64_t column = columns_.begin(column_part);
  const auto rows = static_cast<int>(rows_.begin(row_part + 1) - row);
  const auto columns = static_cast<int>(columns_.begin(column_part + 1) - column);
  const T* a = reinterpret_cast<const T*>(a_.data) + batch_offset(a_, batch) + row * a_.row_stride;
  const T* b =
      reinterpret_cast<const T*>(b_.data) + batch_offset(b_, batch) + column * b_.column_stride;
  T* c = reinterpret_cast<T*>(c_.data) + batch_offset(c_, batch) + row * c_.row_stride +
         column * c_.column_stride;
  const GemmOperand lhs(a_);
  const GemmOperand rhs(b_);
  const GemmOperand result(c_);
  for (int64_t k = 0; k < k_; k += max_blas_piece) {
    const auto depth = static_cast<int>(std::min(max_blas_piece, k_ - k));
    gemm(blas_row_major, lhs.transpose, rhs.transpose, rows, columns, depth, T{1},
         a + k * a_.column_stride, lhs.leading, b + k * b_.row_stride, rhs.leading,
         k == 0 ? T{0} : T{1}, c, result.leading);
  }
}

/// An empty sum is +0.
void fill_zero(const ArrayView& result) {
  const uint64_t zero = 0;
  ArrayView zeros = result;
  zeros.data = const_cast<std::byte*>(reinterpret_cast<const std::byte*>(&zero));
  for (int d = 0; d < zeros.rank(); ++d) zeros.strides[d] = 0;
  copy_elements(zeros, result);
}

}  // namespace

bool blas_available() { return openblas() != nullptr; }

std::string blas_description() {
  const OpenBlas* const blas = openblas();
  if (blas == nullptr) return "none (libopenblas.so.0 is not installed)";
  return fmt::format("{}, set to 1 thread (was {})", blas->configuration, blas->threads_before);
}

int64_t product_bytes(const ProductRequest& request) {
  if (!blas_available()) {
    throw SystemError(
        "matmul: this product goes to OpenBLAS, but libopenblas.so.0 is not installed; install it "
        "(Debian: libopenblas0) or choose the generated provider.");
  }
  const ProductSizes sizes(request);
  if (!sizes.has_work() || sizes.k == 0) return 0;
  const ProductMatrices matrices(sizes, request.lhs, request.rhs, request.result);
  return ProductPacking(request, matrices).bytes();
}

void run_product(const ProductRequest& request, std::span<std::byte> memory) {
  const DType dtype = request.result.dtype;
  internal_check(dtype == f32 || dtype == f64, "product: BLAS computes f32 and f64 only");
  const ProductSizes sizes(request);
  if (!sizes.has_work()) return;
  if (sizes.k == 0) return fill_zero(request.result);
  ProductPacking packing(request, ProductMatrices(sizes, request.lhs, request.rhs, request.result));
  internal_check(static_cast<int64_t>(memory.size()) >= packing.bytes(),
                 "product: memory is smaller than product_bytes");
  packing.result.place(packing.rhs.place(packing.lhs.place(memory.data())));
  if (packing.lhs.packed) copy_elements(request.lhs, packing.lhs.view);
  if (packing.rhs.packed) copy_elements(request.rhs, packing.rhs.view);
  const ProductMatrices matrices(sizes, packing.lhs.view, packing.rhs.view, packing.result.view);
  BlockedProduct(sizes, matrices, dtype).run();
  if (packing.result.packed) copy_elements(packing.result.view, request.result);
}

}  // namespace onepass::runtime
