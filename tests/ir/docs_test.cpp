// SPDX-License-Identifier: Apache-2.0
// docs/ir.md says what the tables and the printer say.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "onepass/ir/attributes.h"
#include "onepass/ir/edge_reason.h"
#include "onepass/ir/parse.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/ir/print.h"

namespace onepass::ir {
namespace {

std::string page() {
  std::ifstream file(std::string(ONEPASS_SOURCE_DIR) + "/docs/ir.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The rows of the table under a header, without it.
std::vector<std::string> rows_under(const std::string& text, const std::string& header) {
  std::istringstream lines(text.substr(text.find(header)));
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  std::vector<std::string> rows;
  while (std::getline(lines, line) && line.starts_with("|")) rows.push_back(line);
  return rows;
}

std::string row(std::string_view name, std::string_view text) {
  return "| `" + std::string(name) + "` | " + std::string(text) + " |";
}

TEST(IrPage, ListsEveryAttribute) {
  std::vector<std::string> expected;
#define ONEPASS_ATTRIBUTE(name, kind, doc) expected.push_back(row(#name, doc));
#include "onepass/ir/attributes.def"
  EXPECT_EQ(rows_under(page(), "| name | meaning |"), expected);
}

TEST(IrPage, ListsEveryReason) {
  std::vector<std::string> expected;
#define ONEPASS_EDGE_REASON(name, doc) expected.push_back(row(#name, doc));
#include "onepass/ir/edge_reasons.def"
  EXPECT_EQ(rows_under(page(), "| reason | meaning |"), expected);
}

TEST(IrPage, ListsThePassesInTheirOrder) {
  const std::vector<std::string> rows = rows_under(page(), "| pass | what it does |");
  ASSERT_EQ(rows.size(), pipeline().size());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(rows[i].starts_with("| `" + std::string(pipeline()[i].name) + "` |")) << rows[i];
  }
}

TEST(IrPage, ShowsGraphsAsTheyPrint) {
  const std::string text = page();
  int graphs = 0;
  for (size_t at = text.find("```\ngraph "); at != std::string::npos;
       at = text.find("```\ngraph ", at + 1)) {
    const size_t begin = at + 4;
    const std::string shown = text.substr(begin, text.find("```", begin) - begin);
    EXPECT_EQ(print(parse(shown)), shown);
    ++graphs;
  }
  EXPECT_EQ(graphs, 2);
}

}  // namespace
}  // namespace onepass::ir
