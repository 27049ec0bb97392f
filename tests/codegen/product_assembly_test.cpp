// SPDX-License-Identifier: Apache-2.0
// The inner loops of products as machine code: multiply-adds of whole registers, the loads they
// need, and next to nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "onepass/codegen/jit.h"
#include "plan_fixture.h"

namespace onepass::codegen {
namespace {

using Lines = std::vector<std::string>;

/// The instructions of each innermost loop: from a label to the jump back to it.
std::vector<Lines> innermost_loops(const std::string& assembly) {
  std::vector<Lines> loops;
  Lines since_label;
  std::string label;
  std::istringstream stream(assembly);
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind(".LBB", 0) == 0) {
      label = line.substr(0, line.find(':'));
      since_label.clear();
    } else if (line.rfind("\t", 0) == 0 && line.rfind("\t.", 0) != 0) {
      since_label.push_back(line);
      if (line.rfind("\tj", 0) != 0) continue;
      const bool returns = !label.empty() && line.substr(line.rfind('\t') + 1) == label;
      if (returns) loops.push_back(since_label);
    }
  }
  return loops;
}

int64_t count(const Lines& lines, const std::string& text) {
  return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.find(text) != std::string::npos;
  });
}

/// The inner loop with the most multiply-adds.
Lines largest_tile(const std::string& graph, InstructionSet set) {
  const auto loops =
      innermost_loops(code_text(testing::plan_of(graph, {set}).nest, {set}).assembly);
  const auto most = std::max_element(loops.begin(), loops.end(), [](const auto& a, const auto& b) {
    return count(a, "vfmadd") < count(b, "vfmadd");
  });
  return most == loops.end() ? Lines() : *most;
}

const std::string wide = R"(
graph g(a: f32[m, k], b: f32[k, n]) where m = 60, k = 40, n = 200 {
  %0 = matmul a, b {provider = generated} : f32[m, n]
  return %0
})";

TEST(ProductAssembly, AWideTileIsSixRowsOfFourRegisters) {
  const Lines loop = largest_tile(wide, InstructionSet::x86_64_v4);
  EXPECT_EQ(count(loop, "vfmadd231ps\tzmm"), 24);
  EXPECT_EQ(count(loop, "vbroadcastss\tzmm"), 6);
  EXPECT_EQ(count(loop, "vmovups\tzmm"), 4);
  EXPECT_EQ(count(loop, "rsp"), 0) << "spilled registers";
  // Pointers, the counter and the jump.
  constexpr size_t most_others = 10;
  EXPECT_LE(loop.size(), 24 + 6 + 4 + most_others);
}

TEST(ProductAssembly, ANarrowTargetHasSixRowsOfTwoRegisters) {
  const Lines loop = largest_tile(wide, InstructionSet::x86_64_v3);
  EXPECT_EQ(count(loop, "vfmadd231ps\tymm"), 12);
  EXPECT_EQ(count(loop, "vbroadcastss\tymm"), 6);
  EXPECT_EQ(count(loop, "rsp"), 0) << "spilled registers";
  constexpr size_t most_others = 10;
  EXPECT_LE(loop.size(), 12 + 6 + 2 + most_others);
}

const std::string tiny = R"(
graph g(a: f32[m, k], b: f32[k, n]) where m = 8, k = 8, n = 8 {
  %0 = matmul a, b {provider = generated} : f32[m, n]
  return %0
})";

TEST(ProductAssembly, ASingleTileHasOneLoopAndNoMasks) {
  const Target target{InstructionSet::x86_64_v4};
  const std::string assembly = code_text(testing::plan_of(tiny, target).nest, target).assembly;
  const auto loops = innermost_loops(assembly);
  ASSERT_EQ(loops.size(), 1u);
  EXPECT_EQ(count(loops[0], "vfmadd231ps\tymm"), 8);
  EXPECT_EQ(assembly.find("{k1}"), std::string::npos);
}

TEST(ProductAssembly, WhatFollowsWantsNoRegistersOfTheTile) {
  const Lines loop = largest_tile(R"(
graph g(a: f32[m, k], b: f32[k, n], c: f32[n]) where m = 60, k = 40, n = 200 {
  %0 = matmul a, b {provider = generated} : f32[m, n]
  %1 = add %0, c : f32[m, n]
  %2 = erf %1 : f32[m, n]
  %3 = multiply %2, %1 : f32[m, n]
  return %3
})",
                                  InstructionSet::x86_64_v4);
  EXPECT_EQ(count(loop, "vfmadd231ps\tzmm"), 24);
  EXPECT_EQ(count(loop, "rsp"), 0) << "spilled registers";
}

}  // namespace
}  // namespace onepass::codegen
