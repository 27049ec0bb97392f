// SPDX-License-Identifier: Apache-2.0
// onepass eval: computes an expression; prints the result or writes it to a file.
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "commands.h"
#include "expression_options.h"
#include "prepared_expression.h"

namespace onepass::tool {
namespace {

constexpr const char* examples = R"help(Examples:
  onepass eval "gelu(x @ w + b)" x=x.npy w=w.npy b=b.npy -o y.npy
  onepass eval "sum(x * x, axis=-1, keepdims=True)" x=x.npy
  onepass eval "where(x < 0, 0, x)[1:, ::2]" x=f32[4,6] --mode interpreted
  onepass eval "a[:, None] * b + c" a=a.npy b=b.npy c=0.5 --threads 1)help";

struct EvalOptions {
  ExpressionOptions expression;
  std::string output;
};

void run_eval(const EvalOptions& options) {
  const PreparedExpression prepared(options.expression.expression, options.expression.bindings,
                                    {.seed = options.expression.seed});
  const Tensor result = prepared.with_value(
      [&](const Value& value) { return evaluate(value, options.expression.evaluate_options()); });
  if (options.output.empty()) {
    std::cout << result << "\n";
    return;
  }
  save_npy(options.output, result);
  std::cout << options.output << ": " << onepass::to_string(result.dtype())
            << onepass::to_string(result.shape()) << "\n";
}

}  // namespace

void add_eval_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("eval", "Compute an expression");
  auto options = std::make_shared<EvalOptions>();
  options->expression.add_expression(*command)->required();
  command->add_option("-o,--output", options->output, "Write the result to this .npy file")
      ->type_name("FILE");
  options->expression.add_mode(*command);
  options->expression.add_choices(*command);
  options->expression.add_provider(*command);
  command->footer(examples);
  command->callback([options] { run_eval(*options); });
}

}  // namespace onepass::tool
