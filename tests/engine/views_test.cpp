// SPDX-License-Identifier: Apache-2.0
// Views of tensors: shapes, shared memory, and the texts of what is refused.
#include "onepass/engine/views.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "error_text.h"
#include "onepass/engine/creation.h"

namespace onepass {
namespace {

std::vector<int64_t> values(const Tensor& x) { return x.to_vector<int64_t>(); }
bool shares(const Tensor& a, const Tensor& b) { return a.header().storage == b.header().storage; }

TEST(PermuteDims, ReordersWithoutMoving) {
  const Tensor x = reshape(arange(24), {2, 3, 4});
  const Tensor y = permute_dims(x, {2, 0, 1});
  EXPECT_EQ(y.shape(), Shape({4, 2, 3}));
  EXPECT_EQ(y.strides(), Strides({1, 12, 4}));
  EXPECT_TRUE(shares(x, y));
  EXPECT_EQ((y[{3, 1, 2}].item<int64_t>()), 23);
  EXPECT_EQ(permute_dims(x, {-1, 0, -2}).shape(), Shape({4, 2, 3}));
  EXPECT_EQ(permute_dims(Tensor({1.f})[{0}], std::initializer_list<int>{}).rank(), 0);
}

TEST(PermuteDims, NamesEachDimensionOnce) {
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(error_text([&] { permute_dims(x, {0, 0}); }),
            "permute_dims: x is f32[2, 3], axes are [0, 0]; they must name each dimension once.");
  EXPECT_EQ(error_text([&] { permute_dims(x, {0}); }),
            "permute_dims: x is f32[2, 3], axes are [0]; they must name each dimension once.");
  EXPECT_EQ(error_text([&] { permute_dims(x, {0, 2}); }),
            "permute_dims: x is f32[2, 3], axes are [0, 2]; they must name each dimension once.");
  EXPECT_EQ(error_text([&] { permute_dims(x, {0, -2}); }),
            "permute_dims: x is f32[2, 3], axes are [0, -2]; they must name each dimension once.");
}

TEST(MatrixTranspose, ExchangesTheLastTwoDimensions) {
  const Tensor x = reshape(arange(12), {2, 2, 3});
  const Tensor y = matrix_transpose(x);
  EXPECT_EQ(y.shape(), Shape({2, 3, 2}));
  EXPECT_EQ(values(y), (std::vector<int64_t>{0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11}));
  EXPECT_TRUE(shares(x, y));
  EXPECT_EQ(error_text([] { matrix_transpose(zeros({3})); }),
            "matrix_transpose: x is f32[3]; it needs at least 2 dimensions.");
}

TEST(Reshape, OfDenseIsAView) {
  const Tensor x = arange(12);
  const Tensor y = reshape(x, {3, -1});
  EXPECT_EQ(y.shape(), Shape({3, 4}));
  EXPECT_TRUE(shares(x, y));
  EXPECT_EQ(values(y), values(x));
  EXPECT_EQ(reshape(x, {1, 12, 1}).shape(), Shape({1, 12, 1}));
  EXPECT_EQ(reshape(Tensor({5.f}), {}).rank(), 0);
  EXPECT_EQ(reshape(reshape(Tensor({5.f}), {}), {1, 1}).shape(), Shape({1, 1}));
}

TEST(Reshape, IsAViewWhereStridesCanExpressIt) {
  const Tensor x = reshape(arange(24), {4, 6});
  const Tensor columns = x[{all, slice(0, 4)}];  // strides 6, 1
  const Tensor split = reshape(columns, {2, 2, 2, 1, 2});
  EXPECT_TRUE(shares(x, split));
  EXPECT_EQ(split.strides(), Strides({12, 6, 2, 2, 1}));
  EXPECT_EQ(values(split), values(columns));
  const Tensor joined = reshape(columns, {16});
  EXPECT_FALSE(shares(x, joined));
  EXPECT_EQ(values(joined), values(columns));
  EXPECT_TRUE(joined.is_dense());
  const Tensor backwards = reshape(flip(x), {3, 8});
  EXPECT_TRUE(shares(x, backwards));
  EXPECT_EQ(backwards.strides(), Strides({-8, -1}));
}

TEST(Reshape, KeepsTheOrderOfElementsForAnyViewAndTarget) {
  std::mt19937 random(7);
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  const Tensor base = reshape(arange(720), {6, 5, 4, 3, 2});
  int views = 0;
  for (int round = 0; round < 500; ++round) {
    const int order = pick(0, 3);
    Tensor x = order == 0   ? permute_dims(base, {1, 0, 2, 3, 4})
               : order == 1 ? permute_dims(base, {0, 1, 3, 2, 4})
                            : base;
    if (pick(0, 1)) x = flip(x, {pick(0, 4)});
    if (pick(0, 1)) x = x[{slice(0, 4), all, slice(std::nullopt, std::nullopt, 2)}];
    if (pick(0, 2) == 0) x = broadcast_to(x[{all, all, all, all, slice(0, 1)}], x.shape());
    Shape target;
    int64_t left = x.size();
    while (left > 1 && target.rank() < 7) {
      int factor = pick(1, 6);
      while (left % factor != 0) --factor;
      target.push_back(factor);
      left /= factor;
    }
    target.push_back(left);
    const Tensor y = reshape(x, target);
    EXPECT_EQ(values(y), values(x));
    views += shares(x, y);
  }
  EXPECT_GT(views, 50);
  EXPECT_LT(views, 450);
}

TEST(Reshape, OfEmptyTensors) {
  const Tensor x = zeros({0, 3});
  EXPECT_EQ(reshape(x, {5, 0}).shape(), Shape({5, 0}));
  EXPECT_EQ(reshape(x, {-1, 3}).shape(), Shape({0, 3}));
  EXPECT_EQ(error_text([&] { reshape(x, {0, -1}); }),
            "reshape: x is f32[0, 3], the shape is [0, -1]; the extent -1 must follow from the "
            "others, but 0 elements do not divide by 0.");
}

TEST(Reshape, RefusesOtherCounts) {
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(error_text([&] { reshape(x, {4}); }),
            "reshape: x is f32[2, 3], the shape is [4]; counts of elements must be equal, but 6 "
            "is not 4.");
  EXPECT_EQ(error_text([&] { reshape(x, {-1, 4}); }),
            "reshape: x is f32[2, 3], the shape is [-1, 4]; the extent -1 must follow from the "
            "others, but 6 elements do not divide by 4.");
  EXPECT_EQ(error_text([&] { reshape(x, {-1, -1}); }),
            "reshape: x is f32[2, 3], the shape is [-1, -1]; only one extent may be -1.");
  EXPECT_EQ(error_text([&] { reshape(x, {-2, 3}); }),
            "reshape: x is f32[2, 3], the shape is [-2, 3]; extents must not be negative.");
}

TEST(ExpandDims, AddsAnExtentOfOneAnywhere) {
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(expand_dims(x, 0).shape(), Shape({1, 2, 3}));
  EXPECT_EQ(expand_dims(x, 1).shape(), Shape({2, 1, 3}));
  EXPECT_EQ(expand_dims(x, 2).shape(), Shape({2, 3, 1}));
  EXPECT_EQ(expand_dims(x, -1).shape(), Shape({2, 3, 1}));
  EXPECT_EQ(expand_dims(x, -3).shape(), Shape({1, 2, 3}));
  EXPECT_TRUE(shares(x, expand_dims(x, 1)));
  EXPECT_EQ(error_text([&] { expand_dims(x, 3); }),
            "expand_dims: axis 3 is out of range; x is f32[2, 3]. Use an axis from -3 to 2.");
  EXPECT_EQ(error_text([] { expand_dims(zeros({1, 1, 1, 1, 1, 1, 1, 1}), 0); }),
            "expand_dims: x is f32[1, 1, 1, 1, 1, 1, 1, 1]; at most 8 dimensions are supported.");
}

TEST(Squeeze, RemovesExtentsOfOne) {
  const Tensor x = zeros({1, 2, 1, 3});
  EXPECT_EQ(squeeze(x, 0).shape(), Shape({2, 1, 3}));
  EXPECT_EQ(squeeze(x, {0, -2}).shape(), Shape({2, 3}));
  EXPECT_EQ(squeeze(x, Axes()).shape(), Shape({2, 3}));
  EXPECT_EQ(squeeze(x, no_axes).shape(), x.shape());
  EXPECT_EQ(error_text([&] { squeeze(x, {1}); }),
            "squeeze: x is f32[1, 2, 1, 3]; dimension 1 must have extent 1 to be removed.");
  EXPECT_EQ(error_text([&] { squeeze(x, {0, -4}); }),
            "squeeze: axis 0 is named twice; axes must differ.");
  EXPECT_EQ(error_text([&] { squeeze(x, {4}); }),
            "squeeze: axis 4 is out of range; x is f32[1, 2, 1, 3]. Use an axis from -4 to 3.");
  EXPECT_EQ(error_text([&] { squeeze(x, {0, 1, 2, 3, 4, 5, 6, 7, 8}); }),
            "squeeze: 9 axes; at most 8 are supported.");
  EXPECT_EQ(error_text([&] { squeeze(x[{0, 0, 0, 0}], 0); }),
            "squeeze: axis 0 is out of range; x is f32[].");
}

TEST(BroadcastTo, RepeatsWithoutCopyAndIsReadOnly) {
  const Tensor x = {{1, 2, 3}};
  const Tensor y = broadcast_to(x, {2, 2, 3});
  EXPECT_EQ(y.strides(), Strides({0, 0, 1}));
  EXPECT_EQ(values(y), (std::vector<int64_t>{1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3}));
  EXPECT_TRUE(shares(x, y));
  EXPECT_TRUE(y.is_read_only());
  EXPECT_FALSE(broadcast_to(x, {1, 1, 3}).is_read_only());
  EXPECT_EQ(broadcast_to(x, {0, 3}).size(), 0);
  EXPECT_EQ(broadcast_to(Tensor({2.f})[{0}], {3}).to_vector<float>(),
            (std::vector<float>{2, 2, 2}));
}

TEST(BroadcastTo, RefusesOtherExtents) {
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(error_text([&] { broadcast_to(x, {3}); }),
            "broadcast_to: x is f32[2, 3], the shape is [3]; the shape must have at least as many "
            "dimensions as x.");
  EXPECT_EQ(error_text([&] { broadcast_to(x, {4, 4, 3}); }),
            "broadcast_to: x is f32[2, 3], the shape is [4, 4, 3]; extents must be equal or 1 in "
            "x, but x.shape[-2] = 2 and shape[-2] = 4.");
  EXPECT_EQ(error_text([&] { broadcast_to(x, {-1, 2, 3}); }),
            "shape: extent -1 in [-1, 2, 3]; extents must not be negative.");
  EXPECT_EQ(error_text([&] { broadcast_to(x, {INT64_MAX, 2, 3}); }),
            "shape: [9223372036854775807, 2, 3] has more than 2^63 - 1 elements; the number of "
            "elements must fit 63 bits.");
}

TEST(Flip, ReversesAxes) {
  const Tensor x = reshape(arange(6), {2, 3});
  EXPECT_EQ(values(flip(x)), (std::vector<int64_t>{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(values(flip(x, 0)), (std::vector<int64_t>{3, 4, 5, 0, 1, 2}));
  EXPECT_EQ(values(flip(x, -1)), (std::vector<int64_t>{2, 1, 0, 5, 4, 3}));
  EXPECT_EQ(values(flip(flip(x))), values(x));
  EXPECT_EQ(flip(zeros({0, 2})).shape(), Shape({0, 2}));
  EXPECT_EQ(error_text([&] { flip(x, 2); }),
            "flip: axis 2 is out of range; x is i64[2, 3]. Use an axis from -2 to 1.");
}

}  // namespace
}  // namespace onepass
