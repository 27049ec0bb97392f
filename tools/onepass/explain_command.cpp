// SPDX-License-Identifier: Apache-2.0
// onepass explain: an expression, or a graph that a failed compile left behind, at every stage.
#include <iostream>
#include <memory>

#include "commands.h"
#include "expression_options.h"
#include "graph_replay.h"
#include "onepass/engine/explain.h"
#include "prepared_expression.h"
#include "stages.h"

namespace onepass::tool {
namespace {

constexpr const char* examples = R"help(Examples:
  onepass explain "gelu(x @ w + b)" x=f32[128,512] w=f32[512,256] b=f32[256]
  onepass explain "gelu(x)" x=f32[1000000] --stage asm
  onepass explain "gelu(x)" x=f32[1000000] --stage dot | dot -Tsvg > gelu.svg
  onepass explain "sum(x * x, axis=0)" x=f32[4096,4096] --measure
  onepass explain --graph /tmp/onepass-repro.txt --stage llvm)help";

struct ExplainOptions {
  ExpressionOptions expression;
  std::string stage;
  std::string graph_file;
  bool measure = false;
};

void run_explain(const ExplainOptions& options) {
  const FillOptions fill{.random = options.measure, .seed = options.expression.seed};
  const PreparedExpression prepared(options.expression.expression, options.expression.bindings,
                                    fill);
  prepared.with_value([&](const Value& value) {
    Explanation explanation =
        explain({&value, 1}, options.expression.evaluate_options(), prepared.leaf_names());
    if (options.measure) explanation.measure();
    print_stage(std::cout, options.stage, explanation);
  });
}

void run(const ExplainOptions& options) {
  const bool has_expression = !options.expression.expression.empty();
  if (options.graph_file.empty()) {
    if (!has_expression) throw CLI::RequiredError("EXPRESSION or --graph");
    return run_explain(options);
  }
  if (has_expression) throw CLI::ExcludesError("EXPRESSION", "--graph");
  if (options.measure) throw CLI::ExcludesError("--measure", "--graph");
  const GraphReplay replay(options.graph_file, options.expression.evaluate_options());
  print_stage(std::cout, options.stage, replay);
}

}  // namespace

void add_explain_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("explain", "Show what becomes of an expression");
  auto options = std::make_shared<ExplainOptions>();
  options->expression.add_expression(*command);
  command->add_option("--stage", options->stage, "Only this stage; by default a summary")
      ->check(CLI::IsMember(stage_names()));
  command
      ->add_option("--graph", options->graph_file,
                   "Explain the graph in this file instead of an expression")
      ->type_name("FILE");
  command->add_flag("--measure", options->measure,
                    "Also run it, and compare with what this machine can do");
  options->expression.add_mode(*command);
  options->expression.add_choices(*command);
  options->expression.add_provider(*command);
  command->footer(examples);
  command->callback([options] { run(*options); });
}

}  // namespace onepass::tool
