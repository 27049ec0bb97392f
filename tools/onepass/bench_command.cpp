// SPDX-License-Identifier: Apache-2.0
// onepass bench: races the modes of an expression.
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "commands.h"
#include "expression_options.h"
#include "onepass/engine/roofline.h"
#include "prepared_expression.h"
#include "race.h"
#include "race_report.h"
#include "text_file.h"

namespace onepass::tool {
namespace {

constexpr const char* examples =
    R"help(Every mode is checked against the first before anything is timed. Speed-up is against the
unfused mode; the roof is what this machine reaches with data in memory, measured now
unless 'onepass info --save' kept it: work whose data stays in the caches can stand above it.
--json writes one object per mode: mode, median_ns, min_ns, bytes moved and flops of one
evaluation, compile_ns, kernels (compiled ones and library calls; the interpreter has none,
its bytes are those of its steps), max_abs_diff from the first mode.

Examples:
  onepass bench "0.5*x*(1+tanh(0.79788456*(x+0.044715*x**3)))" x=f32[4000000]
  onepass bench "gelu(x @ w + b)" x=f32[128,512] w=f32[512,256] b=f32[256] --threads 1
  onepass bench "relu(a*b+c)" a=f32[64] b=f32[64] c=f32[64] --modes fused,unfused
  onepass bench "gelu(x)" x=f32[1000000] --accuracy fast --json gelu.json)help";

struct BenchOptions {
  ExpressionOptions expression;
  std::vector<std::string> modes = mode_names();
  double seconds = 0.5;
  std::string json_file;
};

void print_heading(const PreparedExpression& prepared, const BenchOptions& options, int threads) {
  std::cout << prepared.source() << "\n";
  for (const Binding& binding : prepared.bindings()) {
    std::cout << "  " << binding.name << " = " << binding.text << "\n";
  }
  std::cout << fmt::format("  {} threads, accuracy {}\n\n", threads, options.expression.accuracy);
}

void run_bench(const BenchOptions& options) {
  const PreparedExpression prepared(options.expression.expression, options.expression.bindings,
                                    {.seed = options.expression.seed});
  RaceOptions race_options;
  for (const std::string& name : options.modes) race_options.modes.push_back(mode_from_name(name));
  race_options.evaluation = options.expression.evaluate_options();
  race_options.seconds = options.seconds;
  const int threads =
      options.expression.threads > 0 ? options.expression.threads : onepass::threads();

  const auto results =
      prepared.with_value([&](const Value& value) { return race(value, race_options); });
  if (options.json_file == standard_output) {
    std::cout << to_json(results);
    return;
  }
  const auto saved = saved_peaks();
  const MachinePeaks peaks = saved ? *saved : measure_peaks();
  print_heading(prepared, options, threads);
  print_table(std::cout, results, roof_for(peaks, threads));
  if (!options.json_file.empty()) write_text("--json", options.json_file, to_json(results));
}

}  // namespace

void add_bench_command(CLI::App& app) {
  constexpr double longest = 3600;
  CLI::App* command = app.add_subcommand("bench", "Race the modes of an expression");
  auto options = std::make_shared<BenchOptions>();
  options->expression.add_expression(*command)->required();
  command->add_option("--modes", options->modes, "The modes that race, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(mode_names()))
      ->capture_default_str();
  command
      ->add_option("--json", options->json_file,
                   "Write the results to this file; -: to the output, alone")
      ->type_name("FILE");
  command
      ->add_option("--min-time", options->seconds, "Seconds of measuring for each mode, at least")
      ->check(CLI::Range(0.0, longest))
      ->capture_default_str();
  options->expression.add_choices(*command);
  options->expression.add_provider(*command);
  command->footer(examples);
  command->callback([options] { run_bench(*options); });
}

}  // namespace onepass::tool
