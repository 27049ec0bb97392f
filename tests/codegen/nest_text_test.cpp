// SPDX-License-Identifier: Apache-2.0
// Graphs and the loops they become, as text files under nests/: the graph, a line of dashes, the
// loops. With ONEPASS_REWRITE_EXPECTATIONS=1 the loops are written anew, for a reader to check the
// difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "plan_fixture.h"

namespace onepass::codegen {
namespace {

const std::string separator = "----\n";

std::string folder() { return std::string(ONEPASS_SOURCE_DIR) + "/tests/codegen/nests"; }

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class NestText : public ::testing::TestWithParam<std::string> {};

TEST_P(NestText, IsWhatTheFileSays) {
  const std::string path = folder() + "/" + GetParam() + ".txt";
  std::ifstream in(path);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const size_t cut = text.find(separator);
  ASSERT_NE(cut, std::string::npos) << path << " has no line of dashes";
  const std::string graph = text.substr(0, cut);
  const std::string expected = text.substr(cut + separator.size());
  const std::string loops = print(testing::plan_of(graph).nest);
  if (std::getenv("ONEPASS_REWRITE_EXPECTATIONS") != nullptr) {
    std::ofstream(path) << graph << separator << loops;
  }
  EXPECT_EQ(loops, expected) << path;
}

INSTANTIATE_TEST_SUITE_P(Files, NestText, ::testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace onepass::codegen
