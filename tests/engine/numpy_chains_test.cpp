// SPDX-License-Identifier: Apache-2.0
// Chains of + - * / sqrt against files that NumPy wrote (data/numpy_chains.py): bit for bit.
#include <gtest/gtest.h>

#include <functional>

#include "onepass/engine/onepass.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

class NumPyChains : public ::testing::TestWithParam<const char*> {
 protected:
  static Tensor load(const std::string& name) {
    return load_npy(std::string(ONEPASS_TEST_DATA) + "/numpy_" + GetParam() + "_" + name + ".npy");
  }
  const Tensor a = load("a"), b = load("b"), c = load("c");

  void expect_equal(const std::string& name, const Value& chain) {
    const Tensor expected = load(name);
    for (const Mode mode : {Mode::fused, Mode::unfused, Mode::interpreted}) {
      EXPECT_TRUE(testing::same_bits(evaluate(chain, {.mode = mode}), expected)) << name;
    }
  }
};

TEST_P(NumPyChains, PolynomialsAreEqual) {
  expect_equal("polynomial", ((a * b + c) * b - a) * c + b);
}

TEST_P(NumPyChains, QuotientsAreEqual) { expect_equal("quotients", (a / b - b / c) / (a + c) * b); }

TEST_P(NumPyChains, RootsAreEqual) {
  expect_equal("roots", sqrt(a * a + b * b) / sqrt(c + a) - sqrt(b));
}

TEST_P(NumPyChains, MixedChainsAreEqual) {
  expect_equal("mixed", (a + b) * (a - b) / (sqrt(c * c + a) + b) - a * c);
}

TEST_P(NumPyChains, BroadcastChainsAreEqual) {
  const Tensor column = a[{slice(0, 40), newaxis}];
  expect_equal("broadcast", column * b[{newaxis, slice(0, 50)}] + c[{slice(0, 50)}] / column);
}

INSTANTIATE_TEST_SUITE_P(BothWidths, NumPyChains, ::testing::Values("f32", "f64"),
                         [](const auto& width) { return std::string(width.param); });

}  // namespace
}  // namespace onepass
