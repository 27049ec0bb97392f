// SPDX-License-Identifier: Apache-2.0
// Printing: the texts are those of NumPy's print, below a line with the type.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>

#include "onepass/engine/creation.h"
#include "onepass/engine/tensor.h"
#include "onepass/engine/views.h"
#include "onepass/runtime/half.h"

namespace onepass {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

TEST(Print, StreamsTypeAndValues) {
  std::ostringstream stream;
  stream << Tensor({{1.f, 2.5f}, {-3.f, 10.25f}});
  EXPECT_EQ(stream.str(),
            "f32[2, 2]\n"
            "[[ 1.    2.5 ]\n"
            " [-3.   10.25]]");
}

TEST(Print, EveryDtype) {
  EXPECT_EQ(to_string(Tensor{true, false}), "boolean[2]\n[ true false]");
  EXPECT_EQ(to_string(full({1}, -128, i8)), "i8[1]\n[-128]");
  EXPECT_EQ(to_string(full({1}, 255, u8)), "u8[1]\n[255]");
  EXPECT_EQ(to_string(full({1}, -3, i16)), "i16[1]\n[-3]");
  EXPECT_EQ(to_string(full({1}, 3, u16)), "u16[1]\n[3]");
  EXPECT_EQ(to_string(Tensor{{1, -20}, {300, 4}}), "i32[2, 2]\n[[  1 -20]\n [300   4]]");
  EXPECT_EQ(to_string(full({1}, 7, u32)), "u32[1]\n[7]");
  EXPECT_EQ(to_string(full({1}, INT64_MIN)), "i64[1]\n[-9223372036854775808]");
  EXPECT_EQ(to_string(Tensor{UINT64_MAX, uint64_t{0}}),
            "u64[2]\n[18446744073709551615                    0]");
  EXPECT_EQ(to_string(Tensor{to_float16(0.1f), to_float16(1.5f)}), "f16[2]\n[0.1 1.5]");
  EXPECT_EQ(to_string(Tensor{to_bfloat16(0.1f), to_bfloat16(-1.5f)}), "bf16[2]\n[ 0.1 -1.5]");
  EXPECT_EQ(to_string(Tensor{0.1f, 0.3f}), "f32[2]\n[0.1 0.3]");
  EXPECT_EQ(to_string(Tensor{0.1, 1 / 3.}), "f64[2]\n[0.1                0.3333333333333333]");
}

TEST(Print, ScalarsAndEmptyTensors) {
  EXPECT_EQ(to_string(full({}, 3.5)), "f32[]\n3.5");
  EXPECT_EQ(to_string(full({}, 7)), "i64[]\n7");
  EXPECT_EQ(to_string(zeros({0})), "f32[0]\n[]");
  EXPECT_EQ(to_string(zeros({2, 0, 3})), "f32[2, 0, 3]\n[]");
}

TEST(Print, HigherDimensionsAreSetApart) {
  EXPECT_EQ(to_string(reshape(arange(8), {2, 2, 2})),
            "i64[2, 2, 2]\n"
            "[[[0 1]\n"
            "  [2 3]]\n"
            "\n"
            " [[4 5]\n"
            "  [6 7]]]");
  EXPECT_EQ(to_string(reshape(arange(4), {1, 2, 1, 2})),
            "i64[1, 2, 1, 2]\n[[[[0 1]]\n\n  [[2 3]]]]");
}

TEST(Print, SpecialValuesAreAligned) {
  EXPECT_EQ(to_string(Tensor{1.f, nan, -infinity, 0.5f}), "f32[4]\n[ 1.   nan -inf  0.5]");
  EXPECT_EQ(to_string(Tensor{nan, infinity, -infinity}), "f32[3]\n[ nan  inf -inf]");
  EXPECT_EQ(to_string(Tensor{nan, 1e10f, -infinity}), "f32[3]\n[   nan 1.e+10   -inf]");
  EXPECT_EQ(to_string(Tensor{-0.f, 0.f, 1.f}), "f32[3]\n[-0.  0.  1.]");
  EXPECT_EQ(to_string(Tensor{std::copysign(nan, -1.f)}), "f32[1]\n[nan]");
}

TEST(Print, WideRangesUseExponents) {
  EXPECT_EQ(to_string(Tensor{1e-5, 1., -2.5e10}), "f64[3]\n[ 1.0e-05  1.0e+00 -2.5e+10]");
  EXPECT_EQ(to_string(Tensor{1e-5, 1e100}), "f64[2]\n[1.e-005 1.e+100]");
  EXPECT_EQ(to_string(Tensor{0.001, 1.5}), "f64[2]\n[1.0e-03 1.5e+00]");
  EXPECT_EQ(to_string(Tensor{0.001, 1.}), "f64[2]\n[0.001 1.   ]");
  EXPECT_EQ(to_string(Tensor{1e8, 1e7}), "f64[2]\n[1.e+08 1.e+07]");
  EXPECT_EQ(to_string(Tensor{99999999.}), "f64[1]\n[99999999.]");
  EXPECT_EQ(to_string(Tensor{1e-4, 1e-2}), "f64[2]\n[0.0001 0.01  ]");
  EXPECT_EQ(to_string(Tensor{to_float16(0.1f), to_float16(65504.f), to_float16(1.f)}),
            "f16[3]\n[1.00e-01 6.55e+04 1.00e+00]");
  EXPECT_EQ(to_string(Tensor{0x1p-149f}), "f32[1]\n[1.e-45]");
}

TEST(Print, LongLinesWrap) {
  EXPECT_EQ(to_string(arange(30)),
            "i64[30]\n"
            "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n"
            " 24 25 26 27 28 29]");
  EXPECT_EQ(to_string(reshape(arange(0, 24000, 1000), {2, 12})),
            "i64[2, 12]\n"
            "[[    0  1000  2000  3000  4000  5000  6000  7000  8000  9000 10000 11000]\n"
            " [12000 13000 14000 15000 16000 17000 18000 19000 20000 21000 22000 23000]]");
}

TEST(Print, MoreThanAThousandElementsAreShortened) {
  EXPECT_EQ(to_string(arange(2000)), "i64[2000]\n[   0    1    2 ... 1997 1998 1999]");
  EXPECT_EQ(to_string(arange(1001)), "i64[1001]\n[   0    1    2 ...  998  999 1000]");
  EXPECT_EQ(to_string(arange(1000)).find("..."), std::string::npos);
  EXPECT_EQ(to_string(reshape(arange(10000), {100, 100})),
            "i64[100, 100]\n"
            "[[   0    1    2 ...   97   98   99]\n"
            " [ 100  101  102 ...  197  198  199]\n"
            " [ 200  201  202 ...  297  298  299]\n"
            " ...\n"
            " [9700 9701 9702 ... 9797 9798 9799]\n"
            " [9800 9801 9802 ... 9897 9898 9899]\n"
            " [9900 9901 9902 ... 9997 9998 9999]]");
  EXPECT_EQ(to_string(reshape(arange(2000), {2, 1000})),
            "i64[2, 1000]\n"
            "[[   0    1    2 ...  997  998  999]\n"
            " [1000 1001 1002 ... 1997 1998 1999]]");
}

TEST(Print, FollowsStrides) {
  const Tensor x = reshape(arange(6), {2, 3});
  EXPECT_EQ(to_string(permute_dims(x, {1, 0})), "i64[3, 2]\n[[0 3]\n [1 4]\n [2 5]]");
  EXPECT_EQ(to_string(flip(x, 1)), "i64[2, 3]\n[[2 1 0]\n [5 4 3]]");
  EXPECT_EQ(to_string(broadcast_to(x[{0, 1}], {3})), "i64[3]\n[1 1 1]");
}

}  // namespace
}  // namespace onepass
