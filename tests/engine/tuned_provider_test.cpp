// SPDX-License-Identifier: Apache-2.0
// Provider::tuned: obeyed where it is asked for, by every mode, for the sizes it was measured for.
#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "onepass/codegen/product_tuning.h"
#include "onepass/codegen/target.h"
#include "onepass/engine/entry.h"
#include "onepass/engine/explain.h"
#include "onepass/engine/onepass.h"
#include "onepass/engine/run.h"
#include "onepass/engine/value_node.h"
#include "onepass/runtime/blas.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

using testing::same_bits;

const codegen::ProductTuning no_tiles;
/// 40 x 100 by 100 x 90, alone and in a batch.
const ir::ProviderClass example{f32, false, 6, 7, 7}, batched{f32, true, 6, 7, 7};
const EvaluateOptions as_tuned{.provider = Provider::tuned};

codegen::ProviderTuning by_library(const ir::ProviderClass& product) {
  return {{product, {Provider::openblas, 120}}};
}

class TunedProvider : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!runtime::blas_available()) GTEST_SKIP() << "no library";
    if (!codegen::host_target().tuned_for_host) GTEST_SKIP() << "nothing is tuned";
  }

  const Tensor x = random_normal({40, 100}, {.seed = 1}), w = random_normal({100, 90}, {.seed = 2});
};

std::string walk_of(const Value& value, const EvaluateOptions& options) {
  return explain(value, options).kernels().at(0).walk;
}

/// Compiled apart from the cache, so that what a trial decided does not outlive it.
Tensor evaluated(const Value& value, const EvaluateOptions& options, const Shape& shape) {
  const auto flat = flatten(std::span<const Value>(&value, 1));
  const Tensor target = empty(shape);
  const auto entry = make_entry(flat->tape, flat->arguments(), options, {&target, 1});
  std::vector<int64_t> sizes(entry->symbols.size());
  EXPECT_TRUE(entry->resolve(flat->arguments(), sizes));
  run_into(*entry, flat->arguments(), sizes, {&target, 1});
  return target;
}

TEST_F(TunedProvider, IsObeyedOnlyWhereTheCallAsks) {
  const codegen::TuningTrial trial(no_tiles, by_library(example));
  const Value product = lazy(matmul(x, w));
  EXPECT_EQ(walk_of(product, as_tuned), "a call of the library, tuned: openblas, 1.12x");
  for (const auto& options :
       {EvaluateOptions{}, EvaluateOptions{.provider = Provider::generated}}) {
    EXPECT_EQ(walk_of(product, options).find("library"), std::string::npos);
    EXPECT_EQ(walk_of(product, options).find("tuned"), std::string::npos);
  }
}

TEST_F(TunedProvider, IsGeneratedWhereNothingIsKnown) {
  const codegen::TuningTrial trial(no_tiles);
  const std::string walk = walk_of(lazy(matmul(x, w)), as_tuned);
  EXPECT_TRUE(walk.ends_with(", tuned: no entry, generated")) << walk;
  EXPECT_EQ(walk.find("default"), std::string::npos) << walk;
  EXPECT_EQ(trial.open(), std::set<ir::ProviderClass>{example});
}

TEST_F(TunedProvider, SaysByHowMuchGeneratedCodeWon) {
  const codegen::TuningTrial trial(no_tiles, {{example, {Provider::generated, 340}}});
  const std::string walk = walk_of(lazy(matmul(x, w) + 1.0f), as_tuned);
  EXPECT_TRUE(walk.ends_with(", tuned: generated, 1.34x")) << walk;
}

TEST_F(TunedProvider, EveryModeObeysIt) {
  const codegen::TuningTrial trial(no_tiles, by_library(example));
  const Value layer = lazy(tanh(matmul(x, w) + 0.5f));
  for (const Mode mode : {Mode::fused, Mode::unfused, Mode::interpreted}) {
    const Tensor expected =
        evaluate(layer, {.mode = mode, .threads = 1, .provider = Provider::openblas});
    const Tensor result =
        evaluated(layer, {.mode = mode, .threads = 1, .provider = Provider::tuned}, {40, 90});
    EXPECT_TRUE(same_bits(result, expected)) << static_cast<int>(mode);
  }
}

TEST_F(TunedProvider, CountsForSizesOfAsManyBitsAndTheGuardKnows) {
  const codegen::TuningTrial trial(no_tiles, by_library(example));
  const Value product = lazy(matmul(x, w));
  const auto flat = flatten(std::span<const Value>(&product, 1));
  const Tensor target = empty({40, 90});
  const auto entry = make_entry(flat->tape, flat->arguments(), as_tuned, {&target, 1});
  const auto serves = [&](const Tensor& left, const Tensor& right) {
    const Value other = lazy(matmul(left, right));
    const auto call = flatten(std::span<const Value>(&other, 1));
    std::vector<int64_t> sizes(entry->symbols.size());
    return entry->resolve(call->arguments(), sizes);
  };
  EXPECT_TRUE(serves(zeros({32, 64}), zeros({64, 127})));
  EXPECT_FALSE(serves(zeros({31, 64}), zeros({64, 127})));
  EXPECT_FALSE(serves(zeros({32, 128}), zeros({128, 127})));
  EXPECT_FALSE(serves(zeros({32, 64}), zeros({64, 128})));
  const auto is_by_library = [&](const Tensor& left, const Tensor& right) {
    return walk_of(lazy(matmul(left, right)), as_tuned).starts_with("a call of the library");
  };
  EXPECT_TRUE(is_by_library(zeros({63, 127}), zeros({127, 64})));
  EXPECT_FALSE(is_by_library(zeros({64, 127}), zeros({127, 64})));
  EXPECT_FALSE(is_by_library(zeros({2, 40, 100}), w));
  EXPECT_FALSE(is_by_library(zeros({40, 100}, f64), zeros({100, 90}, f64)));
}

TEST_F(TunedProvider, ABatchIsAClassOfItsOwn) {
  const codegen::TuningTrial trial(no_tiles, by_library(batched));
  const Value product = lazy(matmul(zeros({3, 40, 100}), w));
  EXPECT_EQ(walk_of(product, as_tuned), "a call of the library, tuned: openblas, 1.12x");
  EXPECT_EQ(walk_of(lazy(matmul(x, w)), as_tuned).find("library"), std::string::npos);
}

TEST_F(TunedProvider, VectorsIntegersAndEmptyProductsAreNoSpecialCase) {
  const codegen::TuningTrial trial(no_tiles, by_library({f32, false, 6, 1, 7}));
  EXPECT_EQ(walk_of(lazy(matmul(x, zeros({100}))), as_tuned),
            "a call of the library, tuned: openblas, 1.12x");
  EXPECT_EQ(
      walk_of(lazy(matmul(zeros({40, 100}, i32), zeros({100, 90}, i32))), as_tuned).find("tuned:"),
      std::string::npos);
  const Tensor none = evaluated(lazy(matmul(zeros({40, 0}), zeros({0, 90}))), as_tuned, {40, 90});
  EXPECT_TRUE(same_bits(none, zeros({40, 90})));
}

}  // namespace
}  // namespace onepass
