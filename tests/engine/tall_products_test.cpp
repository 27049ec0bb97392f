// SPDX-License-Identifier: Apache-2.0
// Products of very many rows and few columns, which ask for rows ahead: the bits of any blocks, for
// dense rows and for those that lie apart.
#include <gtest/gtest.h>

#include "onepass/engine/acceleration.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

using testing::same_bits;

constexpr int64_t rows = (int64_t{1} << 15) + 7, inner = 41;

TEST(TallProducts, GiveTheBitsOfAnyBlocks) {
  for (const DType dtype : {f32, f64}) {
    const Tensor x = testing::sample_tensor(dtype, {rows, inner + 3}, 1);
    const Tensor dense = Tensor::copy_of(x[{all, slice(2, 2 + inner)}]);
    for (const int64_t columns : {2, 8, 16, 31}) {
      SCOPED_TRACE(std::to_string(columns) + " columns of " + std::string(to_string(dtype)));
      const Tensor w = testing::sample_tensor(dtype, {inner, columns}, 2);
      const Tensor expected = acceleration::tiled_matmul(dense, w, 40);
      EXPECT_TRUE(same_bits(evaluate(matmul(dense, w)), expected));
      EXPECT_TRUE(same_bits(evaluate(matmul(x[{all, slice(2, 2 + inner)}], w)), expected));
      EXPECT_TRUE(
          same_bits(evaluate(relu(matmul(dense, w * 2.0f) + 1.0f), {.threads = 2}),
                    evaluate(relu(acceleration::tiled_matmul(dense, w * 2.0f, 40) + 1.0f))));
    }
  }
}

TEST(TallProducts, OfLongRowsGiveTheBitsOfAnyBlocks) {
  for (const int64_t terms : {255, 256, 700, 2048, 2049}) {
    const Tensor x = testing::sample_tensor(f32, {2050, terms}, 1);
    const Tensor w = testing::sample_tensor(f32, {terms, 19}, 2);
    EXPECT_TRUE(same_bits(evaluate(matmul(x, w)), acceleration::tiled_matmul(x, w, 40)));
  }
}

TEST(TallProducts, OfRowsInReverseReadNothingWrong) {
  const Tensor x = testing::sample_tensor(f32, {rows, inner}, 1);
  const Tensor reversed = x[{slice({}, {}, -1)}], w = testing::sample_tensor(f32, {inner, 16}, 2);
  EXPECT_TRUE(same_bits(evaluate(matmul(reversed, w)),
                        acceleration::tiled_matmul(Tensor::copy_of(reversed), w, 40)));
}

}  // namespace
}  // namespace onepass
