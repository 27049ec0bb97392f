// SPDX-License-Identifier: Apache-2.0
// Runs tests/ir/passes/*.ir. Each file holds cases of three blocks:
//   pass: <name> [mode = unfused] [provider = openblas] [accuracy = fast]    or  pass: pipeline
//   input: <graph>
//   expect: <graph>
// ONEPASS_UPDATE_EXPECTATIONS=1 writes what the passes give instead of comparing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "onepass/ir/interpret.h"
#include "onepass/ir/parse.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/ir/print.h"
#include "onepass/ir/verify.h"
#include "random_graph.h"

namespace onepass::ir {
namespace {

struct PassCase {
  std::string comment, pass, input, expect;
};

std::vector<PassCase> read_cases(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<PassCase> cases;
  std::string line, comment;
  std::string* block = nullptr;
  while (std::getline(file, line)) {
    if (line.starts_with("//")) {
      comment += line + "\n";
    } else if (line.starts_with("pass: ")) {
      cases.push_back({std::exchange(comment, {}), line.substr(6), {}, {}});
      block = nullptr;
    } else if (line == "input:") {
      block = &cases.back().input;
    } else if (line == "expect:") {
      block = &cases.back().expect;
    } else if (block && !line.empty()) {
      *block += line + "\n";
    }
  }
  return cases;
}

void write_cases(const std::filesystem::path& path, const std::vector<PassCase>& cases) {
  std::ofstream file(path);
  for (size_t i = 0; i < cases.size(); ++i) {
    file << (i == 0 ? "" : "\n") << cases[i].comment << "pass: " << cases[i].pass << "\ninput:\n"
         << cases[i].input << "expect:\n"
         << cases[i].expect;
  }
}

/// What tuning knows in these tests: the library is faster at square f32 products of two bits.
std::optional<ProviderLead> tuned_provider(const ProviderClass& product) {
  const ProviderClass known{f32, false, 2, 2, 2};
  return product == known ? std::optional(ProviderLead{Provider::openblas, 120}) : std::nullopt;
}

PassOptions options_of(const std::string& pass) {
  PassOptions options;
  if (pass.find("mode = unfused") != std::string::npos) options.mode = Mode::unfused;
  if (pass.find("mode = interpreted") != std::string::npos) options.mode = Mode::interpreted;
  if (pass.find("accuracy = fast") != std::string::npos) options.accuracy = Accuracy::fast;
  if (pass.find("provider = openblas") != std::string::npos) options.provider = Provider::openblas;
  if (pass.find("provider = generated") != std::string::npos) {
    options.provider = Provider::generated;
  }
  if (pass.find("provider = tuned") != std::string::npos) {
    options.provider = Provider::tuned;
    options.tuned_provider = tuned_provider;
  }
  return options;
}

std::string run_case(const PassCase& test) {
  Graph graph = parse(test.input);
  const std::string name = test.pass.substr(0, test.pass.find(' '));
  const PassOptions options = options_of(test.pass);
  if (name == "pipeline") {
    run_pipeline(graph, options);
  } else {
    const std::span<const Pass> passes = pipeline();
    const auto pass =
        std::find_if(passes.begin(), passes.end(), [&](const Pass& p) { return p.name == name; });
    if (pass == passes.end()) return "no pass of this name";
    pass->run(graph, options);
  }
  verify(graph);
  return print(graph);
}

std::vector<std::filesystem::path> case_files() {
  std::vector<std::filesystem::path> files;
  const auto folder = std::filesystem::path(ONEPASS_SOURCE_DIR) / "tests/ir/passes";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".ir") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class PassFile : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(PassFile, GivesWhatItExpects) {
  std::vector<PassCase> cases = read_cases(GetParam());
  ASSERT_FALSE(cases.empty());
  const bool update = std::getenv("ONEPASS_UPDATE_EXPECTATIONS") != nullptr;
  for (PassCase& test : cases) {
    SCOPED_TRACE(test.comment + test.pass);
    const std::string result = run_case(test);
    if (update) {
      test.expect = result;
    } else {
      EXPECT_EQ(result, test.expect);
    }
  }
  if (update) write_cases(GetParam(), cases);
}

INSTANTIATE_TEST_SUITE_P(Passes, PassFile, testing::ValuesIn(case_files()),
                         [](const auto& param) { return param.param.stem().string(); });

TEST(PassFiles, CoverEveryPass) {
  for (const Pass& pass : pipeline()) {
    const auto file = std::filesystem::path(ONEPASS_SOURCE_DIR) / "tests/ir/passes" /
                      (std::string(pass.name) + ".ir");
    EXPECT_TRUE(std::filesystem::exists(file)) << file;
  }
}

/// The outputs of a case whose graph went through the pipeline in `mode`; or, without one, through
/// nothing.
std::vector<runtime::ArrayView> interpreted(RandomCase& random, std::optional<Mode> mode,
                                            Accuracy accuracy) {
  Graph graph = random.graph;
  if (mode) run_pipeline(graph, {*mode, accuracy, {}});
  verify(graph);
  const std::vector<runtime::ArrayView> outputs = random.make_outputs();
  interpret(graph, random.inputs, random.scalars, random.given, outputs, accuracy);
  return outputs;
}

bool modes_agree(const RandomCase& original, Accuracy accuracy, bool with_raw) {
  RandomCase random = original;
  const auto run = [&](std::optional<Mode> mode) { return interpreted(random, mode, accuracy); };
  const auto reference = run(Mode::interpreted);
  std::vector<std::vector<runtime::ArrayView>> others = {run(Mode::fused), run(Mode::unfused)};
  if (with_raw) others.push_back(run(std::nullopt));
  return std::all_of(others.begin(), others.end(), [&](const auto& outputs) {
    return std::equal(outputs.begin(), outputs.end(), reference.begin(), same_bits);
  });
}

void expect_agreement(uint64_t first, uint64_t last, const RandomGraphOptions& options,
                      Accuracy accuracy = Accuracy::strict) {
  for (uint64_t seed = first; seed < last; ++seed) {
    const RandomCase random = make_random_case(seed, options);
    // Before widen_half a graph with halves has no fixed meaning, nor has one before rewrite_fast.
    const bool raw = !options.halves && accuracy == Accuracy::strict;
    if (modes_agree(random, accuracy, raw)) continue;
    const RandomCase small =
        shrink(random, [&](const RandomCase& c) { return !modes_agree(c, accuracy, raw); });
    FAIL() << small.describe();
  }
}

TEST(Pipeline, KeepsEveryBitOfRandomGraphs) {
  expect_agreement(0, 400, {.operations = 16, .inputs = 3, .products = true, .halves = false});
}

TEST(Pipeline, AgreesBetweenModesOnGraphsWithHalves) { expect_agreement(1000, 1300, {}); }

TEST(Pipeline, KeepsEveryBitOfLongGraphs) {
  expect_agreement(2000, 2040, {.operations = 120, .inputs = 6, .products = true, .halves = false});
}

TEST(Pipeline, AgreesBetweenModesInFastAccuracy) {
  expect_agreement(3000, 3300, {.algebra = true}, Accuracy::fast);
}

std::vector<PassRecord> records_of(Graph& graph, Accuracy accuracy) {
  std::vector<PassRecord> records;
  run_pipeline(graph, {Mode::fused, accuracy, {}},
               [&](const PassRecord& record) { records.push_back(record); });
  return records;
}

TEST(Pipeline, RewritesAndContractsManyGraphsWithAlgebraInFastAccuracy) {
  int rewritten = 0, contracted = 0;
  constexpr int graphs = 100;
  for (uint64_t seed = 3000; seed < 3000 + graphs; ++seed) {
    RandomCase random = make_random_case(seed, {.algebra = true});
    eliminate_dead(random.graph, {});
    for (const PassRecord& record : records_of(random.graph, Accuracy::fast)) {
      rewritten += record.name == "rewrite_fast" && record.changed;
      contracted += record.name == "contract" && record.changed;
    }
  }
  EXPECT_GT(rewritten, graphs / 4);
  EXPECT_GT(contracted, graphs / 4);
}

TEST(Pipeline, RunsRewriteFastAndContractInFastAccuracyOnly) {
  const auto names = [](Accuracy accuracy) {
    Graph graph = parse("graph g(x: f32[n]) where n = 4 { %0 = exp x : f32[n] return %0 }");
    std::vector<std::string_view> list;
    for (const PassRecord& record : records_of(graph, accuracy)) list.push_back(record.name);
    return list;
  };
  std::vector<std::string_view> all;
  for (const Pass& pass : pipeline()) all.push_back(pass.name);
  EXPECT_EQ(names(Accuracy::fast), all);
  std::erase_if(all, [](std::string_view n) { return n == "rewrite_fast" || n == "contract"; });
  EXPECT_EQ(all.size() + 2, pipeline().size());
  EXPECT_EQ(names(Accuracy::strict), all);
}

TEST(Pipeline, TellsTheSinkWhatEachPassDid) {
  Graph graph = parse(
      "graph g(x: f32[n]) where n = 4 { %0 = square x : f32[n] %1 = square x : f32[n] %2 = add "
      "%0, %1 : f32[n] return %2 }");
  const std::vector<PassRecord> records = records_of(graph, Accuracy::fast);
  ASSERT_EQ(records.size(), pipeline().size());
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].name, pipeline()[i].name);
    EXPECT_EQ(records[i].changed, !records[i].text.empty());
  }
  EXPECT_TRUE(records.front().changed);
  EXPECT_EQ(records[1].name, "fold_constants");
  EXPECT_FALSE(records[1].changed);
  EXPECT_EQ(records.back().changed ? records.back().text : print(graph), print(graph));
}

}  // namespace
}  // namespace onepass::ir
