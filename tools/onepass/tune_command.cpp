// SPDX-License-Identifier: Apache-2.0
// onepass tune: finds the fastest tiles for the products of expressions and keeps them.
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <vector>

#include "commands.h"
#include "expression_options.h"
#include "onepass/runtime/error.h"
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
'onepass info' how much. With --provider, each product is also timed as a call of the BLAS library
against the best tiles, and the faster one kept. Results by the library may differ in bits, so that
is obeyed only where an evaluation asks for it: 'onepass eval --provider tuned', or
{.provider = Provider::tuned} in C++.

Examples:
  onepass tune "x @ w" x=f32[512,512] w=f32[512,512]
  onepass tune "gelu(x @ w + b)" x=f32[128,512] w=f32[512,256] b=f32[256] --threads 1
  onepass tune "x @ w" x=f32[4,4] w=f32[4,4] --provider)help";

struct TuneOptions {
  ExpressionOptions expression;
  bool races_library = false;
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

void print(const TunedProvider& result) {
  constexpr double microsecond = 1e3;
  std::cout << codegen::to_string(result.product) << "\n"
            << fmt::format("  generated {:>10.2f} us\n  openblas  {:>10.2f} us\n",
                           result.generated_ns / microsecond, result.library_ns / microsecond)
            << fmt::format("  {}, largest difference {:.3g}\n", codegen::to_string(result.lead),
                           result.max_abs_diff);
}

void run_tune(const TuneOptions& options) {
  const PreparedExpression prepared(options.expression.expression, options.expression.bindings,
                                    {.seed = options.expression.seed});
  const EvaluateOptions evaluation = options.expression.evaluate_options();
  codegen::Tuning tuning = codegen::load_tuning().tuning;
  prepared.with_value([&](const Value& value) {
    codegen::ProductTuning best;
    const std::vector<TunedProduct> results = tune(value, evaluation);
    if (results.empty() && !options.races_library) {
      throw UserError(
          "tune: the expression has no product that is generated for this CPU; sizes of 1 and "
          "ONEPASS_TARGET leave nothing to tune. Give larger sizes and no ONEPASS_TARGET.");
    }
    for (const TunedProduct& result : results) {
      print(result);
      tuning.products.erase(result.product);
      if (result.best != result.usual) best.emplace(result.product, result.best);
    }
    tuning.products.insert(best.begin(), best.end());
    if (!options.races_library) return;
    for (const TunedProvider& result : tune_providers(value, evaluation, best)) {
      print(result);
      tuning.providers.insert_or_assign(result.product, result.lead);
    }
  });
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
  command->add_flag("--provider", options->races_library,
                    "Also find who is faster, generated code or the BLAS library");
  command->add_flag("!--dry-run", options->keeps, "Only show what is faster");
  options->expression.add_choices(*command);
  command->footer(examples);
  command->callback([options] { run_tune(*options); });
}

}  // namespace onepass::tool
