// SPDX-License-Identifier: Apache-2.0
// The command line as a whole, and the one place where errors become text and exit codes.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "commands.h"
#include "exit_status.h"
#include "onepass/runtime/error.h"

namespace onepass::tool {
namespace {

constexpr const char* examples = R"help(Examples:
  onepass eval "gelu(x @ w + b)" x=x.npy w=w.npy b=b.npy -o y.npy
  onepass explain "gelu(x @ w + b)" x=f32[128,512] w=f32[512,256] b=f32[256]
  onepass bench "0.5*x*(1+tanh(0.79788456*(x+0.044715*x**3)))" x=f32[4000000]
  onepass tune "x @ w" x=f32[512,512] w=f32[512,512]
  onepass info
  onepass ops

Exit codes: 0 done, 1 the input is wrong, 2 the command line is wrong, 3 a bug of onepass.
'onepass COMMAND --help' tells more.)help";

/// An expression may begin with a minus sign; a space in front keeps it from being read as an
/// option. Last argument first, as CLI11 wants them.
std::vector<std::string> arguments_of(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (std::string& argument : arguments) {
    const bool one_dash = argument.size() > 1 && argument[0] == '-' && argument[1] != '-';
    if (one_dash && argument != "-o" && argument != "-h") argument.insert(0, " ");
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

int report(const std::string& text, int status) {
  std::fflush(stdout);
  fmt::print(stderr, "error: {}\n", text);
  return status;
}

/// The command whose help fits the mistake.
std::string help_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? "onepass --help"
                        : fmt::format("onepass {} --help", chosen.front()->get_name());
}

int run(CLI::App& app, std::vector<std::string> arguments) {
  try {
    app.parse(std::move(arguments));
    return exit_status::success;
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return report(fmt::format("{}\n  see '{}'", error.what(), help_command(app)),
                  exit_status::usage);
  } catch (const InternalError& error) {
    return report(error.what(), exit_status::internal_error);
  } catch (const Error& error) {
    return report(error.what(), exit_status::user_error);
  } catch (const std::bad_alloc&) {
    return report("out of memory", exit_status::user_error);
  } catch (const std::exception& error) {
    return report(error.what(), exit_status::internal_error);
  }
}

}  // namespace

int run_tool(int argc, const char* const* argv) {
  CLI::App app("onepass: a tensor expression in one pass over memory", "onepass");
  app.require_subcommand(1);
  app.set_version_flag("--version", "onepass " ONEPASS_VERSION);
  app.footer(examples);
  add_eval_command(app);
  add_explain_command(app);
  add_bench_command(app);
  add_tune_command(app);
  add_info_command(app);
  add_ops_command(app);
  return run(app, arguments_of(argc, argv));
}

}  // namespace onepass::tool
