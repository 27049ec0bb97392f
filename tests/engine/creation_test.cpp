// SPDX-License-Identifier: Apache-2.0
// Creation functions: values, default dtypes, limits.
#include "onepass/engine/creation.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "error_text.h"
#include "onepass/engine/views.h"
#include "onepass/runtime/buffer.h"

namespace onepass {
namespace {

TEST(Creation, ConstantsFillEveryDtype) {
  for (int i = 0; i < dtype_count; ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(zeros({2, 2}, dtype).to_vector<float>(), (std::vector<float>(4, 0.f)));
    EXPECT_EQ(ones({3}, dtype).to_vector<float>(), (std::vector<float>(3, 1.f)));
    EXPECT_EQ(ones({3}, dtype).dtype(), dtype);
    EXPECT_EQ(full({}, 1, dtype).item<float>(), 1.f);
    EXPECT_EQ(empty({2, 0}, dtype).size(), 0);
    EXPECT_EQ(eye(2, {.dtype = dtype}).to_vector<float>(), (std::vector<float>{1, 0, 0, 1}));
  }
}

TEST(Creation, DefaultDtypesAreThoseOfTheArrayApi) {
  EXPECT_EQ(zeros({1}).dtype(), f32);
  EXPECT_EQ(full({1}, 2.5).dtype(), f32);
  EXPECT_EQ(full({1}, 2).dtype(), i64);
  EXPECT_EQ(full({1}, 2u).dtype(), i64);
  EXPECT_EQ(full({1}, true).dtype(), boolean);
  EXPECT_EQ(arange(3).dtype(), i64);
  EXPECT_EQ(arange(3.0).dtype(), f32);
  EXPECT_EQ(arange(0, 3, 0.5).dtype(), f32);
  EXPECT_EQ(linspace(0, 1, 2).dtype(), f32);
  EXPECT_EQ(eye(1).dtype(), f32);
}

TEST(Creation, LikeTakesShapeAndDtype) {
  const Tensor x = zeros({2, 3}, i16);
  EXPECT_EQ(ones_like(x).dtype(), i16);
  EXPECT_EQ(ones_like(x).shape(), x.shape());
  EXPECT_EQ(zeros_like(x, f64).dtype(), f64);
  EXPECT_EQ(empty_like(permute_dims(x, {1, 0})).strides(), Strides({2, 1}));
  EXPECT_EQ(full_like(x, 7).to_vector<int>(), std::vector<int>(6, 7));
}

TEST(Full, KeepsExactValues) {
  EXPECT_EQ(full({1}, std::numeric_limits<uint64_t>::max(), u64).item<uint64_t>(),
            std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(full({1}, INT64_MIN, i64).item<int64_t>(), INT64_MIN);
  EXPECT_EQ(full({1}, 0.1, f64).item<double>(), 0.1);
  EXPECT_EQ(full({1}, 3.0, u8).item<int>(), 3);
  // One rounding from the integer; by way of double it would be a tie, and go down.
  EXPECT_EQ(full({1}, (int64_t{1} << 54) + (int64_t{1} << 30) + 1, f32).item<float>(),
            0x1p54f + 0x1p31f);
}

TEST(Full, RefusesWhatTheDtypeCannotHold) {
  EXPECT_EQ(error_text([] { full({2}, 300, u8); }),
            "full: value is 300, dtype is u8; the value must be an integer in [0, 255].");
  EXPECT_EQ(error_text([] { full({2}, -1, u64); }),
            "full: value is -1, dtype is u64; the value must be an integer in [0, "
            "18446744073709551615].");
  EXPECT_EQ(error_text([] { full({2}, 1.5, i8); }),
            "full: value is 1.5, dtype is i8; the value must be an integer in [-128, 127].");
  EXPECT_EQ(error_text([] { full({2}, 0x1p63, i64); }),
            "full: value is 9.223372036854776e+18, dtype is i64; the value must be an integer in "
            "[-9223372036854775808, 9223372036854775807].");
  EXPECT_EQ(error_text([] { full({2}, std::numeric_limits<double>::quiet_NaN(), i32); }),
            "full: value is nan, dtype is i32; the value must be an integer in [-2147483648, "
            "2147483647].");
  EXPECT_EQ(error_text([] { full({2}, std::numeric_limits<uint64_t>::max()); }),
            "full: value is 18446744073709551615, dtype is i64; the value must be an integer in "
            "[-9223372036854775808, 9223372036854775807].");
  EXPECT_EQ(error_text([] { full({2}, 2, boolean); }),
            "full: value is 2, dtype is boolean; the value must be 0, 1, false or true.");
}

TEST(Creation, OversizedRequestsFailWithoutLeak) {
  const int64_t before = runtime::pool_statistics().bytes_in_use;
  EXPECT_EQ(error_text([] { zeros({int64_t{1} << 32, int64_t{1} << 31}); }),
            "shape: [4294967296, 2147483648] has more than 2^63 - 1 elements; the number of "
            "elements must fit 63 bits.");
  EXPECT_EQ(error_text([] { ones({int64_t{1} << 61}, f64); }),
            "ones: f64[2305843009213693952] has more than 2^63 - 1 bytes; the size in bytes must "
            "fit 63 bits.");
  EXPECT_EQ(error_text<SystemError>([] { full({int64_t{1} << 60}, 1.0); }),
            "buffer: cannot allocate 4611686018427387904 bytes.");
  EXPECT_EQ(error_text([] { zeros({2, -3}); }),
            "shape: extent -3 in [2, -3]; extents must not be negative.");
  EXPECT_EQ(runtime::pool_statistics().bytes_in_use, before);
}

TEST(Arange, CountsInEitherDirection) {
  EXPECT_EQ(arange(4).to_vector<int>(), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(arange(2, 9, 3).to_vector<int>(), (std::vector<int>{2, 5, 8}));
  EXPECT_EQ(arange(2, 8, 3).to_vector<int>(), (std::vector<int>{2, 5}));
  EXPECT_EQ(arange(3, -4, -3).to_vector<int>(), (std::vector<int>{3, 0, -3}));
  EXPECT_EQ(arange(0, 1, 0.25).to_vector<float>(), (std::vector<float>{0, .25f, .5f, .75f}));
  EXPECT_EQ(arange(1, 0, -0.5).to_vector<float>(), (std::vector<float>{1, .5f}));
  EXPECT_EQ(arange(5, 5).size(), 0);
  EXPECT_EQ(arange(5, 2).size(), 0);
  EXPECT_EQ(arange(0.5, -2.5).size(), 0);
  EXPECT_EQ(arange(3, 0, 1, u8).size(), 0);
  EXPECT_EQ(arange(0, 256, 1, u8).to_vector<int>()[255], 255);
}

TEST(Arange, LongOnesAreExactAndRoundedOnce) {
  const Tensor x = arange(0, 5000, 1, f32);
  const Tensor y = arange(0.0, 500.0, 0.1, f32);
  ASSERT_EQ(y.size(), 5000);
  for (int64_t i = 0; i < 5000; ++i) {
    ASSERT_EQ(x.data<float>()[i], static_cast<float>(i));
    ASSERT_EQ(y.data<float>()[i], static_cast<float>(static_cast<double>(i) * 0.1));
  }
}

TEST(Arange, ReachesTheEndsOfTheIntegers) {
  EXPECT_EQ(arange(INT64_MAX - 2, INT64_MAX).to_vector<int64_t>(),
            (std::vector<int64_t>{INT64_MAX - 2, INT64_MAX - 1}));
  EXPECT_EQ(arange(INT64_MIN, INT64_MAX, INT64_MAX).to_vector<int64_t>(),
            (std::vector<int64_t>{INT64_MIN, -1, INT64_MAX - 1}));
  EXPECT_EQ(arange(UINT64_MAX - 1, UINT64_MAX, 1, u64).to_vector<uint64_t>(),
            (std::vector<uint64_t>{UINT64_MAX - 1}));
}

TEST(Arange, RefusesImpossibleRanges) {
  EXPECT_EQ(error_text([] { arange(0, 3, 0); }),
            "arange: start is 0, stop is 3, step is 0; the step must not be 0.");
  EXPECT_EQ(error_text([] { arange(0, 3.5, 1, i32); }),
            "arange: start is 0, stop is 3.5, step is 1; for an integer dtype all three must be "
            "integers.");
  EXPECT_EQ(error_text([] { arange(0, std::numeric_limits<double>::infinity()); }),
            "arange: start is 0, stop is inf, step is 1; all three must be finite.");
  EXPECT_EQ(error_text([] { arange(0, 1e300); }),
            "arange: start is 0, stop is 1e+300, step is 1; the number of elements must fit 63 "
            "bits.");
  EXPECT_EQ(error_text([] { arange(INT64_MIN, INT64_MAX); }),
            "arange: start is -9223372036854775808, stop is 9223372036854775807, step is 1; the "
            "number of elements must fit 63 bits.");
  EXPECT_EQ(error_text([] { arange(0, 300, 1, u8); }),
            "arange: value is 299, dtype is u8; the value must be an integer in [0, 255].");
  EXPECT_EQ(error_text([] { arange(-1, 3, 1, u8); }),
            "arange: value is -1, dtype is u8; the value must be an integer in [0, 255].");
  EXPECT_EQ(error_text([] { arange(0, 2, 1, boolean); }),
            "arange: dtype is boolean; it must be a number type.");
}

TEST(Linspace, IncludesBothEnds) {
  EXPECT_EQ(linspace(0, 1, 5).to_vector<float>(), (std::vector<float>{0, .25f, .5f, .75f, 1}));
  EXPECT_EQ(linspace(0, 1, 4, {.endpoint = false}).to_vector<float>(),
            (std::vector<float>{0, .25f, .5f, .75f}));
  EXPECT_EQ(linspace(2, 7, 1).to_vector<float>(), (std::vector<float>{2}));
  EXPECT_EQ(linspace(2, 7, 0).size(), 0);
  const Tensor x = linspace(0.1, 0.7, 1000, {.dtype = f64});
  EXPECT_EQ((x[{0}].item<double>()), 0.1);
  EXPECT_EQ((x[{-1}].item<double>()), 0.7);
}

TEST(Linspace, RefusesNegativeCountsAndIntegers) {
  EXPECT_EQ(error_text([] { linspace(0, 1, -1); }),
            "linspace: count is -1; the count must not be negative.");
  EXPECT_EQ(error_text([] { linspace(0, 1, 3, {.dtype = i32}); }),
            "linspace: dtype is i32; it must be floating. Convert with astype(.., i32) "
            "afterwards.");
}

TEST(Eye, PlacesAnyDiagonal) {
  EXPECT_EQ(eye(2, {.columns = 3}).to_vector<int>(), (std::vector<int>{1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(eye(2, {.columns = 3, .k = 2}).to_vector<int>(), (std::vector<int>{0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(eye(3, {.columns = 2, .k = -1}).to_vector<int>(), (std::vector<int>{0, 0, 1, 0, 0, 1}));
  EXPECT_EQ(eye(2, {.k = INT64_MAX}).to_vector<int>(), (std::vector<int>{0, 0, 0, 0}));
  EXPECT_EQ(eye(2, {.k = INT64_MIN}).to_vector<int>(), (std::vector<int>{0, 0, 0, 0}));
  EXPECT_EQ(eye(0).shape(), Shape({0, 0}));
  EXPECT_EQ(error_text([] { eye(-2); }),
            "shape: extent -2 in [-2, -2]; extents must not be negative.");
}

TEST(Triangles, KeepTheirSideOfTheDiagonal) {
  const Tensor x = reshape(arange(1, 13), {2, 2, 3});
  EXPECT_EQ(tril(x).to_vector<int>(), (std::vector<int>{1, 0, 0, 4, 5, 0, 7, 0, 0, 10, 11, 0}));
  EXPECT_EQ(triu(x).to_vector<int>(), (std::vector<int>{1, 2, 3, 0, 5, 6, 7, 8, 9, 0, 11, 12}));
  EXPECT_EQ((tril(x[{0}], 1).to_vector<int>()), (std::vector<int>{1, 2, 0, 4, 5, 6}));
  EXPECT_EQ((triu(x[{0}], 1).to_vector<int>()), (std::vector<int>{0, 2, 3, 0, 0, 6}));
  EXPECT_EQ((tril(x[{0}], -1).to_vector<int>()), (std::vector<int>{0, 0, 0, 4, 0, 0}));
  EXPECT_EQ((triu(x[{0}], INT64_MIN).to_vector<int>()), (std::vector<int>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ((tril(x[{0}], INT64_MAX).to_vector<int>()), (std::vector<int>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ((triu(x[{0}], INT64_MAX).to_vector<int>()), (std::vector<int>(6, 0)));
}

TEST(Triangles, CopyTheirArgument) {
  const Tensor x = ones({2, 2});
  const Tensor y = triu(matrix_transpose(x));
  EXPECT_EQ(x.to_vector<int>(), (std::vector<int>{1, 1, 1, 1}));
  EXPECT_EQ(y.to_vector<int>(), (std::vector<int>{1, 1, 0, 1}));
  EXPECT_EQ(tril(zeros({0, 2})).shape(), Shape({0, 2}));
  EXPECT_EQ(tril(zeros({2, 0})).shape(), Shape({2, 0}));
  EXPECT_EQ(error_text([] { tril(zeros({3})); }),
            "tril: x is f32[3]; it needs at least 2 dimensions.");
  EXPECT_EQ(error_text([] { triu(zeros({3})); }),
            "triu: x is f32[3]; it needs at least 2 dimensions.");
}

}  // namespace
}  // namespace onepass
