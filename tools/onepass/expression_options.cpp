// SPDX-License-Identifier: Apache-2.0
// Names of modes, accuracies and providers on the command line.
#include "expression_options.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace onepass::tool {
namespace {

constexpr int most_threads = 1024;

constexpr std::pair<std::string_view, Mode> modes[] = {
    {"fused", Mode::fused}, {"unfused", Mode::unfused}, {"interpreted", Mode::interpreted}};
constexpr std::pair<std::string_view, Accuracy> accuracies[] = {{"strict", Accuracy::strict},
                                                                {"fast", Accuracy::fast}};
constexpr std::pair<std::string_view, Provider> providers[] = {{"generated", Provider::generated},
                                                               {"tuned", Provider::tuned},
                                                               {"openblas", Provider::openblas}};

template <class Table>
std::vector<std::string> names(const Table& table) {
  std::vector<std::string> list;
  for (const auto& row : table) list.emplace_back(row.first);
  return list;
}

/// CLI11 has checked that the name is in the table.
template <class Table>
auto named(const Table& table, std::string_view name) {
  return std::find_if(std::begin(table), std::end(table),
                      [&](const auto& row) { return row.first == name; })
      ->second;
}

}  // namespace

std::vector<std::string> mode_names() { return names(modes); }
Mode mode_from_name(std::string_view name) { return named(modes, name); }
std::string_view to_string(Mode mode) {
  return std::find_if(std::begin(modes), std::end(modes),
                      [&](const auto& row) { return row.second == mode; })
      ->first;
}

CLI::Option* ExpressionOptions::add_expression(CLI::App& command) {
  CLI::Option* option =
      command.add_option("EXPRESSION", expression, "What to compute, as in \"gelu(x @ w + b)\"");
  command
      .add_option("BINDINGS", bindings,
                  "name=file.npy, name=3.5 or name=f32[128,512] (random data) for each name")
      ->type_name("NAME=VALUE");
  return option;
}

void ExpressionOptions::add_mode(CLI::App& command) {
  command.add_option("--mode", mode, "How to execute; all modes give the same bits")
      ->check(CLI::IsMember(mode_names()))
      ->capture_default_str();
}

void ExpressionOptions::add_choices(CLI::App& command) {
  command
      .add_option("--threads", threads,
                  "At most this many threads; 0: as many as there are processors")
      ->check(CLI::Range(0, most_threads))
      ->capture_default_str();
  command
      .add_option("--accuracy", accuracy,
                  "strict: the bounds of 'onepass ops'; fast: looser and quicker")
      ->check(CLI::IsMember(names(accuracies)))
      ->capture_default_str();
  command.add_option("--seed", seed, "Of random data")->capture_default_str();
}

void ExpressionOptions::add_provider(CLI::App& command) {
  command
      .add_option(
          "--provider", provider,
          "Who computes matrix products: generated code, which is the default, the library, "
          "or who is faster as 'onepass tune --provider' found")
      ->check(CLI::IsMember(names(providers)));
}

EvaluateOptions ExpressionOptions::evaluate_options() const {
  EvaluateOptions options;
  options.mode = mode_from_name(mode);
  options.threads = threads;
  options.accuracy = named(accuracies, accuracy);
  if (!provider.empty()) options.provider = named(providers, provider);
  return options;
}

}  // namespace onepass::tool
