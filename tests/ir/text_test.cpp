// SPDX-License-Identifier: Apache-2.0
// The text form: what is printed is read back, and text that is no graph is refused politely.
#include <gtest/gtest.h>

#include <string>

#include "onepass/ir/parse.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/ir/print.h"
#include "onepass/ir/verify.h"
#include "onepass/runtime/error.h"
#include "random_graph.h"
#include "random_numbers.h"

namespace onepass::ir {
namespace {

std::string error_of(std::string_view text) {
  try {
    parse(text);
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

void expect_round_trip(const Graph& graph) {
  const std::string text = print(graph);
  const Graph again = parse(text);
  EXPECT_EQ(print(again), text);
  EXPECT_TRUE(again == graph) << text;
}

TEST(Text, PrintsAGraphAsTheDocumentationShowsIt) {
  const Graph graph = parse(
      "graph scaled(x: f32[n, 1] strides [2, 1], y: f32[m], s0: scalar f32) where n = 4, m = 5 {"
      "%0 = pow x {exponent = -0.5} : f32[n, 1]  %1 = multiply %0, s0 : f32[n, 1]"
      "%2 = add %1, y : f32[n, m] return %2, %0 }");
  EXPECT_EQ(print(graph),
            "graph scaled(x: f32[n, 1] strides [2, 1], y: f32[m], s0: scalar f32) where n = 4, m = "
            "5 {\n"
            "  %0 = pow x {exponent = -0.5} : f32[n, 1]\n"
            "  %1 = multiply %0, s0 : f32[n, 1]\n"
            "  %2 = add %1, y : f32[n, m]\n"
            "  return %2, %0\n"
            "}\n");
  EXPECT_EQ(print(graph, graph.node(graph.outputs[1]).type), "f32[n, 1]");
}

TEST(Text, RoundTripsConstantsOfEveryKind) {
  for (const char* value : {"0", "-0", "1", "0.1", "5e-324", "1.7976931348623157e+308", "inf",
                            "-inf", "nan", "1e+100", "-2.5e-07"}) {
    const std::string text = std::string("graph c() {\n  %0 = constant {value = ") + value +
                             ", dtype = f64} : f64[]\n  return %0\n}\n";
    EXPECT_EQ(print(parse(text)), text);
  }
}

TEST(Text, RoundTripsDerivedExtentsAndFacts) {
  const std::string text =
      "graph d(x: f32[n, m], y: f32[k, m]) where n = 6, m = 4, k = 2, g = 3 is given(0), h = -1 is "
      "given(1), p = 24 is product(n, m), q = 8 is quotient(p, g), r = 24 is product(g, q), t = 8 "
      "is sum(n, k), u = 2 is slice_length(n, 1, end, 3), v = 6 is extent(0, 0) require h in [-1, "
      "-1], g in [0, end], p == r {\n"
      "  %0 = reshape x {dimensions = [g, q]} : f32[g, q]\n"
      "  %1 = concat x, y {axis = 0} : f32[t, m]\n"
      "  %2 = slice x {start = [1, 0], stop = [end, end], step = [3, 1]} : f32[u, m]\n"
      "  return %0, %1, %2\n"
      "}\n";
  EXPECT_EQ(print(parse(text)), text);
  expect_round_trip(parse(text));
}

TEST(Text, RoundTripsRandomGraphsBeforeAndAfterThePipeline) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const RandomCase random = make_random_case(seed);
    SCOPED_TRACE(random.describe());
    verify(random.graph);
    expect_round_trip(random.graph);
    for (const Mode mode : {Mode::fused, Mode::unfused}) {
      Graph graph = random.graph;
      run_pipeline(graph, {mode, Accuracy::strict, {}});
      verify(graph);
      expect_round_trip(graph);
    }
    if (HasFailure()) return;
  }
}

TEST(Text, NamesThePlaceAndWhatIsExpected) {
  EXPECT_EQ(error_of(""), "parse: line 1, column 1: found the end of the text; expected 'graph'.");
  EXPECT_EQ(error_of("graph g(x: f31[n]) where n = 4 { return x }"),
            "parse: line 1, column 12: found 'f31'; expected a dtype.");
  EXPECT_EQ(error_of("graph g(x: f32[n]) where n = 4 {\n  %0 = tangent x : f32[n]\n}"),
            "parse: line 2, column 8: found 'tangent'; expected the name of an op.");
  EXPECT_EQ(error_of("graph g(x: f32[n]) where n = 4 {\n  %0 = tan y : f32[n]\n}"),
            "parse: line 2, column 12: found 'y'; expected the name of a parameter.");
  EXPECT_EQ(error_of("graph g(x: f32[n]) where n = 4 {\n  %0 = tan %0 : f32[n]\n}"),
            "parse: line 2, column 12: found '%0'; expected an earlier value.");
  EXPECT_EQ(error_of("graph g(x: f32[n]) { return x }"),
            "parse: line 1, column 16: found 'n'; expected 1 or the name of an extent.");
  EXPECT_EQ(error_of("graph g(x: f32[n]) where n = 4 {\n  %0 = tan x : f32[n]\n  %2 = x"),
            "parse: line 3, column 3: found '%2'; expected '%1' or 'return'.");
  EXPECT_EQ(error_of("graph g(x: f32[n]) where n = 4 {\n  %0 = tan x : f32[]\n  return %0\n}"),
            "parse: line 2, column 3: the type is f32[], but the op gives f32[4].");
  EXPECT_EQ(error_of("graph g(x: i32[n]) where n = 4 {\n  %0 = tan x : i32[n]\n  return %0\n}"),
            "parse: line 2, column 3: tan: x is i32[4]; it needs a floating dtype. Cast it first, "
            "for example astype(x, f32)..");
}

TEST(Text, SurvivesEveryMutation) {
  RandomNumbers random(7);
  static constexpr std::string_view splices[] = {"{",
                                                 "}",
                                                 "(",
                                                 ")",
                                                 "[",
                                                 "]",
                                                 ",",
                                                 ":",
                                                 "=",
                                                 "==",
                                                 "%0",
                                                 "x",
                                                 "fused",
                                                 "end",
                                                 "-1",
                                                 "9223372036854775807",
                                                 "1e999",
                                                 "sum",
                                                 "s0",
                                                 "\xff",
                                                 "where",
                                                 "1",
                                                 "f32[n]",
                                                 "result",
                                                 "return",
                                                 "require",
                                                 "is given(99999999999)",
                                                 "nan",
                                                 "-"};
  int accepted = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Graph graph = make_random_case(seed).graph;
    if (seed % 2 == 0) run_pipeline(graph, {});
    const std::string text = print(graph);
    for (int i = 0; i < 200; ++i) {
      std::string mutated = text;
      for (uint64_t edits = 1 + random.below(3); edits > 0 && !mutated.empty(); --edits) {
        const size_t place = random.below(mutated.size());
        switch (random.below(5)) {
          case 0:
            mutated.erase(place, 1 + random.below(10));
            break;
          case 1:
            mutated.insert(place, splices[random.below(std::size(splices))]);
            break;
          case 2:
            mutated[place] = static_cast<char>(random.below(256));
            break;
          case 3:
            mutated.resize(place);
            break;
          default:
            mutated.insert(place, mutated.substr(random.below(mutated.size()), 30));
        }
      }
      try {
        const Graph read = parse(mutated);
        ++accepted;
        EXPECT_TRUE(parse(print(read)) == read) << mutated;
      } catch (const UserError& error) {
        EXPECT_TRUE(std::string_view(error.what()).starts_with("parse: line ")) << error.what();
      }
    }
  }
  EXPECT_GT(accepted, 0);
}

TEST(Text, DrawsEveryNodeAndKernel) {
  Graph graph = parse(
      "graph g(x: f32[n]) where n = 4 { %0 = exp x : f32[n] %1 = sum %0 {axes = [0], keepdims = "
      "true} : f32[1] %2 = divide %0, %1 : f32[n] return %2 }");
  const std::string before = print_dot(graph);
  EXPECT_NE(before.find("n2 -> n3;"), std::string::npos) << before;
  run_pipeline(graph, {});
  const std::string after = print_dot(graph);
  EXPECT_NE(after.find("subgraph cluster_n"), std::string::npos) << after;
  EXPECT_NE(after.find("divide"), std::string::npos) << after;
}

TEST(Text, DrawsOnlyWhatAnOutputNeeds) {
  Graph graph = parse(
      "graph g(x: f32[n], unused: f32[n], s0: scalar f32, s1: scalar f32) where n = 4 { "
      "%0 = pow x {exponent = 3} : f32[n] %1 = multiply %0, s1 : f32[n] return %1 }");
  for (const bool is_fused : {false, true}) {
    if (is_fused) run_pipeline(graph, {});
    const std::string drawn = print_dot(graph);
    EXPECT_NE(drawn.find("\"x\nf32[n]\""), std::string::npos) << drawn;
    EXPECT_NE(drawn.find("\"s1\nf32[]\""), std::string::npos) << drawn;
    EXPECT_EQ(drawn.find("\"s0"), std::string::npos) << drawn;
    EXPECT_EQ(drawn.find("\"unused"), std::string::npos) << drawn;
  }
}

TEST(Text, DrawsNoOperandThatABodyIgnores) {
  const Graph graph = parse(
      "graph g(x: f32[n], y: f32[n], s0: scalar f32) where n = 4 { "
      "%0 = fused kernel(x = x, y = y, s0 = s0) {reasons = [graph_input, graph_input]} : f32[n] { "
      "%0 = exp x : f32[n] return %0 } return %0 }");
  const std::string drawn = print_dot(graph);
  EXPECT_NE(drawn.find("n0 -> n3_3;"), std::string::npos) << drawn;
  EXPECT_EQ(drawn.find("\"y"), std::string::npos) << drawn;
  EXPECT_EQ(drawn.find("\"s0"), std::string::npos) << drawn;
}

}  // namespace
}  // namespace onepass::ir
