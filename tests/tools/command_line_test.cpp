// SPDX-License-Identifier: Apache-2.0
// The command line itself: help, usage, info and ops.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "onepass/ir/op.h"
#include "ops_table.h"
#include "tool_process.h"

namespace onepass::tool {
namespace {

TEST(CommandLine, HelpShowsExamplesForEveryCommand) {
  const ToolResult overview = run({"--help"});
  EXPECT_EQ(overview.status, 0);
  for (const std::string command : {"eval", "explain", "bench", "tune", "info", "ops"}) {
    EXPECT_NE(overview.output.find("onepass " + command), std::string::npos) << command;
    const ToolResult help = run({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_NE(help.output.find("Examples:\n"), std::string::npos) << command;
    EXPECT_NE(help.output.find("  onepass " + command), std::string::npos) << command;
    EXPECT_EQ(help.error, "") << command;
  }
}

TEST(CommandLine, TellsItsVersion) {
  const ToolResult result = run({"--version"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output.substr(0, 8), "onepass ");
}

TEST(CommandLine, WrongUsageExitsWith2) {
  const auto error = [](const std::vector<std::string>& arguments) {
    const ToolResult result = run(arguments);
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.output, "");
    return result.error;
  };
  EXPECT_EQ(error({}), "error: A subcommand is required\n  see 'onepass --help'\n");
  EXPECT_EQ(error({"eval"}), "error: EXPRESSION is required\n  see 'onepass eval --help'\n");
  EXPECT_EQ(
      error({"eval", "x", "x=1", "--mode", "quick"}),
      "error: --mode: quick not in {fused,unfused,interpreted}\n  see 'onepass eval --help'\n");
  EXPECT_EQ(error({"eval", "x", "x=1", "--threads", "many"}).substr(0, 7), "error: ");
  EXPECT_EQ(error({"eval", "x", "x=1", "--threads", "-1"}).substr(0, 7), "error: ");
  EXPECT_EQ(error({"eval", "x", "x=1", "--thread", "2"}).substr(0, 7), "error: ");
  EXPECT_EQ(error({"evaluate", "x"}).substr(0, 7), "error: ");
}

TEST(CommandLine, AWrongSettingIsAUserError) {
  const ToolResult result = run({"eval", "x + 1", "x=f32[3]"}, {"ONEPASS_TARGET=x86-64-v9"});
  EXPECT_EQ(result.status, 1) << result.error;
  EXPECT_NE(result.error.find("x86-64-v9"), std::string::npos) << result.error;
}

TEST(CommandOps, ListsEveryOperation) {
  const ToolResult result = run({"ops"});
  EXPECT_EQ(result.status, 0);
  for (const ir::OpCode op : ir::elementwise_ops()) {
    EXPECT_NE(result.output.find("\n" + std::string(ir::to_string(op)) + "("), std::string::npos)
        << ir::to_string(op);
  }
  for (const char* line :
       {"\ngelu(x) ", "\nleaky_relu(x, slope) ", "\nsum(x, axis=all, keepdims=False)"}) {
    EXPECT_NE(result.output.find(line), std::string::npos) << line;
  }
}

TEST(CommandOps, ThePageInDocsIsTheTable) {
  EXPECT_EQ(run({"ops", "--markdown"}).output, ops_markdown());
  EXPECT_EQ(text_of(ONEPASS_SOURCE_DIR "/docs/ops.md"), ops_markdown())
      << "update it: onepass ops --markdown > docs/ops.md";
}

TEST(CommandInfo, NamesTheMachineAndItsRoofs) {
  const ToolResult result = run({"info"}, {"ONEPASS_TARGET=x86-64-v3", "ONEPASS_THREADS=1"});
  EXPECT_EQ(result.status, 0) << result.error;
  for (const char* text :
       {"processor", "x86-64-v3, forced by ONEPASS_TARGET; the processor has x86-64-v",
        "level 2 cache", "threads           1 of ", "peak, 1 thread", "peak, all threads",
        "GFLOP/s (f32), ", "GB/s\n", "compiler          LLVM 19.1", "matrix products",
        "ONEPASS_CACHE_ENTRIES"}) {
    EXPECT_NE(result.output.find(text), std::string::npos) << text << "\n" << result.output;
  }
}

TEST(CommandInfo, SavesThePeaksInTheCacheFolder) {
  const TemporaryFolder folder;
  const ToolResult result =
      run({"info", "--save", "--json", "-"}, {"XDG_CACHE_HOME=" + folder.file("cache")});
  EXPECT_EQ(result.status, 0) << result.error;
  const auto json = nlohmann::json::parse(result.output);
  EXPECT_GT(json["flops_one_thread"], 1e8);
  EXPECT_GT(json["bandwidth_all_threads"], 1e8);
  EXPECT_EQ(result.error.substr(0, 19), "saved the peaks to ");
  const std::string path = result.error.substr(19, result.error.size() - 20);
  EXPECT_EQ(path.substr(0, folder.file("cache").size()), folder.file("cache"));
  EXPECT_FALSE(text_of(path).empty());
}

}  // namespace
}  // namespace onepass::tool
