// SPDX-License-Identifier: Apache-2.0
// onepass eval, as a user runs it.
#include <gtest/gtest.h>

#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "agreement.h"
#include "onepass/engine/onepass.h"
#include "tool_process.h"

namespace onepass::tool {
namespace {

TEST(CommandEval, PrintsNumbers) {
  const ToolResult result = run({"eval", "1 + 2 * 3"});
  EXPECT_EQ(result.status, 0) << result.error;
  std::ostringstream expected;
  expected << Tensor::copy_of(std::span<const int64_t>(std::vector<int64_t>{7}), Shape{}) << "\n";
  EXPECT_EQ(result.output, expected.str());
  EXPECT_EQ(result.error, "");
}

TEST(CommandEval, ReadsAndWritesNpyFiles) {
  const TemporaryFolder folder;
  const Tensor x = random_normal({5, 7}), w = random_normal({7, 3}), b = random_normal({3});
  save_npy(folder.file("x.npy"), x);
  save_npy(folder.file("w.npy"), w);
  save_npy(folder.file("b.npy"), b);
  const ToolResult result =
      run({"eval", "gelu(x @ w + b)", "x=" + folder.file("x.npy"), "w=" + folder.file("w.npy"),
           "b=" + folder.file("b.npy"), "-o", folder.file("y.npy")});
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_EQ(result.output, folder.file("y.npy") + ": f32[5, 3]\n");
  const Tensor expected = gelu(matmul(x, w) + b);
  EXPECT_EQ(compare(load_npy(folder.file("y.npy")), expected).differing, 0);
}

TEST(CommandEval, EveryModeAndThreadCountGivesTheSameFile) {
  const TemporaryFolder folder;
  const auto evaluated = [&](const std::string& name, const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"eval",      "sum(gelu(a[:, None] * b) , axis=1)",
                                          "a=f32[67]", "b=f32[133]",
                                          "-o",        folder.file(name)};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ToolResult result = run(arguments);
    EXPECT_EQ(result.status, 0) << result.error;
    return text_of(folder.file(name));
  };
  const std::string fused = evaluated("fused.npy", {});
  EXPECT_GT(fused.size(), 67 * sizeof(float));
  EXPECT_EQ(evaluated("unfused.npy", {"--mode", "unfused"}), fused);
  EXPECT_EQ(evaluated("interpreted.npy", {"--mode", "interpreted"}), fused);
  EXPECT_EQ(evaluated("one.npy", {"--threads", "1"}), fused);
  EXPECT_NE(evaluated("seed.npy", {"--seed", "1"}), fused);
}

TEST(CommandEval, AnExpressionMayBeginWithAMinusSign) {
  EXPECT_EQ(run({"eval", "-x**2", "x=3"}).output, run({"eval", "0 - 9"}).output);
  EXPECT_EQ(run({"eval", "-x", "x=3", "--threads", "1"}).output, run({"eval", "-3"}).output);
  EXPECT_EQ(run({"eval", "-y(3)"}).error,
            "error: unknown function 'y'; 'onepass ops' lists the functions\n  -y(3)\n   ^\n");
}

TEST(CommandEval, EmptyArraysWork) {
  const TemporaryFolder folder;
  const ToolResult result = run({"eval", "gelu(x)", "x=f32[0,3]", "-o", folder.file("y.npy")});
  EXPECT_EQ(result.output, folder.file("y.npy") + ": f32[0, 3]\n") << result.error;
}

struct Mistake {
  std::vector<std::string> arguments;
  int status;
  std::string error;
};

void expect_refused(const Mistake& mistake) {
  const ToolResult result = run(mistake.arguments);
  EXPECT_EQ(result.status, mistake.status) << mistake.error;
  EXPECT_EQ(result.error, mistake.error);
  EXPECT_EQ(result.output, "");
}

TEST(CommandEval, MistakesInTheInputExitWith1) {
  expect_refused({{"eval", "gleu(x @ w + b)", "x=f32[2,3]", "w=f32[3,2]", "b=f32[2]"},
                  1,
                  "error: unknown function 'gleu'; did you mean 'gelu'?\n"
                  "  gleu(x @ w + b)\n"
                  "  ^~~~\n"});
  expect_refused({{"eval", "x +"},
                  1,
                  "error: expected an operand, found the end of the expression\n"
                  "  x +\n"
                  "     ^\n"});
  expect_refused({{"eval", ""}, 1, "error: the expression is empty\n  \n  ^\n"});
  expect_refused({{"eval", "x", "x=1", "y=2"},
                  1,
                  "error: 'y' is bound, but the expression does not use it\n"});
  expect_refused({{"eval", "x", "x=f33[2]"},
                  1,
                  "error: x=f33[2]: 'f33' is not a dtype; the dtypes are boolean i8 i16 i32 i64 u8 "
                  "u16 u32 u64 f16 bf16 f32 f64\n"});
}

TEST(CommandEval, ShapesThatDoNotFitAreShownInTheExpression) {
  const ToolResult result =
      run({"eval", "gelu(x @ w + b)", "x=f32[128,256]", "w=f32[128,512]", "b=f32[2]"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(
      result.error,
      "error: matmul: lhs is f32[128, 256], rhs is f32[128, 512]; inner dimensions must match, but "
      "lhs.shape[-1] = 256 and rhs.shape[-2] = 128.\n"
      "  gelu(x @ w + b)\n"
      "       ^~~~~\n");
}

TEST(CommandEval, FilesThatAreMissingOrWrongAreNamed) {
  const TemporaryFolder folder;
  const ToolResult missing = run({"eval", "x", "x=" + folder.file("missing.npy")});
  EXPECT_EQ(missing.status, 1);
  EXPECT_NE(missing.error.find(folder.file("missing.npy")), std::string::npos) << missing.error;

  std::ofstream(folder.file("wrong.npy")) << "this is no array";
  const ToolResult wrong = run({"eval", "x", "x=" + folder.file("wrong.npy")});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_NE(wrong.error.find(folder.file("wrong.npy")), std::string::npos) << wrong.error;

  const ToolResult target = run({"eval", "x", "x=f32[2]", "-o", folder.file("no/y.npy")});
  EXPECT_EQ(target.status, 1);
  EXPECT_NE(target.error.find(folder.file("no/y.npy")), std::string::npos) << target.error;
}

TEST(CommandEval, AFailureLeavesTheOldFile) {
  const TemporaryFolder folder;
  ASSERT_EQ(run({"eval", "x", "x=f32[2]", "-o", folder.file("y.npy")}).status, 0);
  const std::string before = text_of(folder.file("y.npy"));
  EXPECT_EQ(run({"eval", "x + y", "x=f32[2]", "y=f32[3]", "-o", folder.file("y.npy")}).status, 1);
  EXPECT_EQ(text_of(folder.file("y.npy")), before);
}

TEST(CommandEval, TooMuchMemoryIsAnErrorAndNotACrash) {
  const ToolResult result = run({"eval", "x + 1", "x=f32[1000000,1000000,1000]"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.error.substr(0, 7), "error: ");
  const ToolResult overflow = run({"eval", "x", "x=f32[4000000000,4000000000,4000000000]"});
  EXPECT_EQ(overflow.status, 1);
  EXPECT_EQ(overflow.error.substr(0, 7), "error: ");
}

}  // namespace
}  // namespace onepass::tool
