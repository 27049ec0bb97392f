// SPDX-License-Identifier: Apache-2.0
// Products of few rows by matrices that lie in memory: streamed, asked for ahead, turned over. The
// bits are those of blocks of any size.
#include <gtest/gtest.h>

#include "onepass/engine/acceleration.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

using testing::same_bits;

/// 25 MB of f32: beyond every limit from which a matrix is taken to come from memory.
constexpr int64_t inner = 1537, columns = 4099;

Tensor in_blocks(const Tensor& x, const Tensor& w) { return acceleration::tiled_matmul(x, w, 192); }

void expect_bits_of_blocks(const Tensor& w, const Tensor& dense) {
  for (const int64_t rows : {1, 2, 3, 5, 8, 9, 12, 16, 20, 33}) {
    SCOPED_TRACE(std::to_string(rows) + " rows");
    const Tensor x = testing::sample_tensor(w.dtype(), {rows, w.shape()[0]}, 1);
    const Tensor expected = in_blocks(x, dense);
    for (const int threads : {1, 2}) {
      EXPECT_TRUE(same_bits(evaluate(matmul(x, w), {.threads = threads}), expected));
    }
    const Tensor b = testing::sample_tensor(w.dtype(), {w.shape()[1]}, 3);
    EXPECT_TRUE(same_bits(evaluate(gelu(matmul(x, w) + b)), evaluate(gelu(expected + b))));
  }
}

TEST(FewRows, ByAMatrixInMemoryGiveTheBitsOfAnyBlocks) {
  const Tensor w = testing::sample_tensor(f32, {inner, columns}, 2);
  expect_bits_of_blocks(w, w);
  const Tensor v = testing::sample_tensor(f64, {inner, columns / 2}, 2);
  expect_bits_of_blocks(v, v);
}

TEST(FewRows, ByATransposedMatrixGiveTheBitsOfAnyBlocks) {
  for (const DType dtype : {f32, f64}) {
    const Tensor w = testing::sample_tensor(dtype, {301, 259}, 2);
    expect_bits_of_blocks(matrix_transpose(w), Tensor::copy_of(matrix_transpose(w)));
  }
}

TEST(FewRows, ByATransposedMatrixInABatchGiveTheBitsOfSingleProducts) {
  const Tensor x = testing::sample_tensor(f32, {9, 4, 300}, 1);
  const Tensor w = testing::sample_tensor(f32, {9, 70, 300}, 2);
  const Tensor all = evaluate(matmul(x, matrix_transpose(w)));
  for (int64_t i = 0; i < 9; ++i) {
    const Tensor one = Tensor::copy_of(matrix_transpose(w[{i}]));
    EXPECT_TRUE(same_bits(all[{i}], in_blocks(x[{i}], one)));
  }
}

TEST(FewRows, SayHowTheyReadAMatrixFromMemory) {
  const auto way = [](int64_t rows, int64_t depth) {
    const Tensor x = zeros({rows, depth}, f32), w = zeros({depth, columns}, f32);
    return explain(matmul(x, w)).kernels().at(0).walk;
  };
  EXPECT_NE(way(1, inner).find("k in blocks of 8"), std::string::npos);
  EXPECT_NE(way(4, inner).find("k in blocks of 128"), std::string::npos);
  EXPECT_EQ(way(4, inner / 4).find("k in blocks"), std::string::npos);
}

}  // namespace
}  // namespace onepass
