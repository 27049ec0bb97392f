// SPDX-License-Identifier: Apache-2.0
// The interpreter: structural ops, broadcasting, strides, casts, fused bodies, modes of the caller.
#include <gtest/gtest.h>
#include <xmmintrin.h>

#include <cmath>
#include <limits>

#include "interpret_fixture.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

using Floats = std::vector<float>;
using Ints = std::vector<int32_t>;

TEST(Interpret, BroadcastsOperandsOfAnyStrides) {
  const TestArray x = array_of<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  const TestArray y = array_of<float>({3}, {10, 20, 30});
  const std::vector<int64_t> transposed = {1, 0};
  EXPECT_EQ(run_text<float>("graph b(x: f32[n, m], y: f32[m]) where n = 4, m = 5 { %0 = add x, y : "
                            "f32[n, m] return %0 }",
                            {permuted(x.view, transposed), y.view}, {2, 3}),
            (Floats{11, 23, 35, 12, 24, 36}));
}

TEST(Interpret, WritesThroughTheStridesOfAnOutput) {
  const TestArray x = array_of<float>({5000}, Floats(5000, 3));
  const TestArray wide = array_of<float>({5000, 2}, Floats(10000, -1));
  const runtime::ArrayView column = {wide.view.data + sizeof(float), f32, {5000}, {2}};
  const std::vector<runtime::ArrayView> inputs = {x.view}, outputs = {column};
  interpret(parse("graph w(x: f32[n]) where n = 4 { %0 = square x : f32[n] return %0 }"), inputs,
            {}, {}, outputs, Accuracy::strict);
  const Floats got = elements_of<float>(wide.view);
  for (size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], i % 2 ? 9 : -1) << i;
}

TEST(Interpret, RunsEmptyAndScalarArrays) {
  constexpr const char* text =
      "graph e(x: f32[n]) where n = 4 { %0 = exp x : f32[n] %1 = sum %0 {axes = [0], keepdims = "
      "false} : f32[] %2 = negative %1 : f32[] return %2 }";
  const TestArray none = empty_array<float>({0});
  EXPECT_EQ(run_text<float>(text, {none.view}, {}), Floats{-0.0f});
  const TestArray two = array_of<float>({2}, {0, 0});
  EXPECT_EQ(run_text<float>(text, {two.view}, {}), Floats{-2});
}

TEST(Interpret, GivesEveryOutputEvenAnInput) {
  const TestArray x = array_of<float>({2}, {4, 9});
  const TestArray first = empty_array<float>({2}), second = empty_array<float>({2});
  const std::vector<runtime::ArrayView> inputs = {x.view}, outputs = {first.view, second.view};
  interpret(parse("graph o(x: f32[n]) where n = 5 { %0 = sqrt x : f32[n] return %0, x }"), inputs,
            {}, {}, outputs, Accuracy::strict);
  EXPECT_EQ(elements_of<float>(first.view), (Floats{2, 3}));
  EXPECT_EQ(elements_of<float>(second.view), (Floats{4, 9}));
}

TEST(Interpret, SlicesByPythonsRules) {
  const TestArray x = array_of<int32_t>({6}, {0, 1, 2, 3, 4, 5});
  EXPECT_EQ(run_text<int32_t>("graph s(x: i32[n]) where n = 6, m = 3 is slice_length(n, -2, end, "
                              "-2) { %0 = slice x {start = [-2], stop = [end], step = [-2]} : "
                              "i32[m] return %0 }",
                              {x.view}, {3}),
            (Ints{4, 2, 0}));
}

TEST(Interpret, JoinsAndTakesAlongAnAxis) {
  const TestArray x = array_of<int32_t>({2, 1}, {1, 2});
  const TestArray y = array_of<int32_t>({2, 2}, {3, 4, 5, 6});
  EXPECT_EQ(run_text<int32_t>("graph c(x: i32[n, 1], y: i32[n, m]) where n = 4, m = 5, k = 6 is "
                              "sum(1, m) { %0 = concat x, y {axis = 1} : i32[n, k] return %0 }",
                              {x.view, y.view}, {2, 3}),
            (Ints{1, 3, 4, 2, 5, 6}));
  const TestArray index = array_of<int64_t>({3}, {1, -2, -1});
  EXPECT_EQ(run_text<int32_t>("graph t(x: i32[n, m], i: i64[k]) where n = 4, m = 5, k = 6 { %0 = "
                              "take x, i {axis = 1} : i32[n, k] return %0 }",
                              {y.view, index.view}, {2, 3}),
            (Ints{4, 3, 4, 6, 5, 6}));
}

TEST(Interpret, RefusesAnIndexOutOfRangeBeforeItStores) {
  const TestArray x = array_of<int32_t>({2}, {1, 2});
  const TestArray index = array_of<int64_t>({2}, {0, 2});
  const TestArray result = array_of<int32_t>({2}, {7, 7});
  const std::vector<runtime::ArrayView> inputs = {x.view, index.view}, outputs = {result.view};
  const Graph graph = parse(
      "graph t(x: i32[n], i: i64[k]) where n = 4, k = 6 { %0 = take x, i {axis = 0} : i32[k] "
      "return %0 }");
  try {
    interpret(graph, inputs, {}, {}, outputs, Accuracy::strict);
    FAIL() << "no error";
  } catch (const UserError& e) {
    EXPECT_STREQ(e.what(),
                 "take: index 2 at position 1, but axis 0 of i32[2] has 2 elements; indices must "
                 "lie in [-2, 2).");
  }
  EXPECT_EQ(elements_of<int32_t>(result.view), (Ints{7, 7}));
}

TEST(Interpret, CountsAlongAnAxis) {
  EXPECT_EQ(
      run_text<int32_t>("graph i() where n = 2 is given(0), m = 3 is given(1) { %0 = iota "
                        "{dimensions = [n, m], axis = 1, dtype = i32} : i32[n, m] return %0 }",
                        {}, {2, 3}, {2, 3}),
      (Ints{0, 1, 2, 0, 1, 2}));
}

TEST(Interpret, CastsSaturateAndNanGivesZero) {
  const float huge = 1e20f, nan = std::nanf("");
  const TestArray x =
      array_of<float>({8}, {huge, -huge, nan, 2.9f, -2.9f, -INFINITY, 0x1p31f, -0.0f});
  EXPECT_EQ(run_text<int32_t>("graph c(x: f32[n]) where n = 4 { %0 = cast x {dtype = i32} : i32[n] "
                              "return %0 }",
                              {x.view}, {8}),
            (Ints{INT32_MAX, INT32_MIN, 0, 2, -2, INT32_MIN, INT32_MAX, 0}));
  EXPECT_EQ(run_text<uint8_t>("graph c(x: f32[n]) where n = 4 { %0 = cast x {dtype = u8} : u8[n] "
                              "return %0 }",
                              {x.view}, {8}),
            (std::vector<uint8_t>{255, 0, 0, 2, 0, 0, 255, 0}));
  const auto truths = run_text<uint8_t>(
      "graph c(x: f32[n]) where n = 4 { %0 = cast x {dtype = boolean} : boolean[n] %1 = cast %0 "
      "{dtype = u8} : u8[n] return %1 }",
      {x.view}, {8});
  EXPECT_EQ(truths, (std::vector<uint8_t>{1, 1, 1, 1, 1, 1, 1, 0}));
}

TEST(Interpret, ReadsLiteralExponentsAndScalars) {
  const TestArray x = array_of<float>({2}, {2, 3});
  const TestArray result = empty_array<float>({2});
  const std::vector<runtime::ArrayView> inputs = {x.view}, outputs = {result.view};
  const float half = 0.5f;
  uint64_t slot = 0;
  std::memcpy(&slot, &half, sizeof half);
  const std::vector<uint64_t> scalars = {slot};
  interpret(parse("graph p(x: f32[n], s0: scalar f32) where n = 4 { %0 = pow x {exponent = 3} : "
                  "f32[n] %1 = multiply %0, s0 : f32[n] return %1 }"),
            inputs, scalars, {}, outputs, Accuracy::strict);
  EXPECT_EQ(elements_of<float>(result.view), (Floats{4, 13.5f}));
}

TEST(Interpret, FusedBodiesGiveTheSameBits) {
  const Graph plain = parse(
      "graph g(x: f32[n, m]) where n = 4, m = 5 { %0 = tanh x : f32[n, m] %1 = sum %0 {axes = [1], "
      "keepdims = true} : f32[n, 1] %2 = divide %0, %1 : f32[n, m] return %2, %0 }");
  Graph fused = plain;
  run_pipeline(fused, {Mode::fused, Accuracy::strict, {}});
  Floats values(7 * 300);
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i));
  const TestArray x = array_of<float>({7, 300}, values);
  const auto outputs_of = [&](const Graph& graph) {
    const TestArray first = empty_array<float>({7, 300}), second = empty_array<float>({7, 300});
    const std::vector<runtime::ArrayView> inputs = {x.view}, outputs = {first.view, second.view};
    interpret(graph, inputs, {}, {}, outputs, Accuracy::strict);
    Floats all = elements_of<float>(first.view);
    const Floats rest = elements_of<float>(second.view);
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
  };
  EXPECT_EQ(outputs_of(plain), outputs_of(fused));
}

TEST(Interpret, IgnoresTheRoundingModeOfTheCaller) {
  constexpr const char* text =
      "graph f(x: f32[n]) where n = 4 { %0 = multiply x, x : f32[n] %1 = exp x : f32[n] %2 = add "
      "%0, %1 : f32[n] return %2 }";
  const float tiny = std::numeric_limits<float>::denorm_min();
  const TestArray x = array_of<float>({4}, {1e-20f, 1.1f, -100, tiny});
  const Floats want = run_text<float>(text, {x.view}, {4});
  const unsigned before = _mm_getcsr();
  constexpr unsigned flush_and_round_up = 0x8040 | 0x4000;
  _mm_setcsr(before | flush_and_round_up);
  const Floats got = run_text<float>(text, {x.view}, {4});
  const unsigned kept = _mm_getcsr();
  _mm_setcsr(before);
  EXPECT_EQ(got, want);
  EXPECT_EQ(kept & flush_and_round_up, flush_and_round_up);
}

TEST(Interpret, ComputesSixteenBitFloatsInF32) {
  const TestArray x = array_of<float>({3}, {1.0009765625f, -2.5f, 1e6f});
  EXPECT_EQ(run_text<float>("graph h(x: f32[n]) where n = 4 { %0 = cast x {dtype = f16} : f16[n] "
                            "%1 = add %0, %0 : f16[n] %2 = cast %1 {dtype = f32} : f32[n] return "
                            "%2 }",
                            {x.view}, {3}),
            (Floats{2.001953125f, -5, INFINITY}));
}

}  // namespace
}  // namespace onepass::ir
