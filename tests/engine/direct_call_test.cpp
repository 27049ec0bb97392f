// SPDX-License-Identifier: Apache-2.0
// The short way of a call: it serves what the entry serves, and leaves what is unusual alone.
#include "onepass/engine/direct_call.h"

#include <gtest/gtest.h>
#include <onepass/onepass.h>

#include <memory>
#include <vector>

#include "onepass/engine/entry.h"

namespace onepass {
namespace {

/// An entry made for one expression, and calls of others on it.
template <class E>
class DirectEntry {
 public:
  DirectEntry(const E& expression, const Tensor& target, const EvaluateOptions& options = {}) {
    Tape tape;
    TapeWriter writer(tape);
    detail::SlotOf<E>::slot.describe(writer);
    const Collected<E> call(expression);
    entry_ = find_or_make_entry(tape, call.arguments(), options, {&target, 1});
  }

  bool exists() const { return entry_->direct.has_value(); }

  bool runs(const Tensor& target, const E& expression, const EvaluateOptions& options = {}) const {
    const Collected<E> call(expression);
    return entry_->direct->run(*entry_, call.arguments(), options, {&target, 1});
  }

 private:
  std::shared_ptr<const Entry> entry_;
};

TEST(DirectCall, ComputesWhatTheEntryComputesAtEverySizeItServes) {
  const Tensor a = ones({6, 5}, f32), b = ones({6, 5}, f32), out = zeros({6, 5}, f32);
  const DirectEntry entry(a * b + 1.0f, out);
  ASSERT_TRUE(entry.exists());
  const Tensor c = full({9, 40}, 3.0f), d = full({9, 40}, 2.0f), larger = zeros({9, 40}, f32);
  EXPECT_TRUE(entry.runs(larger, c * d + 0.5f));
  EXPECT_EQ(larger.to_vector<float>(), std::vector<float>(360, 6.5f));
}

TEST(DirectCall, LeavesOtherLayoutsDtypesAndSizesToOtherEntries) {
  const Tensor a = ones({6, 5}, f32), out = zeros({6, 5}, f32);
  const DirectEntry entry(a + a * a, out);
  const Tensor other = ones({6, 5}, f32), row = ones({1, 5}, f32), wide = ones({6, 5}, f64);
  EXPECT_TRUE(entry.runs(out, other + other * other));
  EXPECT_FALSE(entry.runs(out, a + other * a)) << "three equal leaves";
  EXPECT_FALSE(entry.runs(out, row + row * row));
  EXPECT_FALSE(entry.runs(out, wide + wide * wide));
  const Tensor turned = matrix_transpose(ones({5, 6}, f32));
  EXPECT_FALSE(entry.runs(out, turned + turned * turned));
  EXPECT_FALSE(entry.runs(out, a + a * a, {.mode = Mode::unfused}));
  EXPECT_FALSE(entry.runs(out, a + a * a, {.accuracy = Accuracy::fast}));

  const Tensor x = ones({4, 3}, f32), y = ones({3, 8}, f32), z = zeros({4, 8}, f32);
  const DirectEntry product(matmul(x, y), z);
  ASSERT_TRUE(product.exists());
  EXPECT_TRUE(product.runs(z, matmul(x, y)));
  EXPECT_FALSE(product.runs(zeros({5, 8}, f32), matmul(ones({5, 3}, f32), y))) << "another tile";
  EXPECT_FALSE(product.runs(z, matmul(x, ones({4, 8}, f32)))) << "inner extents differ";
}

TEST(DirectCall, TouchesNothingWhereATargetIsUnusual) {
  const Tensor a = ones({6, 5}, f32), b = ones({6, 5}, f32), out = zeros({6, 5}, f32);
  const auto expression = a * b;
  const DirectEntry entry(expression, out);
  EXPECT_FALSE(entry.runs(a, expression)) << "shares memory with an operand";
  const std::vector<float> constant(30, 7.0f);
  EXPECT_FALSE(entry.runs(Tensor::wrap(constant.data(), {6, 5}), expression));
  EXPECT_EQ(constant, std::vector<float>(30, 7.0f));
  EXPECT_FALSE(entry.runs(zeros({5, 5}, f32), expression));
  EXPECT_FALSE(entry.runs(zeros({6, 5}, f64), expression));
  EXPECT_FALSE(entry.runs(zeros({6, 10}, f32)[{all, slice(0, 10, 2)}], expression));
  EXPECT_EQ(a.to_vector<float>(), std::vector<float>(30, 1.0f));
  EXPECT_TRUE(entry.runs(out, expression));
}

TEST(DirectCall, IsNotForWhatNeedsMoreThanOneKernelOnDenseTargets) {
  const Tensor a = ones({6, 5}, f32), out = zeros({6, 5}, f32), half = zeros({12, 5}, f32);
  EXPECT_FALSE(DirectEntry(a * a, out, {.mode = Mode::interpreted}).exists());
  EXPECT_FALSE(DirectEntry(a * a + a, out, {.mode = Mode::unfused}).exists());
  EXPECT_FALSE(DirectEntry(a * a, half[{slice(0, 12, 2)}]).exists());
}

TEST(DirectCall, LeavesLiteralsThatFastCompilesInToTheirOwnEntries) {
  const Tensor a = ones({6, 5}, f32), out = zeros({6, 5}, f32);
  const EvaluateOptions fast = {.accuracy = Accuracy::fast};
  const DirectEntry entry(a * 2.0f, out, fast), half(a * 0.5f, out, fast);
  ASSERT_TRUE(entry.exists());
  EXPECT_TRUE(entry.runs(out, a * 3.0f, fast));
  EXPECT_EQ(out.to_vector<float>(), std::vector<float>(30, 3.0f));
  EXPECT_FALSE(entry.runs(out, a * 0.5f, fast));
  EXPECT_FALSE(half.runs(out, a * 3.0f, fast));
  EXPECT_TRUE(half.runs(out, a * 0.5f, fast));
  EXPECT_EQ(out.to_vector<float>(), std::vector<float>(30, 0.5f));
}

}  // namespace
}  // namespace onepass
