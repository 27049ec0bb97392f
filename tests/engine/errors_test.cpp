// SPDX-License-Identifier: Apache-2.0
// What users see when a call cannot be right.
#include <gtest/gtest.h>

#include "error_text.h"
#include "onepass/engine/acceleration.h"
#include "onepass/engine/onepass.h"

namespace onepass {
namespace {

TEST(Errors, NameBothShapesOfAProduct) {
  EXPECT_EQ(error_text([] { evaluate(matmul(zeros({128, 256}), zeros({128, 512}))); }),
            "matmul: lhs is f32[128, 256], rhs is f32[128, 512]; inner dimensions must match, but "
            "lhs.shape[-1] = 256 and rhs.shape[-2] = 128.");
  EXPECT_EQ(error_text([] { evaluate(matmul(zeros({2, 3}, i8), zeros({2, 3}, u8))); }),
            "matmul: lhs is i8[2, 3], rhs is u8[2, 3]; inner dimensions must match, but "
            "lhs.shape[-1] = 3 and rhs.shape[-2] = 2.");
  EXPECT_EQ(
      error_text([] { evaluate(matmul(zeros({2, 3, 4}), zeros({5, 4, 2}, f64))); }),
      "matmul: lhs is f32[2, 3, 4], rhs is f64[5, 4, 2]; batch dimensions must broadcast, but "
      "lhs.shape[-3] = 2 and rhs.shape[-3] = 5.");
  EXPECT_EQ(error_text([] { acceleration::vectorized_matmul(zeros({2, 3}), zeros({4, 5})); }),
            "matmul: lhs is f32[2, 3], rhs is f32[4, 5]; inner dimensions must match, but "
            "lhs.shape[-1] = 3 and rhs.shape[-2] = 4.");
  EXPECT_EQ(error_text([] { acceleration::tiled_matmul(zeros({2, 3}), zeros({4, 5}), 16); }),
            "matmul: lhs is f32[2, 3], rhs is f32[4, 5]; inner dimensions must match, but "
            "lhs.shape[-1] = 3 and rhs.shape[-2] = 4.");
}

TEST(Errors, NameATileSizeThatIsNone) {
  EXPECT_EQ(error_text([] { acceleration::tiled_matmul(zeros({2, 2}), zeros({2, 2}), 0); }),
            "tiled_matmul: tile_size is 0; it must be at least 1.");
}

TEST(Errors, NameAnAxisOutOfRange) {
  EXPECT_EQ(error_text([] { evaluate(sum(zeros({2, 3}), {.axis = 2})); }),
            "sum: axis 2 is out of range; x is f32[2, 3]. Use an axis from -2 to 1.");
  EXPECT_EQ(error_text([] { evaluate(sum(zeros({2, 3}), {.axis = {1, -1}})); }),
            "sum: axis 1 is named twice; axes must differ.");
}

TEST(Errors, NameASqueezeThatCannotBe) {
  EXPECT_EQ(error_text([] { evaluate(squeeze(zeros({2, 1}) + 1, 0)); }),
            "squeeze: x is f32[2, 1]; dimension 0 must have extent 1 to be removed.");
}

TEST(Errors, NamePositionsOutOfRange) {
  EXPECT_EQ(error_text([] { evaluate((zeros({2, 3}) + 1)[{0, 3}]); }),
            "index: position 3 is out of range; dimension 1 of f32[2, 3] has extent 3.");
}

TEST(Errors, NameLiteralsThatDoNotFit) {
  EXPECT_EQ(error_text([] {
              const Tensor x = astype(zeros({2}), u8);
              for (const int n : {1, 300}) evaluate(x + n);
            }),
            "literal: 300 is out of the range of u8; an integer literal must fit the dtype of the "
            "tensor it meets.");
}

TEST(Errors, OfMemoryChangeNothing) {
  const Tensor x = broadcast_to(zeros({1}), {int64_t{1} << 45});
  EXPECT_THROW(evaluate(x + 1), SystemError);
  const Tensor column = broadcast_to(zeros({1, 1}), {int64_t{1} << 40, 1});
  EXPECT_THROW(evaluate(column * broadcast_to(zeros({1, 1}), {1, int64_t{1} << 40})), UserError);
}

TEST(Errors, OfKindsNameTheCast) {
  for (const auto& call : std::vector<std::function<void()>>{
           [] { evaluate(tanh(arange(int64_t{0}, int64_t{3}))); },
           [] { evaluate(zeros({2}) + astype(zeros({2}), i32)); },
           [] { evaluate(astype(zeros({2}), i64) + astype(zeros({2}), u64)); },
           [] { evaluate(astype(zeros({2}), i32) / astype(zeros({2}), i32)); },
           [] { evaluate(astype(zeros({2}), i32) + 0.5); }}) {
    EXPECT_NE(error_text(call).find("astype("), std::string::npos) << error_text(call);
  }
}

}  // namespace
}  // namespace onepass
