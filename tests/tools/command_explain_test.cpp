// SPDX-License-Identifier: Apache-2.0
// onepass explain, as a user runs it.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tool_process.h"

namespace onepass::tool {
namespace {

std::string stage(const std::string& name, const std::vector<std::string>& environment = {}) {
  const ToolResult result =
      run({"explain", "gelu(x)", "x=f32[1000]", "--stage", name}, environment);
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_EQ(result.error, "") << name;
  return result.output;
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(CommandExplain, ShowsEachStage) {
  EXPECT_EQ(count(stage("graph"), "exp2"), 1u);
  EXPECT_EQ(count(stage("graph"), "fused"), 0u);
  EXPECT_NE(stage("passes").find("eliminate_common"), std::string::npos);
  EXPECT_EQ(count(stage("fused"), " = fused "), 1u);
  EXPECT_NE(stage("loops").find("parallel"), std::string::npos);
  EXPECT_NE(stage("llvm").find("define"), std::string::npos);
  EXPECT_NE(stage("dot").find("digraph"), std::string::npos);
  EXPECT_NE(stage("edges").find("fused"), std::string::npos);
}

TEST(CommandExplain, AssemblyFollowsTheForcedTarget) {
  const std::string narrow = stage("asm", {"ONEPASS_TARGET=x86-64-v3"});
  EXPECT_NE(narrow.find("vfmadd"), std::string::npos);
  EXPECT_NE(narrow.find("ymm"), std::string::npos);
  EXPECT_EQ(narrow.find("zmm"), std::string::npos);
}

TEST(CommandExplain, AllIsEveryStageUnderItsName) {
  const std::string all = stage("all");
  size_t last = 0;
  for (const char* name : {"graph", "passes", "fused", "loops", "llvm", "asm", "dot", "edges"}) {
    const size_t at = all.find(std::string("== ") + name + "\n");
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_GE(at, last) << name;
    last = at;
  }
}

TEST(CommandExplain, WithoutAStageItIsASummary) {
  const ToolResult result =
      run({"explain", "gelu(x @ w + b)", "x=f32[128,512]", "w=f32[512,256]", "b=f32[256]"});
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_NE(result.output.find("n = 128, m = 512, k = 256"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("matmul"), std::string::npos) << result.output;
}

TEST(CommandExplain, UnfusedModeHasAKernelForEachOperation) {
  const ToolResult result =
      run({"explain", "exp(x) * x + 1", "x=f32[1000]", "--mode", "unfused", "--stage", "fused"});
  EXPECT_EQ(count(result.output, " = fused "), 3u) << result.output;
}

TEST(CommandExplain, ReplaysAGraphFromAFile) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("graph.txt")) << stage("graph");
  for (const char* name : {"graph", "fused", "loops", "asm", "dot", "edges"}) {
    const ToolResult result =
        run({"explain", "--graph", folder.file("graph.txt"), "--stage", name});
    EXPECT_EQ(result.status, 0) << name << result.error;
    EXPECT_FALSE(result.output.empty()) << name;
  }
  const ToolResult graph =
      run({"explain", "--graph", folder.file("graph.txt"), "--stage", "graph"});
  EXPECT_EQ(graph.output, stage("graph"));
  const ToolResult summary = run({"explain", "--graph", folder.file("graph.txt")});
  EXPECT_EQ(count(summary.output, "\nkernel "), 1u) << summary.output;
}

TEST(CommandExplain, ReplaysAGraphThatWentThroughThePipeline) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("fused.txt")) << stage("fused");
  const ToolResult result =
      run({"explain", "--graph", folder.file("fused.txt"), "--stage", "passes"});
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_EQ(result.output, "the graph has been through the pipeline\n");
  const ToolResult code = run({"explain", "--graph", folder.file("fused.txt"), "--stage", "asm"});
  EXPECT_NE(code.output.find("vfmadd"), std::string::npos) << code.error;
}

TEST(CommandExplain, AGraphThatIsNoneIsRefused) {
  const TemporaryFolder folder;
  const ToolResult missing = run({"explain", "--graph", folder.file("no.txt")});
  EXPECT_EQ(missing.status, 1);
  EXPECT_EQ(missing.error, "error: --graph: cannot read '" + folder.file("no.txt") +
                               "': No such file or directory\n");
  std::ofstream(folder.file("bad.txt")) << "graph gelu(";
  const ToolResult bad = run({"explain", "--graph", folder.file("bad.txt")});
  EXPECT_EQ(bad.status, 1);
  EXPECT_EQ(bad.error.substr(0, 7), "error: ");
}

TEST(CommandExplain, WantsAnExpressionOrAGraph) {
  EXPECT_EQ(run({"explain"}).status, 2);
  EXPECT_EQ(run({"explain", "x", "x=1", "--graph", "g"}).status, 2);
  EXPECT_EQ(run({"explain", "--measure", "--graph", "g"}).status, 2);
}

TEST(CommandExplain, MeasureAddsTheShareOfTheRoof) {
  const ToolResult result = run({"explain", "gelu(x)", "x=f32[1000]", "--measure"});
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_NE(result.output.find("roof"), std::string::npos) << result.output;
}

}  // namespace
}  // namespace onepass::tool
