// SPDX-License-Identifier: Apache-2.0
// Programs: which arrays and steps a graph becomes, what may share memory, and what a failure
// leaves behind.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "graph_fixture.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

using testing::GraphCase;

std::shared_ptr<const runtime::Program> program_of(const GraphCase& graph) {
  return graph.compiled(testing::targets().back(), ir::Mode::fused);
}

int count_arrays(const runtime::Program& program, runtime::ProgramArray::Kind kind) {
  int count = 0;
  for (const runtime::ProgramArray& array : program.arrays) count += array.kind == kind;
  return count;
}

TEST(Program, OutputsThatAreInputsScalarsConstantsOrRepeatedAreCopied) {
  GraphCase(R"(
graph g(x: f32[n], s0: scalar f32) where n = 37 {
  %0 = constant {value = 2.5, dtype = f32} : f32[]
  %1 = add x, x : f32[n]
  return x, s0, %0, %1, %1, x
})")
      .expect_bits_everywhere();
}

TEST(Program, ReshapesInTheMiddleAndAtTheEndNeedNoCopyOfDenseArrays) {
  const GraphCase graph(R"(
graph g(x: f32[n, m]) where n = 6, m = 35, p = 210 is product(n, m) {
  %0 = exp x : f32[n, m]
  %1 = reshape %0 {dimensions = [p]} : f32[p]
  %2 = add %1, %1 : f32[p]
  %3 = reshape %2 {dimensions = [m, n]} : f32[m, n]
  return %3
})");
  graph.expect_bits_everywhere();
  const auto program = program_of(graph);
  EXPECT_EQ(program->steps.size(), 2u);
  EXPECT_EQ(count_arrays(*program, runtime::ProgramArray::Kind::temporary), 1);
}

TEST(Program, ReshapeOfAStridedInputAndToAStridedOutputIsCorrect) {
  GraphCase graph(R"(
graph g(x: i32[n, m] strides [1, 6]) where n = 6, m = 35 {
  %0 = reshape x {dimensions = [m, n]} : i32[m, n]
  return %0
})");
  graph.expect_bits_everywhere();
  graph.with_output_strides({{1, 35}}).expect_bits_everywhere();
}

TEST(Program, ConcatWritesSectionsOfItsResult) {
  GraphCase graph(R"(
graph g(x: f32[n, m], y: f32[n, k], z: f32[n, 1]) where n = 7, m = 30, k = 5, p = 36 is sum(m, k, 1) {
  %0 = exp y : f32[n, k]
  %1 = concat x, %0, z {axis = 1} : f32[n, p]
  %2 = negative %1 : f32[n, p]
  return %1, %2
})");
  graph.expect_bits_everywhere();
  graph.with_output_strides({{1, 7}, {36, 1}}).expect_bits_everywhere();
  GraphCase(R"(
graph g(x: u8[n, m], y: u8[k, m]) where n = 7, m = 30, k = 0, q = 14 is sum(n, k, n) {
  %0 = concat x, y, x {axis = 0} : u8[q, m]
  return %0
})")
      .expect_bits_everywhere();
}

TEST(Program, LibraryProductsJoinGeneratedKernels) {
  // The sums of small integers are exact in any order.
  GraphCase graph(R"(
graph g(a: f32[m, k], b: f32[k, n]) where m = 20, k = 30, n = 40 {
  %0 = floor a : f32[m, k]
  %1 = isfinite %0 : boolean[m, k]
  %2 = subtract %0, %0 : f32[m, k]
  %3 = equal %2, %2 : boolean[m, k]
  %4 = cast %3 {dtype = f32} : f32[m, k]
  %5 = isfinite b : boolean[k, n]
  %6 = cast %5 {dtype = f32} : f32[k, n]
  %7 = matmul %4, %6 {provider = openblas} : f32[m, n]
  %8 = add %7, %7 : f32[m, n]
  return %8
})");
  const auto program = program_of(graph);
  int products = 0;
  for (const auto& step : program->steps)
    products += std::holds_alternative<runtime::LibraryProduct>(step);
  EXPECT_EQ(products, 1);
  graph.expect_bits_everywhere();
}

TEST(Program, ElementWiseKernelsMayRunInPlaceWhereTheyReadOnlyWhatTheyWrite) {
  const GraphCase graph(R"(
graph g(x: f32[n, m], y: f32[m], z: f64[n, m]) where n = 9, m = 50 {
  %0 = add x, y : f32[n, m]
  %1 = cast z {dtype = f32} : f32[n, m]
  %2 = multiply %0, %1 : f32[n, m]
  return %2
})");
  const auto program = program_of(graph);
  ASSERT_EQ(program->may_alias.size(), 1u);
  EXPECT_EQ(program->may_alias[0], (std::vector<bool>{true, false, false}));
  graph.expect_equal(graph.run_in_place(*program, 0), graph.interpreted(), "in place");
}

TEST(Program, ShiftedAndReducedOperandsMayNotBeOverwritten) {
  const GraphCase reversed(R"(
graph g(x: f32[n]) where n = 70, q = 70 is slice_length(n, -1, end, -1) require n == q {
  %0 = slice x {start = [-1], stop = [end], step = [-1]} : f32[n]
  %1 = add x, %0 : f32[n]
  return %1
})");
  EXPECT_FALSE(program_of(reversed)->may_alias[0][0]);
  reversed.expect_bits_everywhere();
  const GraphCase reduced(R"(
graph g(x: f32[n]) where n = 70 {
  %0 = sum x {axes = [0], keepdims = true} : f32[1]
  %1 = add x, %0 : f32[n]
  return %1
})");
  // x + sum(x) reads x once more, in place, after the sum is finished.
  EXPECT_TRUE(program_of(reduced)->may_alias[0][0]);
  reduced.expect_equal(reduced.run_in_place(*program_of(reduced), 0), reduced.interpreted(),
                       "in place");
  const GraphCase early(R"(
graph g(x: f32[n]) where n = 70 {
  %0 = exp x : f32[n]
  %1 = sum x {axes = [0], keepdims = true} : f32[1]
  %2 = add x, %1 : f32[n]
  return %0, %2
})");
  // exp(x) is stored in front of the last look at x.
  EXPECT_FALSE(program_of(early)->may_alias[0][0]);
  early.expect_bits_everywhere();
}

TEST(Program, StripsDoNotReadWhatAnEarlierStripMayHaveOverwritten) {
  std::string text = "graph g(x: f32[n], y: f32[n]) where n = 1500 {\n  %0 = add x, y : f32[n]\n";
  for (int i = 1; i < 200; ++i) {
    text += "  %" + std::to_string(i) + " = subtract %" + std::to_string(i - 1) + ", " +
            (i % 2 ? "x" : "%0") + " : f32[n]\n";
  }
  const GraphCase graph(text + "  return %5, %199\n}");
  const auto program = program_of(graph);
  EXPECT_FALSE(program->may_alias[0][0]);
  EXPECT_TRUE(program->may_alias[0][1]);
  graph.expect_equal(graph.run_in_place(*program, 1), graph.interpreted(), "in place");
}

TEST(Program, EqualNestsShareOneCompiledKernel) {
  const auto code = [](int n) {
    const GraphCase graph("graph g(x: f32[n]) where n = " + std::to_string(n) +
                          " {\n  %0 = exp x : f32[n]\n  return %0\n}");
    return std::get<runtime::KernelLaunch>(program_of(graph)->steps[0]).kernel->code;
  };
  EXPECT_EQ(code(100), code(100000));
}

TEST(Program, AFailedCompileLeavesAGraphThatReplaysIt) {
  // A body that moves elements by a reshape: no pass makes one, and no planner takes one.
  const ir::Graph graph = ir::parse(R"(
graph g(x: f32[n, m]) where n = 4, m = 6 {
  %0 = fused broken(x = x) : f32[m, n] {
    %0 = reshape x {dimensions = [m, n]} : f32[m, n]
    %1 = exp %0 : f32[m, n]
    return %1
  }
  return %0
})");
  CompileOptions options;
  try {
    compile(graph, options);
    FAIL() << "compiled what no planner takes";
  } catch (const InternalError& e) {
    const std::string text = e.what();
    const std::string command = "onepass explain --graph ";
    const size_t at = text.find(command);
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_NE(text.find("a reshape inside a kernel moves elements"), std::string::npos) << text;
    EXPECT_NE(text.find(".cpp:"), std::string::npos) << text;
    const std::string path =
        text.substr(at + command.size(), text.find(".ir", at) + 3 - at - command.size());
    std::ifstream file(path);
    const std::string written(std::istreambuf_iterator<char>(file), {});
    EXPECT_TRUE(ir::parse(written) == graph) << path << ":\n" << written;
    std::remove(path.c_str());
  }
}

TEST(Report, TellsWhichStoresBypassTheCaches) {
  CompileOptions options;
  options.target = {InstructionSet::x86_64_v3};
  for (const auto& [extent, streamed] : {std::pair{"4194303", false}, {"4194304", true}}) {
    ir::Graph graph = ir::parse("graph g(x: f32[n]) where n = " + std::string(extent) + R"( {
  %0 = exp x : f32[n]
  return %0
})");
    ir::run_pipeline(graph, ir::PassOptions());
    const auto reports = report(graph, options, ReportDetail::loops);
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].streamed, streamed);
    EXPECT_EQ(reports[0].loops.find("streamed") != std::string::npos, streamed);
  }
}

TEST(Report, NamesKindsTrafficAndFacts) {
  const GraphCase graph(R"(
graph g(x: f32[n, m], b: f32[m]) where n = 100, m = 40 {
  %0 = add x, b : f32[n, m]
  %1 = sum %0 {axes = [0], keepdims = false} : f32[m]
  return %0, %1
})");
  CompileOptions options;
  options.target = {InstructionSet::x86_64_v3};  // whose caches have usual sizes
  const auto reports = report(graph.lowered(ir::Mode::fused), options, ReportDetail::loops);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[0].kind, "map");
  EXPECT_EQ(reports[0].operations, 1);
  EXPECT_EQ(reports[0].bytes_read, 4 * (100 * 40 + 40));
  EXPECT_EQ(reports[0].bytes_written, 4 * 100 * 40);
  EXPECT_EQ(reports[0].flops, 100 * 40);
  EXPECT_EQ(reports[0].validity,
            (std::vector<std::string>{"m >= 8", "n >= 8", "n*m in [0, 4194303]"}));
  EXPECT_NE(reports[0].loops.find("vector j"), std::string::npos);
  EXPECT_EQ(reports[1].kind, "reduce");
  EXPECT_EQ(reports[1].flops, 100 * 40);
}

}  // namespace
}  // namespace onepass::codegen
