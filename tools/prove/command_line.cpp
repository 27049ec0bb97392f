// SPDX-License-Identifier: Apache-2.0
// Options, the loop over functions, and the one place where errors become text and exit codes.
#include "command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <bit>
#include <charconv>
#include <cstdio>
#include <exception>
#include <optional>
#include <thread>

#include "onepass/runtime/error.h"
#include "proven_row.h"
#include "reference.h"

namespace onepass::prove {
namespace {

constexpr const char* examples = R"help(Examples:
  onepass-prove                                 # all functions, strict and fast
  onepass-prove exp log --dtype f32             # all 2^32 inputs of two functions
  onepass-prove --stratum 5/64                  # a part of all inputs
  onepass-prove tanh --table docs/accuracy.md   # renew some rows of the table

Exit codes: 0 every bound holds, 1 one does not, 2 the command line is wrong, 3 a bug of onepass.
docs/accuracy.md says what is measured and how.)help";

constexpr double default_points = 1e8;
constexpr double most_points = 1e12;
constexpr uint64_t most_strata = 1 << 16;

struct Options {
  std::vector<std::string> functions;
  std::string dtype, accuracy, table;
  std::string stratum = "0/1";
  double points = default_points;
  int threads = 0;
};

std::optional<Stratum> parse_stratum(const std::string& text) {
  Stratum stratum;
  const char* const end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, stratum.index);
  if (index.ec != std::errc() || index.ptr == end || *index.ptr != '/') return std::nullopt;
  const auto count = std::from_chars(index.ptr + 1, end, stratum.count);
  if (count.ec != std::errc() || count.ptr != end) return std::nullopt;
  if (!std::has_single_bit(stratum.count) || stratum.count > most_strata) return std::nullopt;
  return stratum.index < stratum.count ? std::optional(stratum) : std::nullopt;
}

std::string stratum_fault(const std::string& text) {
  return parse_stratum(text) ? ""
                             : text + " is not K/N with K below N and N a power of two to 65536";
}

std::vector<std::string> proven_names() {
  std::vector<std::string> names;
  for (const ir::OpCode op : proven_ops()) names.emplace_back(to_string(op));
  return names;
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("FUNCTION", options.functions, "Functions to prove; all by default")
      ->check(CLI::IsMember(proven_names()));
  app.add_option("--dtype", options.dtype, "Only this type")->check(CLI::IsMember({"f32", "f64"}));
  app.add_option("--accuracy", options.accuracy, "Only this accuracy")
      ->check(CLI::IsMember({"strict", "fast"}));
  app.add_option("--stratum", options.stratum, "K/N: part K of N of the inputs")
      ->check(CLI::Validator(stratum_fault, "K/N"));
  app.add_option("--points", options.points, "Inputs where not all are visited [1e8]")
      ->check(CLI::Range(1.0, most_points));
  app.add_option("--threads", options.threads, "Threads; one per CPU by default")
      ->check(CLI::Range(1, 1 << 10));
  app.add_option("--table", options.table, "Renew the rows of this Markdown file");
}

std::vector<Request> requests_of(const Options& options) {
  std::vector<std::string> names = options.functions.empty() ? proven_names() : options.functions;
  std::vector<ir::Accuracy> accuracies;
  for (const ir::Accuracy accuracy : {ir::Accuracy::strict, ir::Accuracy::fast}) {
    if (options.accuracy.empty() || options.accuracy == name_of(accuracy))
      accuracies.push_back(accuracy);
  }
  const int threads = options.threads > 0
                          ? options.threads
                          : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::vector<Request> requests;
  for (const DType dtype : {f32, f64}) {
    if (!options.dtype.empty() && options.dtype != to_string(dtype)) continue;
    for (const std::string& name : names) {
      requests.push_back({*ir::op_from_name(name), dtype, accuracies,
                          static_cast<uint64_t>(options.points), *parse_stratum(options.stratum),
                          threads});
    }
  }
  return requests;
}

void print(const ProvenRow& proven) {
  const Row& row = proven.row;
  fmt::print("{:<13}{} {:<7} bound {:<4} worst {:<9} at {:<24} not nearest {:<14} {:<6} {}\n",
             row.function, row.dtype, row.accuracy, row.bound, row.worst, row.at, row.wrong,
             row.emitters, row.inputs);
  std::fflush(stdout);
  if (proven.failure.empty()) return;
  fmt::print(stderr, "violated: {} {} {}: {}\n", row.function, row.dtype, row.accuracy,
             proven.failure);
}

/// The table is written after each function, so that an interrupted run loses little.
int prove_all(const Options& options) {
  Progress progress;
  bool holds = true;
  for (const Request& request : requests_of(options)) {
    const std::vector<ProvenRow> rows = proven_rows(request, progress);
    for (const ProvenRow& row : rows) {
      print(row);
      holds = holds && row.failure.empty();
    }
    if (options.table.empty()) continue;
    Table table = Table::read(options.table);
    for (const ProvenRow& row : rows) table.put(row.row);
    table.write(options.table);
  }
  return holds ? exit_status::proven : exit_status::violated;
}

int report(const char* text, int status) {
  fmt::print(stderr, "error: {}\n", text);
  return status;
}

}  // namespace

int run_prove(int argc, const char* const* argv) {
  CLI::App app("onepass-prove: measures the error of every function on all its inputs",
               "onepass-prove");
  app.footer(examples);
  Options options;
  add_options(app, options);
  try {
    app.parse(argc, argv);
    return prove_all(options);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return report(error.what(), exit_status::usage);
  } catch (const UserError& error) {
    return report(error.what(), exit_status::usage);
  } catch (const std::exception& error) {
    return report(error.what(), exit_status::internal_error);
  }
}

}  // namespace onepass::prove
