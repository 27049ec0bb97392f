// SPDX-License-Identifier: Apache-2.0
// onepass-prove as a command, the table it renews, and the table that is checked in.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "command_line.h"
#include "proven_row.h"
#include "reference.h"
#include "table.h"

namespace onepass::prove {
namespace {

Row row(const std::string& function, const std::string& dtype, const std::string& accuracy) {
  return {function, dtype, accuracy, "2", "0.8", "0x1p+3, -0x1p+0", "1,234", "equal", "9 points"};
}

TEST(ProveTable, IsReadAsWritten) {
  Table table;
  table.put(row("pow", "f64", "fast"));
  table.put(row("exp", "f32", "strict"));
  const Table again = Table::parse(table.page());
  ASSERT_EQ(again.rows().size(), 2u);
  EXPECT_EQ(again.rows()[0], row("pow", "f64", "fast"));
  EXPECT_EQ(again.rows()[1], row("exp", "f32", "strict"));
}

TEST(ProveTable, OnlyTheRowsOfANewProofChange) {
  Table table;
  for (const char* accuracy : {"strict", "fast"}) table.put(row("exp", "f32", accuracy));
  Row renewed = row("exp", "f32", "fast");
  renewed.worst = "0.6";
  table.put(renewed);
  ASSERT_EQ(table.rows().size(), 2u);
  EXPECT_EQ(table.rows()[0], row("exp", "f32", "strict"));
  EXPECT_EQ(table.rows()[1], renewed);
}

TEST(ProveTable, RowsStandInTheOrderOfTheOpTable) {
  Table table;
  for (const char* function : {"sin", "no_such_function", "exp"}) {
    for (const char* dtype : {"f64", "f32"}) {
      for (const char* accuracy : {"fast", "strict"}) table.put(row(function, dtype, accuracy));
    }
  }
  const std::vector<Row> rows = Table::parse(table.page()).rows();
  ASSERT_EQ(rows.size(), 8u);
  EXPECT_EQ(rows[0], row("exp", "f32", "strict"));
  EXPECT_EQ(rows[1], row("exp", "f32", "fast"));
  EXPECT_EQ(rows[2], row("exp", "f64", "strict"));
  EXPECT_EQ(rows[4], row("sin", "f32", "strict"));
}

int run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "onepass-prove");
  return run_prove(static_cast<int>(arguments.size()), arguments.data());
}

TEST(ProveCommand, ProvesAndRenewsATable) {
  const std::string path = testing::TempDir() + "prove_table.md";
  std::filesystem::remove(path);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(run({"sqrt", "--stratum", "1/65536", "--table", path.c_str()}), 0);
  EXPECT_EQ(run({"abs", "--dtype", "f64", "--points", "1000", "--table", path.c_str()}), 0);
  const std::string output = testing::internal::GetCapturedStdout();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(std::ranges::count(output, '\n'), 6);
  const Table table = Table::read(path);
  ASSERT_EQ(table.rows().size(), 6u);
  const Row& root = table.rows()[2];
  const Row expected = {
      "sqrt", "f32", "strict", "0", root.worst, root.at, "0", "equal", "65,536 of 4,294,967,296"};
  EXPECT_EQ(root, expected);
  EXPECT_NEAR(std::stod(root.worst), 0.5, 1e-3);
  const Row exact = {"abs", "f64", "fast", "0", "0", "", "0", "equal", "1,000 points"};
  EXPECT_EQ(table.rows()[1], exact);
  std::filesystem::remove(path);
}

TEST(ProveCommand, AWrongCommandLineExitsWith2) {
  const auto error = [](const std::vector<const char*>& arguments) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(run(arguments), exit_status::usage);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(error({"--stratum", "64/64"}),
            "error: --stratum: 64/64 is not K/N with K below N and N a power of two to 65536\n");
  for (const char* stratum : {"1/63", "1", "/2", "-1/2", "0/131072", "0/2x"}) {
    EXPECT_EQ(error({"--stratum", stratum}).substr(0, 7), "error: ") << stratum;
  }
  EXPECT_EQ(error({"isnan"}).substr(0, 7), "error: ");
  EXPECT_EQ(error({"exp", "--dtype", "i32"}).substr(0, 7), "error: ");
  EXPECT_EQ(error({"exp", "--threads", "0"}).substr(0, 7), "error: ");
}

TEST(ProveCommand, ATableThatCannotBeWrittenIsAnError) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(run({"abs", "--dtype", "f64", "--points", "10", "--table", "/no/such/folder/t.md"}),
            exit_status::usage);
  testing::internal::GetCapturedStdout();
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "error: onepass-prove: /no/such/folder/t.md cannot be written; --table needs a file in "
            "a writable folder. Choose another path.\n");
}

constexpr const char* checked_in_table = ONEPASS_SOURCE_DIR "/docs/accuracy.md";

TEST(AccuracyPage, IsWhatTheToolWrites) {
  std::ifstream file(checked_in_table);
  std::ostringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), Table::parse(page.str()).page());
}

TEST(AccuracyPage, EveryFunctionHoldsTheBoundOfToday) {
  const Table table = Table::read(checked_in_table);
  for (const ir::OpCode op : proven_ops()) {
    for (const DType dtype : {f32, f64}) {
      for (const ir::Accuracy accuracy : {ir::Accuracy::strict, ir::Accuracy::fast}) {
        const Row wanted = row(std::string(to_string(op)), std::string(to_string(dtype)),
                               std::string(name_of(accuracy)));
        const auto found =
            std::ranges::find_if(table.rows(), [&](const Row& one) { return one.is_of(wanted); });
        ASSERT_NE(found, table.rows().end()) << wanted.function << " " << wanted.dtype;
        const double bound = stated_bound(op, dtype, accuracy);
        const bool holds = bound == 0 ? found->wrong == "0" : std::stod(found->worst) <= bound;
        EXPECT_TRUE(holds) << wanted.function << " " << wanted.dtype << " " << wanted.accuracy;
        EXPECT_EQ(found->emitters, "equal") << wanted.function;
      }
    }
  }
}

}  // namespace
}  // namespace onepass::prove
