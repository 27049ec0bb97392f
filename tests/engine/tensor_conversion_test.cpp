// SPDX-License-Identifier: Apache-2.0
// item and to_vector in another type: the rules of op cast.
#include <gtest/gtest.h>
#include <xmmintrin.h>

#include <cmath>
#include <limits>
#include <vector>

#include "onepass/engine/conversion.h"
#include "onepass/engine/tensor.h"
#include "onepass/runtime/half.h"

namespace onepass {
namespace {

template <class T>
constexpr T lowest = std::numeric_limits<T>::min();
template <class T>
constexpr T highest = std::numeric_limits<T>::max();

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

template <class To, class From>
void expect_float_saturates() {
  const auto inf = static_cast<From>(infinity);
  const Tensor x{static_cast<From>(nan), inf, -inf, From{2.75}, From{-0.75}, From{-0.0}};
  EXPECT_EQ(x.to_vector<To>(), (std::vector<To>{0, highest<To>, lowest<To>, 2, 0, 0}));
}

TEST(TensorConversion, FloatToIntegerSaturatesAndNanGivesZero) {
  expect_float_saturates<int8_t, float>();
  expect_float_saturates<int16_t, float>();
  expect_float_saturates<int32_t, float>();
  expect_float_saturates<int64_t, float>();
  expect_float_saturates<uint8_t, float>();
  expect_float_saturates<uint16_t, float>();
  expect_float_saturates<uint32_t, float>();
  expect_float_saturates<uint64_t, float>();
  expect_float_saturates<int32_t, double>();
  expect_float_saturates<int64_t, double>();
  expect_float_saturates<uint64_t, double>();
}

TEST(TensorConversion, LimitsThatAFloatCannotHoldSaturateExactly) {
  EXPECT_EQ(Tensor({0x1p31f}).item<int32_t>(), highest<int32_t>);
  EXPECT_EQ(Tensor({0x1.fffffep30f}).item<int32_t>(), 0x7fffff80);
  EXPECT_EQ(Tensor({0x1p63}).item<int64_t>(), highest<int64_t>);
  EXPECT_EQ(Tensor({-0x1p63}).item<int64_t>(), lowest<int64_t>);
  EXPECT_EQ(Tensor({0x1p64f}).item<uint64_t>(), highest<uint64_t>);
  EXPECT_EQ(Tensor({2147483647.75}).item<int32_t>(), highest<int32_t>);
  EXPECT_EQ(Tensor({-128.75f}).item<int8_t>(), -128);
  EXPECT_EQ(Tensor({-127.75f}).item<int8_t>(), -127);
}

TEST(TensorConversion, IntegersWrap) {
  EXPECT_EQ(Tensor({300}).item<uint8_t>(), 44);
  EXPECT_EQ(Tensor({-1}).item<uint64_t>(), highest<uint64_t>);
  EXPECT_EQ(Tensor({highest<uint32_t>}).item<int32_t>(), -1);
  EXPECT_EQ(Tensor({200}).item<int8_t>(), -56);
}

TEST(TensorConversion, AnythingButZeroIsTrue) {
  EXPECT_EQ((Tensor{0.f, -0.f, 1e-45f, nan, -3.f}.to_vector<bool>()),
            (std::vector<bool>{false, false, true, true, true}));
  EXPECT_EQ((Tensor{0, 256}.to_vector<bool>()), (std::vector<bool>{false, true}));
  EXPECT_EQ((Tensor{true, false}.to_vector<double>()), (std::vector<double>{1, 0}));
}

TEST(TensorConversion, FloatsAreRoundedOnce) {
  EXPECT_EQ(Tensor({1.0 + 0x1p-24}).item<float>(), 1.f);
  EXPECT_EQ(Tensor({1.0 + 0x1p-24 + 0x1p-50}).item<float>(), 1.f + 0x1p-23f);
  // By way of f32 this would be rounded down twice to 1.
  EXPECT_EQ(Tensor({1.0 + 0x1p-11 + 0x1p-40}).item<Float16>().bits, 0x3c01);
  EXPECT_EQ(Tensor({1.0 + 0x1p-8 + 0x1p-40}).item<BFloat16>().bits, 0x3f81);
  EXPECT_EQ(Tensor({65520.f}).item<Float16>().bits, 0x7c00);
  EXPECT_EQ(Tensor({(int64_t{1} << 53) + 1}).item<double>(), 0x1p53);
  EXPECT_EQ(Tensor({highest<uint64_t>}).item<float>(), 0x1p64f);
  EXPECT_TRUE(std::isnan(Tensor({nan}).item<double>()));
  // By way of f32 this would be a tie and go down.
  EXPECT_EQ(Tensor({(1 << 30) + (1 << 22) + 1}).item<BFloat16>().bits, 0x4e81);
}

TEST(TensorConversion, HalvesWiden) {
  const Tensor x{to_float16(1.5f), to_float16(-infinity), Float16{1}};
  EXPECT_EQ(x.to_vector<double>(), (std::vector<double>{1.5, -infinity, 0x1p-24}));
  EXPECT_EQ(x.to_vector<int32_t>(), (std::vector<int32_t>{1, lowest<int32_t>, 0}));
  EXPECT_EQ(Tensor({to_bfloat16(3.f)}).item<uint8_t>(), 3);
}

TEST(TensorConversion, EveryPairOfTypesKeepsSmallNumbers) {
  const Tensor source = {{1.f, 0.f}, {0.f, 1.f}};
  for (int from = 0; from < dtype_count; ++from) {
    Tensor x = Tensor::uninitialized({2, 2}, static_cast<DType>(from));
    convert_elements(source.view(), x.view().data, x.dtype());
    const Tensor transposed = x.with_view(runtime::permuted(x.view(), std::vector<int64_t>{1, 0}));
    for (int to = 0; to < dtype_count; ++to) {
      Tensor y = Tensor::uninitialized({2, 2}, static_cast<DType>(to));
      convert_elements(transposed[{slice(std::nullopt, std::nullopt, -1)}].view(), y.view().data,
                       y.dtype());
      EXPECT_EQ(y.to_vector<float>(), (std::vector<float>{0, 1, 1, 0}))
          << to_string(x.dtype()) << " to " << to_string(y.dtype());
    }
  }
}

TEST(TensorConversion, IgnoresTheRoundingAndSubnormalModeOfTheCaller) {
  const uint32_t saved = _mm_getcsr();
  _mm_setcsr(saved | 0x8040 | 0x6000);  // flush to zero, subnormals are zero, round towards zero
  const float subnormal = Tensor({0x1p-149}).item<float>();
  const float rounded = Tensor({1.0 + 0x1.8p-24}).item<float>();
  const bool truth = Tensor({0x1p-149f}).item<bool>();
  const bool kept = _mm_getcsr() != saved;
  _mm_setcsr(saved);
  EXPECT_TRUE(kept);
  EXPECT_EQ(subnormal, 0x1p-149f);
  EXPECT_EQ(rounded, 1.f + 0x1p-23f);
  EXPECT_TRUE(truth);
}

}  // namespace
}  // namespace onepass
