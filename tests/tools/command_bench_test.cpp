// SPDX-License-Identifier: Apache-2.0
// onepass bench, as a user runs it. No time is asserted.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tool_process.h"

namespace onepass::tool {
namespace {

using Json = nlohmann::ordered_json;

const std::string gelu = "0.5*x*(1+tanh(0.79788456*(x+0.044715*x**3)))";

Json race(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "bench");
  for (const char* more : {"--json", "-", "--min-time", "0.01"}) arguments.emplace_back(more);
  const ToolResult result = run(arguments);
  EXPECT_EQ(result.status, 0) << result.error;
  return Json::parse(result.output);
}

TEST(CommandBench, ItsJsonHasExactlyTheseKeys) {
  const Json rows = race({gelu, "x=f32[1000]"});
  ASSERT_EQ(rows.size(), 3u);
  for (const Json& row : rows) {
    std::string keys;
    for (const auto& item : row.items()) keys += item.key() + " ";
    EXPECT_EQ(keys, "mode median_ns min_ns bytes flops compile_ns kernels max_abs_diff ");
  }
}

TEST(CommandBench, CountsWhatTheModesMove) {
  const Json rows = race({gelu, "x=f32[1000]"});
  EXPECT_EQ(rows[0]["mode"], "fused");
  EXPECT_EQ(rows[1]["mode"], "unfused");
  EXPECT_EQ(rows[2]["mode"], "interpreted");
  EXPECT_EQ(rows[0]["bytes"], 8000);
  EXPECT_EQ(rows[0]["kernels"], 1);
  EXPECT_EQ(rows[1]["kernels"], 8);
  EXPECT_EQ(rows[1]["bytes"], 18 * 4000);
  EXPECT_EQ(rows[2]["bytes"], 18 * 4000);
  EXPECT_EQ(rows[2]["kernels"], 0);
  EXPECT_EQ(rows[2]["compile_ns"], 0);
  for (const Json& row : rows) {
    EXPECT_EQ(row["max_abs_diff"], 0.0);
    EXPECT_GT(row["flops"], 1000.0);
    EXPECT_GT(row["min_ns"], 0.0);
    EXPECT_LE(row["min_ns"], row["median_ns"]);
  }
  EXPECT_GT(rows[0]["compile_ns"], 0);
}

TEST(CommandBench, CountsTheStepsOfTheInterpreterByThemselves) {
  const Json rows = race({"x[::2] + 1", "x=f32[1000]"});
  EXPECT_EQ(rows[0]["bytes"], 4000);
  // The interpreter stores the slice before it adds.
  EXPECT_EQ(rows[2]["bytes"], 8000);
  EXPECT_EQ(rows[2]["flops"], rows[0]["flops"]);
}

TEST(CommandBench, RacesTheModesThatAreAskedFor) {
  const Json rows = race({"relu(a*b+c)", "a=f32[64]", "b=f32[64]", "c=f32[64]", "--modes",
                          "interpreted,fused", "--accuracy", "fast", "--threads", "1"});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["mode"], "interpreted");
  EXPECT_EQ(rows[1]["mode"], "fused");
}

TEST(CommandBench, PrintsATableAndWritesTheFile) {
  const TemporaryFolder folder;
  const ToolResult result = run({"bench", "x @ w", "x=f32[16,32]", "w=f32[32,8]", "--min-time",
                                 "0.01", "--json", folder.file("race.json")});
  EXPECT_EQ(result.status, 0) << result.error;
  for (const char* word : {"median", "min", "spread", "GB/s", "GFLOP/s", "of roof", "speed-up",
                           "kernels", "moved", "compile", "largest difference between modes: 0"}) {
    EXPECT_NE(result.output.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(Json::parse(text_of(folder.file("race.json"))).size(), 3u);
}

TEST(CommandBench, MistakesAreRefusedBeforeAnythingIsTimed) {
  const ToolResult mode = run({"bench", "x", "x=f32[3]", "--modes", "quick"});
  EXPECT_EQ(mode.status, 2);
  EXPECT_EQ(mode.error,
            "error: --modes: quick not in {fused,unfused,interpreted}\n"
            "  see 'onepass bench --help'\n");
  const ToolResult shapes = run({"bench", "x + y", "x=f32[3]", "y=f32[4]"});
  EXPECT_EQ(shapes.status, 1);
  EXPECT_NE(shapes.error.find("\n  x + y\n  ^~~~~\n"), std::string::npos) << shapes.error;
  const ToolResult file =
      run({"bench", "x + 1", "x=f32[3]", "--min-time", "0", "--json", "/no/such/folder/x.json"});
  EXPECT_EQ(file.status, 1);
  EXPECT_EQ(file.error,
            "error: --json: cannot write '/no/such/folder/x.json': No such file or directory\n");
}

}  // namespace
}  // namespace onepass::tool
