// SPDX-License-Identifier: Apache-2.0
// Calls with the tensors of an earlier call skip the guard; whatever differs does not.
#include "onepass/engine/repeated_call.h"

#include <gtest/gtest.h>
#include <onepass/onepass.h>

#include <span>
#include <thread>
#include <vector>

#include "error_text.h"

namespace onepass {
namespace {

using Floats = std::vector<float>;

TEST(RepeatedCall, SeesElementsThatChanged) {
  const Tensor a = full({3, 4}, 2.0f), b = full({3, 4}, 3.0f), out = zeros({3, 4});
  for (int i = 0; i < 5; ++i) {
    evaluate_into(out, a * b);
    EXPECT_EQ(out.to_vector<float>(), Floats(12, 3.0f * static_cast<float>(2 + i)));
    evaluate_into(a, a + 1.0f);
  }
}

TEST(RepeatedCall, IsAnotherOneForEachExpressionAndOption) {
  const Tensor a = full({5}, 6.0f), b = full({5}, 3.0f), out = zeros({5});
  for (int i = 0; i < 3; ++i) {
    evaluate_into(out, a + b);
    EXPECT_EQ(out.to_vector<float>(), Floats(5, 9.0f));
    evaluate_into(out, a - b);
    EXPECT_EQ(out.to_vector<float>(), Floats(5, 3.0f));
    evaluate_into(out, b - a);
    EXPECT_EQ(out.to_vector<float>(), Floats(5, -3.0f));
    for (const Mode mode : {Mode::unfused, Mode::interpreted, Mode::fused}) {
      evaluate_into(out, a / b, {.mode = mode});
      EXPECT_EQ(out.to_vector<float>(), Floats(5, 2.0f));
    }
  }
}

TEST(RepeatedCall, TakesTurnsBetweenTensors) {
  const Tensor one = full({7}, 1.0f), two = full({7}, 2.0f), x = zeros({7}), y = zeros({7});
  for (int i = 0; i < 4; ++i) {
    evaluate_into(x, one + two);
    evaluate_into(y, two + two);
    EXPECT_EQ(x.to_vector<float>(), Floats(7, 3.0f));
    EXPECT_EQ(y.to_vector<float>(), Floats(7, 4.0f));
    evaluate_into(x, one + one);
    EXPECT_EQ(x.to_vector<float>(), Floats(7, 2.0f));
  }
}

TEST(RepeatedCall, IsNoCallOfTensorsThatDiedAtTheSamePlace) {
  // Headers and small blocks of memory are used again at once.
  const Tensor b = full({6}, 10.0f);
  for (int i = 1; i < 40; ++i) {
    const int64_t n = i % 2 == 0 ? 6 : 1;
    const Tensor a = full({n}, static_cast<float>(i)), out = zeros({6});
    evaluate_into(out, a + b);
    EXPECT_EQ(out.to_vector<float>(), Floats(6, 10.0f + static_cast<float>(i)));
  }
  Floats memory(64, 1.0f);
  const Tensor out = zeros({4});
  for (size_t i = 0; i < 12; ++i) {
    memory[i] = static_cast<float>(i);
    const Tensor view = Tensor::wrap(&memory[i], {1}), x = full({4}, 0.5f);
    evaluate_into(out, x * view);
    EXPECT_EQ(out.to_vector<float>(), Floats(4, 0.5f * static_cast<float>(i)));
  }
}

TEST(RepeatedCall, LeavesErrorsAndSharedMemoryToTheGeneralWay) {
  const Floats start = {0, 1, 2, 3, 4, 5};
  const Tensor a = Tensor::copy_of(std::span(start)), b = Tensor::copy_of(std::span(start));
  const Tensor tail = a[{slice(1, 6)}], head = a[{slice(0, 5)}], twos = full({5}, 2.0f);
  for (int i = 0; i < 3; ++i) {
    evaluate_into(tail, head + twos);
    EXPECT_EQ(a.to_vector<float>(), (Floats{0, 2, 3, 4, 5, 6}));
    evaluate_into(a, maximum(b, b));
  }
  const Floats constant(6, 7.0f);
  const Tensor fixed = Tensor::wrap(constant.data(), {6});
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(error_text([&] { evaluate_into(fixed, a + b); }), "");
    EXPECT_NE(error_text([&] { evaluate_into(Tensor(), a + b); }), "");
    EXPECT_NE(error_text([&] { evaluate_into(zeros({5}), a + b); }), "");
  }
  EXPECT_EQ(constant, Floats(6, 7.0f));
}

TEST(RepeatedCall, BelongsToItsThread) {
  const Tensor x = full({4, 4}, 2.0f), w = full({4, 4}, 0.25f);
  std::vector<std::thread> threads;
  std::vector<Tensor> results;
  for (int t = 0; t < 4; ++t) results.push_back(zeros({4, 4}));
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) evaluate_into(results[static_cast<size_t>(t)], matmul(x, w));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Tensor& result : results) EXPECT_EQ(result.to_vector<float>(), Floats(16, 2.0f));
}

TEST(RepeatedCall, RemembersWithoutLiteralsAndWordsOnly) {
  const Tensor a = full({3}, 2.0f), out = zeros({3});
  for (const float scale : {2.0f, 3.0f, 4.0f}) {
    evaluate_into(out, a * scale);
    EXPECT_EQ(out.to_vector<float>(), Floats(3, 2.0f * scale));
  }
  const Tensor matrix = Tensor({{0.0f, 1.0f}, {2.0f, 3.0f}}), sums = zeros({2});
  for (int i = 0; i < 2; ++i) {
    evaluate_into(sums, sum(matrix, {.axis = {0}}));
    EXPECT_EQ(sums.to_vector<float>(), (Floats{2, 4}));
    evaluate_into(sums, sum(matrix, {.axis = {1}}));
    EXPECT_EQ(sums.to_vector<float>(), (Floats{1, 5}));
  }
}

TEST(RepeatedCall, EveryTensorHasASerialOfItsOwn) {
  uint64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const Tensor tensor = zeros({1});
    EXPECT_GT(tensor.header().serial, last);
    last = tensor.header().serial;
    EXPECT_EQ(Tensor(tensor).header().serial, last);
  }
}

}  // namespace
}  // namespace onepass
