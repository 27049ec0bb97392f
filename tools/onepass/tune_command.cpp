// SPDX-License-Identifier: Apache-2.0
// onepass tune: finds the fastest tiles for the products of expressions and keeps them.
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "commands.h"
#include "expression_options.h"
#include "prepared_expression.h"
#include "tuner.h"

namespace onepass::tool {
namespace {

constexpr const char* examples =
    R"help(Times register tiles, blocks for the caches and packing for every product of the expression
that is generated, on this CPU and with these numbers of threads, and keeps what is faster for
all products of the class: sizes up to the next power of two. Bits never change, which is
checked. Later processes of this user plan with it; ONEPASS_TUNING=0 ignores it, and so do code
for ONEPASS_TARGET, another CPU and another version. 'onepass explain' shows what is tuned,
'onepass info' how much. The provider stays what it is, since results by BLAS may differ in bits:
choose it with --provider.

Examples:
  onepass tune "x @ w" x=f32[512,512] w=f32[512,512]
  onepass tune "gelu(x @ w + b)" x=f32[128,512] w=f32[512,256] b=f32[256] --threads 1)help";

struct TuneOptions {
  ExpressionOptions expression;
  bool keeps = true;
};

void print(const TunedProduct& result) {
  constexpr double microsecond = 1e3;
  std::cout << to_string(result.product) << "\n"
            << fmt::format("  usual  {:>10.2f} us  {}\n", result.usual_ns / microsecond,
                           to_string(result.usual));
  if (result.best == result.usual) {
    std::cout << fmt::format("  none of {} candidates is faster\n", result.candidates);
    return;
  }
  std::cout << fmt::format("  best   {:>10.2f} us  {}\n", result.best_ns / microsecond,
                           to_string(result.best));
}

void run_tune(const TuneOptions& options) {
  const PreparedExpression prepared(options.expression.expression, options.expression.bindings,
                                    {.seed = options.expression.seed});
  const EvaluateOptions evaluation = options.expression.evaluate_options();
  const auto results =
      prepared.with_value([&](const Value& value) { return tune(value, evaluation); });
  codegen::ProductTuning tuning = codegen::load_tuning().products;
  for (const TunedProduct& result : results) {
    print(result);
    tuning.erase(result.product);
    if (result.best != result.usual) tuning.emplace(result.product, result.best);
  }
  if (!options.keeps) return;
  save_tuning(tuning);
  std::cout << "kept in " << codegen::saved_tuning_path() << "\n";
}

}  // namespace

void add_tune_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("tune", "Find the fastest tiles for the products of an expression");
  auto options = std::make_shared<TuneOptions>();
  options->expression.add_expression(*command)->required();
  command->add_flag("!--dry-run", options->keeps, "Only show what is faster");
  options->expression.add_choices(*command);
  command->footer(examples);
  command->callback([options] { run_tune(*options); });
}

}  // namespace onepass::tool
