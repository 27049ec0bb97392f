// SPDX-License-Identifier: Apache-2.0
// onepass tune as a user runs it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "onepass/codegen/target.h"
#include "onepass/runtime/blas.h"
#include "tool_process.h"

namespace onepass::tool {
namespace {

const std::vector<std::string> arguments = {"x @ w", "x=f32[40,100]", "w=f32[100,90]"};

std::vector<std::string> command(const std::string& name, std::vector<std::string> more = {}) {
  std::vector<std::string> all = {name};
  all.insert(all.end(), arguments.begin(), arguments.end());
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(CommandTune, KeepsWhatItFoundInTheUsersFolderAndInfoTells) {
  if (!codegen::host_target().tuned_for_host) GTEST_SKIP() << "nothing to tune";
  const TemporaryFolder folder;
  const std::vector<std::string> environment = {"XDG_CACHE_HOME=" + folder.file("cache"),
                                                "ONEPASS_TUNING=1"};
  const ToolResult dry = run(command("tune", {"--dry-run"}), environment);
  EXPECT_EQ(dry.status, 0) << dry.error;
  EXPECT_FALSE(std::filesystem::exists(folder.file("cache")));
  const ToolResult result = run(command("tune"), environment);
  EXPECT_EQ(result.status, 0) << result.error;
  const std::string path = folder.file("cache") + "/onepass/tuning.txt";
  const std::string text = text_of(path);
  EXPECT_EQ(text.substr(0, 17), "onepass tuning 1\n");
  EXPECT_NE(result.output.find("f32, rows in [32, 63], columns in [64, 127], depth in [64, 127]\n"
                               "  usual "),
            std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("kept in " + path), std::string::npos) << result.output;
}

TEST(CommandTune, ExplainSaysWhatIsTunedUnlessItIsOff) {
  if (!codegen::host_target().tuned_for_host) GTEST_SKIP() << "nothing to tune";
  const TemporaryFolder folder;
  std::vector<std::string> environment = {"XDG_CACHE_HOME=" + folder.file("cache"),
                                          "ONEPASS_TUNING=1"};
  ASSERT_EQ(run(command("tune"), environment).status, 0);
  const std::string path = folder.file("cache") + "/onepass/tuning.txt";
  std::string text = text_of(path);
  text = text.substr(
      0, text.find("product ") == std::string::npos ? text.find("end\n") : text.find("product "));
  std::ofstream(path) << text << "product f32 1 1 6 7 7 4 3 32 0 0\nend\n";
  const std::string tuned = "k in blocks of 32, tuned on this CPU for f32";
  const ToolResult on = run(command("explain"), environment);
  EXPECT_NE(on.output.find(tuned), std::string::npos) << on.output << on.error;
  environment.back() = "ONEPASS_TUNING=0";
  EXPECT_EQ(run(command("explain"), environment).output.find("tuned"), std::string::npos);
  environment.back() = "ONEPASS_TUNING=1";
  std::ofstream(path, std::ios::app) << "?";
  EXPECT_EQ(run(command("explain"), environment).output.find("tuned"), std::string::npos);
}

TEST(CommandTune, KeepsTheFasterProviderForThoseWhoAskForIt) {
  if (!codegen::host_target().tuned_for_host) GTEST_SKIP() << "nothing to tune";
  if (!runtime::blas_available()) GTEST_SKIP() << "no library";
  const TemporaryFolder folder;
  const std::vector<std::string> environment = {"XDG_CACHE_HOME=" + folder.file("cache"),
                                                "ONEPASS_TUNING=1"};
  const ToolResult result = run(command("tune", {"--provider"}), environment);
  ASSERT_EQ(result.status, 0) << result.error;
  const auto has = [](const ToolResult& tool, const char* text) {
    return tool.output.find(text) != std::string::npos;
  };
  EXPECT_TRUE(has(result, "\n  openblas  ")) << result.output;
  EXPECT_TRUE(has(result, "x, largest difference ")) << result.output;
  const std::string path = folder.file("cache") + "/onepass/tuning.txt";
  const std::string text = text_of(path);
  const size_t line = text.find("provider f32 0 6 7 7 ");
  ASSERT_NE(line, std::string::npos) << text;
  EXPECT_TRUE(has(run(command("explain", {"--provider", "tuned"}), environment), "tuned: "));
  std::ofstream(path) << text.substr(0, line) << "provider f32 0 6 7 7 1 250\nend\n";
  EXPECT_TRUE(has(run(command("explain", {"--provider", "tuned"}), environment),
                  "a call of the library, tuned: openblas, 1.25x"));
  EXPECT_FALSE(has(run(command("explain"), environment), "library"));
  std::ofstream(path, std::ios::app) << "?";
  EXPECT_TRUE(has(run(command("explain", {"--provider", "tuned"}), environment),
                  "tuned: no entry, generated"));
}

TEST(CommandTune, TakesOneRowAndSeveralProductsOfOneExpression) {
  if (!codegen::host_target().tuned_for_host) GTEST_SKIP() << "nothing to tune";
  const ToolResult result =
      run({"tune", "v @ w @ z", "v=f32[1,40]", "w=f32[40,200]", "z=f32[200,90]", "--dry-run"});
  EXPECT_EQ(result.status, 0) << result.error;
  for (const char* product :
       {"f32, rows in [1, 1], columns in [128, 255], depth in [32, 63]\n  usual ",
        "f32, rows in [1, 1], columns in [64, 127], depth in [128, 255]\n  usual "}) {
    EXPECT_NE(result.output.find(product), std::string::npos) << result.output;
  }
}

TEST(CommandTune, NothingToTuneIsAUserError) {
  const ToolResult result = run({"tune", "x + 1", "x=f32[10]"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.error.substr(0, 73),
            "error: tune: the expression has no product that is generated for this CPU");
}

}  // namespace
}  // namespace onepass::tool
