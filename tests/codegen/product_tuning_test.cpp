// SPDX-License-Identifier: Apache-2.0
// Tuned products: the file, what of it is not believed, and that no tile shows in the bits.
#include "onepass/codegen/product_tuning.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "graph_fixture.h"
#include "onepass/runtime/cpu_info.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

using testing::GraphCase;

Tuning example() {
  return {{{{DType::f32, true, true, 7, 9, 10}, {6, 4, 384, 0, false}},
           {{DType::f64, false, true, 20, 1, 13}, {1, 8, 256, 512, true}},
           {{DType::i32, true, false, 1, 40, 12}, {14, 2, 0, 1024, true}}},
          {{{DType::f32, false, 3, 3, 3}, {ir::Provider::openblas, 120}},
           {{DType::f64, true, 1, 40, 7}, {ir::Provider::generated, 1}}}};
}

std::string head() {
  return fmt::format("onepass tuning 1\nversion {}\ncpu {}\n", ONEPASS_VERSION,
                     runtime::cpu_info().name);
}

class TuningFile : public ::testing::Test {
 protected:
  TuningFile() {
    std::string name = (std::filesystem::temp_directory_path() / "onepass-tuning-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    if (const char* const old = std::getenv("XDG_CACHE_HOME")) old_ = old;
    setenv("XDG_CACHE_HOME", folder_.c_str(), 1);
  }
  ~TuningFile() override {
    old_.empty() ? unsetenv("XDG_CACHE_HOME") : setenv("XDG_CACHE_HOME", old_.c_str(), 1);
    std::filesystem::remove_all(folder_);
  }
  void write(const std::string& text) {
    std::filesystem::create_directories(folder_ / "onepass");
    std::ofstream(saved_tuning_path()) << text;
  }

  std::filesystem::path folder_;
  std::string old_;
};

TEST_F(TuningFile, HasOneLineForEachClass) {
  EXPECT_EQ(tuning_text(example()), head() +
                                        "product i32 1 0 1 40 12 14 2 0 1024 1\n"
                                        "product f32 1 1 7 9 10 6 4 384 0 0\n"
                                        "product f64 0 1 20 1 13 1 8 256 512 1\n"
                                        "provider f32 0 3 3 3 1 120\n"
                                        "provider f64 1 1 40 7 0 1\n"
                                        "end\n");
  EXPECT_EQ(parse_tuning(tuning_text(example())), example());
}

TEST_F(TuningFile, IsReadBackAndReplaced) {
  EXPECT_EQ(load_tuning().state, "none; 'onepass tune' measures");
  save_tuning(example());
  EXPECT_EQ(load_tuning().tuning, example());
  EXPECT_EQ(load_tuning().state,
            "3 classes of products, 2 of providers, from " + saved_tuning_path());
  save_tuning({example().products, {}});
  EXPECT_EQ(load_tuning().state, "3 classes of products, from " + saved_tuning_path());
  save_tuning({});
  EXPECT_EQ(load_tuning().tuning, Tuning());
}

TEST_F(TuningFile, ThatIsDamagedOrForeignIsIgnoredAsAWhole) {
  const std::string line = "product f32 1 1 7 9 10 6 4 384 0 0\n";
  ASSERT_NE(parse_tuning(head() + line + "end\n"), std::nullopt);
  std::vector<std::string> wrong = {
      "",
      "end\n",
      head(),
      head() + line,
      head() + line + "end\nmore\n",
      head() + line + line + "end\n",
      "onepass tuning 2\n" + head().substr(17) + line + "end\n",
      fmt::format("onepass tuning 1\nversion 99.0\ncpu {}\nend\n", runtime::cpu_info().name),
      fmt::format("onepass tuning 1\nversion {}\ncpu another\nend\n", ONEPASS_VERSION),
      head() + line + "end\n" + std::string(1 << 17, ' ')};
  for (const char* numbers :
       {"2 1 7 9 10 6 4 384 0 0", "1 -1 7 9 10 6 4 384 0 0", "1 1 0 9 10 6 4 384 0 0",
        "1 1 7 41 10 6 4 384 0 0", "1 1 7 9 0 6 4 384 0 0", "1 1 7 9 10 17 4 384 0 0",
        "1 1 7 9 10 0 4 384 0 0", "1 1 7 9 10 6 9 384 0 0", "1 1 7 9 10 6 0 384 0 0",
        "1 1 7 9 10 6 4 -1 0 0", "1 1 7 9 10 6 4 16385 0 0", "1 1 7 9 10 6 4 384 16385 0",
        "1 1 7 9 10 6 4 384 0 2", "1 1 7 9 13 6 4 0 1024 1", "1 1 7 9 10 6 4 384 0",
        "1 1 7 9 10 6 4 384 0 0 0", "1 1 7 9 10 6 4 384 0 x", "1 1 7 9 10 6 4  384 0 0",
        "1 1 7 9 10 6 4 99999999999999999999 0 0"}) {
    wrong.push_back(head() + "product f32 " + numbers + "\nend\n");
  }
  wrong.push_back(head() + "product f99 1 1 7 9 10 6 4 384 0 0\nend\n");
  const std::string provider = "provider f32 0 7 9 10 1 120\n";
  ASSERT_NE(parse_tuning(head() + line + provider + "end\n"), std::nullopt);
  wrong.push_back(head() + provider + line + "end\n");
  wrong.push_back(head() + provider + provider + "end\n");
  for (const char* words :
       {"i32 0 7 9 10 1 120", "f32 2 7 9 10 1 120", "f32 0 0 9 10 1 120", "f32 0 7 41 10 1 120",
        "f32 0 7 9 -1 1 120", "f32 0 7 9 10 2 120", "f32 0 7 9 10 1 0", "f32 0 7 9 10 1 1000001",
        "f32 0 7 9 10 1", "f32 0 7 9 10 1 120 0", "f32 0 7 9 10 1  120", "f32", ""}) {
    wrong.push_back(head() + "provider " + words + "\nend\n");
  }
  for (const std::string& text : wrong) {
    EXPECT_EQ(parse_tuning(text), std::nullopt) << text.substr(0, 300);
    write(text);
    EXPECT_EQ(load_tuning().tuning, Tuning());
    EXPECT_EQ(load_tuning().state,
              "ignored: " + saved_tuning_path() + " is damaged, or of another version or CPU");
  }
}

TEST_F(TuningFile, RefusesTilesThatNoProductHas) {
  EXPECT_THROW(save_tuning({{{{}, {.rows = 100}}}, {}}), UserError);
  EXPECT_THROW(save_tuning({{}, {{{}, {ir::Provider::openblas, 0}}}}), UserError);
  EXPECT_FALSE(std::filesystem::exists(saved_tuning_path()));
}

struct Sizes {
  int m, n, k;
};

std::string product(Sizes s, const char* lhs = "", const char* rhs = "") {
  return fmt::format(R"(
graph g(a: f32[m, k]{3}, b: f32[k, n]{4}) where m = {0}, k = {2}, n = {1} {{
  %0 = matmul a, b {{provider = generated}} : f32[m, n]
  return %0
}})",
                     s.m, s.n, s.k, lhs, rhs);
}

/// Every tile for the products of a graph, on the host's own target: the bits of the interpreter.
void expect_bits_of_all_tiles(const std::string& text) {
  const GraphCase graph(text);
  const auto expected = graph.interpreted();
  const ProductTuning none;
  TuningTrial trial(none);
  graph.compiled(host_target(), ir::Mode::fused);
  ASSERT_EQ(trial.usual().size(), 1u) << text;
  const ProductClass shape = trial.usual().begin()->first;
  for (const ProductTile& tile : {ProductTile{4, 2},
                                  {6, 4, 8},
                                  {14, 2, 128},
                                  {16, 1, 7},
                                  {5, 5, 256, 64, true},
                                  {9, 3, 32, 16, true},
                                  {1, 1, 1, 1, true},
                                  {12, 1, 0, 5, true},
                                  {2, 8, 100, 3, false}}) {
    const ProductTuning tuning{{shape, tile}};
    const TuningTrial inner(tuning);
    const auto program = graph.compiled(host_target(), ir::Mode::fused);
    for (const int threads : {1, 2, 5}) {
      const ThreadScope scope(threads);
      graph.expect_equal(graph.run(*program), expected, to_string(tile));
    }
  }
}

TEST(TunedProduct, EveryTileGivesTheSameBits) {
  if (!host_target().tuned_for_host) GTEST_SKIP() << "code for a forced target is never tuned";
  for (const Sizes s : {Sizes{2, 2, 2},
                        {7, 65, 3},
                        {13, 31, 33},
                        {25, 129, 41},
                        {9, 300, 600},
                        {40, 16, 64},
                        {210, 90, 530},
                        {3, 1100, 20},
                        {70, 700, 1100}}) {
    expect_bits_of_all_tiles(product(s));
  }
}

TEST(TunedProduct, OneRowIsOneTileOfOtherVectors) {
  if (!host_target().tuned_for_host) GTEST_SKIP() << "code for a forced target is never tuned";
  for (const char* right : {"", " strides [1, 90]"}) {
    expect_bits_of_all_tiles(fmt::format(R"(
graph g(x: f32[1, k], w: f32[k, n]{}) where k = 77, n = 1100 {{
  %0 = matmul x, w {{provider = generated}} : f32[1, n]
  return %0
}})",
                                         right));
  }
}

TEST(TunedProduct, RowsThatAreReducedStayTheSame) {
  if (!host_target().tuned_for_host) GTEST_SKIP() << "code for a forced target is never tuned";
  for (const int columns : {17, 100, 300}) {
    expect_bits_of_all_tiles(fmt::format(R"(
graph g(x: f32[m, k], w: f32[k, n]) where m = 600, k = 140, n = {} {{
  %0 = matmul x, w {{provider = generated}} : f32[m, n]
  %1 = max %0 {{axes = [1], keepdims = true}} : f32[m, 1]
  %2 = subtract %0, %1 : f32[m, n]
  return %2
}})",
                                         columns));
  }
}

TEST(TunedProduct, WhatMustBeCopiedStillIs) {
  if (!host_target().tuned_for_host) GTEST_SKIP() << "code for a forced target is never tuned";
  for (const Sizes s : {Sizes{14, 40, 12}, {5, 90, 70}, {33, 300, 300}}) {
    const std::string left = fmt::format(" strides [1, {}]", s.m);
    const std::string right = fmt::format(" strides [1, {}]", s.k);
    expect_bits_of_all_tiles(product(s, left.c_str()));
    expect_bits_of_all_tiles(product(s, "", right.c_str()));
    expect_bits_of_all_tiles(product(s, left.c_str(), right.c_str()));
  }
}

TEST(TunedProduct, IsValidForItsClassAndSaysSo) {
  if (!host_target().tuned_for_host) GTEST_SKIP() << "code for a forced target is never tuned";
  const GraphCase graph(product({100, 300, 200}));
  const ProductTuning tuning{{{DType::f32, true, true, 7, 9, 8}, {4, 4, 128, 0, false}}};
  const TuningTrial trial(tuning);
  const auto reports = report(graph.lowered(ir::Mode::fused), {}, ReportDetail::summary);
  ASSERT_EQ(reports.size(), 1u);
  const std::string tile = fmt::format(": tiles of 4 x {}", 4 * host_target().lanes(4));
  EXPECT_NE(reports[0].walk.find(tile), std::string::npos) << reports[0].walk;
  EXPECT_TRUE(reports[0].walk.ends_with(
      ", k in blocks of 128, tuned on this CPU for f32, rows in [64, 127], columns in [256, 511], "
      "depth in [128, 255]"))
      << reports[0].walk;
  const auto program = graph.compiled(host_target(), ir::Mode::fused);
  for (const runtime::ValidityRange& range : program->validity) {
    EXPECT_LE(range.high, 511);
    EXPECT_GE(range.low, 64);
  }
  EXPECT_EQ(program->validity.size(), 3u);
}

TEST(TunedProduct, CodeForAForcedTargetIsNeverTuned) {
  const GraphCase graph(product({100, 300, 200}));
  const ProductTuning none;
  const TuningTrial trial(none);
  Target target = host_target();
  target.tuned_for_host = false;
  graph.compiled(target, ir::Mode::fused);
  EXPECT_TRUE(trial.usual().empty());
}

}  // namespace
}  // namespace onepass::codegen
