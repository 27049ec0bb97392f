// SPDX-License-Identifier: Apache-2.0
// Matrix products in the order of ir/interpret.h, or by the library where the node says so.
#include <algorithm>
#include <vector>

#include "onepass/ir/accumulator_rows.h"
#include "onepass/ir/interpret.h"
#include "onepass/runtime/blas.h"
#include "onepass/runtime/buffer.h"

namespace onepass::ir {
namespace {

using runtime::ArrayView;
using runtime::Buffer;

/// Columns of the result that stay in the first level cache while k runs.
constexpr int64_t strip_columns = AccumulatorWriter::max_count;

/// The operands as stacks of matrices with a common batch shape; the result too. Vectors have an
/// extent of 1 added.
struct Product {
  ArrayView lhs, rhs, result;
  Shape batch;
  int64_t m, n, k;
};

ArrayView with_dimension(const ArrayView& view, int at) {
  ArrayView matrix = view;
  matrix.shape = {};
  matrix.strides = {};
  for (int d = 0; d <= view.rank(); ++d) {
    if (d == at) {
      matrix.shape.push_back(1);
      matrix.strides.push_back(0);
    }
    if (d == view.rank()) break;
    matrix.shape.push_back(view.shape[d]);
    matrix.strides.push_back(view.strides[d]);
  }
  return matrix;
}

Product product_of(const NodeRun& run) {
  Product p{run.inputs[0], run.inputs[1], run.result, {}, 1, 1, 0};
  const bool lhs_is_vector = p.lhs.rank() == 1;
  const bool rhs_is_vector = p.rhs.rank() == 1;
  if (rhs_is_vector) {
    p.rhs = with_dimension(p.rhs, 1);
    p.result = with_dimension(p.result, p.result.rank());
  }
  if (lhs_is_vector) {
    p.lhs = with_dimension(p.lhs, 0);
    p.result = with_dimension(p.result, p.result.rank() - 1);
  }
  const int rank = p.result.rank();
  for (int d = 0; d < rank - 2; ++d) p.batch.push_back(p.result.shape[d]);
  p.m = p.result.shape[rank - 2];
  p.n = p.result.shape[rank - 1];
  p.k = p.lhs.shape[p.lhs.rank() - 1];
  const auto stack = [&](const ArrayView& view) {
    Shape shape = p.batch;
    shape.push_back(view.shape[view.rank() - 2]);
    shape.push_back(view.shape[view.rank() - 1]);
    return broadcasted(view, shape);
  };
  p.lhs = stack(p.lhs);
  p.rhs = stack(p.rhs);
  return p;
}

/// A dense copy of a stack of matrices in the dtype of the accumulators.
class WideCopy {
 public:
  WideCopy(const ArrayView& view, DType dtype)
      : bytes_(byte_size(dtype)), memory_(element_count(view.shape) * byte_size(dtype)) {
    const int64_t count = element_count(view.shape);
    StridedCursor cursor(view);
    alignas(max_accumulator_bytes) std::byte block[strip_columns * max_accumulator_bytes];
    for (int64_t done = 0; done < count; done += strip_columns) {
      const int64_t elements = std::min(strip_columns, count - done);
      cursor.read(block, elements);
      convert_elements(view.dtype, block, dtype, at(done), elements);
    }
  }
  std::byte* at(int64_t element) const { return memory_.data() + element * bytes_; }

 private:
  int64_t bytes_;
  Buffer memory_;
};

/// N = 1: every row of lhs with the one column of rhs.
void multiply_columns(const Product& p, DType dtype, AccumulatorWriter& writer) {
  const WideCopy lhs(p.lhs, dtype);
  const WideCopy rhs(p.rhs, dtype);
  reduce_rows({element_count(p.batch) * p.m, p.k, OpCode::sum, dtype}, writer,
              [&](LaneReduction& lanes, int64_t row, int64_t k, int64_t count) {
                const int64_t batch = row / p.m;
                lanes.add_products(lhs.at(row * p.k + k), rhs.at(batch * p.k + k), count);
              });
}

/// N > 1: k in index order for each element; a strip of columns at a time.
void multiply_rows(const Product& p, DType dtype, AccumulatorWriter& writer) {
  const int64_t batches = element_count(p.batch);
  const WideCopy lhs(p.lhs, dtype);
  const WideCopy rhs(p.rhs, dtype);
  const HostRowProduct add_row = host_row_product(dtype);
  alignas(64) std::byte sums[strip_columns * max_accumulator_bytes];
  for (int64_t row = 0; row < batches * p.m; ++row) {
    const int64_t batch = row / p.m;
    for (int64_t n = 0; n < p.n; n += strip_columns) {
      const int64_t columns = std::min(strip_columns, p.n - n);
      std::fill_n(sums, columns * byte_size(dtype), std::byte{0});
      for (int64_t k = 0; k < p.k; ++k) {
        add_row(lhs.at(row * p.k + k), rhs.at((batch * p.k + k) * p.n + n), sums, columns);
      }
      writer.store(sums, columns);
    }
  }
}

/// The symbols of the request are our own: batch..., M, N, K.
void multiply_by_library(const NodeRun& run, const Product& p) {
  std::vector<int64_t> extents(p.batch.begin(), p.batch.end());
  extents.insert(extents.end(), {p.m, p.n, p.k});
  runtime::LibraryProduct product{
      .lhs = 0, .rhs = 1, .result = 2, .batch_rank = p.batch.rank(), .extents = {}};
  for (size_t i = 0; i < extents.size(); ++i) product.extents.push_back(static_cast<int>(i));
  const runtime::ProductRequest request{product, run.inputs[0], run.inputs[1], run.result, extents};
  Buffer memory(runtime::product_bytes(request));
  runtime::run_product(request, {memory.data(), static_cast<size_t>(memory.size())});
}

}  // namespace

void interpret_matmul(const NodeRun& run) {
  const Product p = product_of(run);
  const auto& attributes = run.node.attributes;
  if (attributes.has(AttributeKey::provider) &&
      static_cast<Provider>(attributes.word(AttributeKey::provider)) == Provider::openblas) {
    return multiply_by_library(run, p);
  }
  if (element_count(run.result.shape) == 0) return;
  const DType dtype = accumulator_of(run.result.dtype);
  AccumulatorWriter writer(p.result, dtype);
  if (p.n == 1) {
    multiply_columns(p, dtype, writer);
  } else {
    multiply_rows(p, dtype, writer);
  }
}

}  // namespace onepass::ir
