// SPDX-License-Identifier: Apache-2.0
// The order of the passes, and the loop that runs them.
#include "onepass/ir/passes/pipeline.h"

#include <algorithm>
#include <chrono>

#include "onepass/ir/print.h"
#include "onepass/ir/verify.h"
#include "onepass/runtime/settings.h"

namespace onepass::ir {
namespace {

bool may_round_differently(const PassOptions& options) {
  return options.accuracy == Accuracy::fast;
}

constexpr Pass passes[] = {
    // First: the others know one spelling only.
    {"canonicalise", canonicalise},
    // Before simplify, which looks for constants.
    {"fold_constants", fold_constants},
    // Before eliminate_common: it makes nodes equal.
    {"simplify", simplify},
    // Before widen_half: fewer casts.
    {"eliminate_common", eliminate_common},
    // After simplify, which must not see the casts from f32 to a half and back.
    {"widen_half", widen_half},
    // After widen_half: a widened product is f32.
    {"choose_provider", choose_provider},
    // After widen_half, which makes f32 of halves; before fuse, so that every mode computes the
    // same.
    {"rewrite_fast", rewrite_fast, may_round_differently},
    // After rewrite_fast, which looks for sums and makes products.
    {"contract", contract, may_round_differently},
    // After choose_provider: a library call is a boundary.
    {"fuse", fuse},
    // Last: earlier passes leave nodes behind.
    {"eliminate_dead", eliminate_dead},
};

bool is_enabled(const Pass& pass, const PassOptions& options) {
  const std::vector<std::string>& disabled = runtime::settings().disabled_passes;
  if (std::find(disabled.begin(), disabled.end(), pass.name) != disabled.end()) return false;
  return !pass.enabled || pass.enabled(options);
}

int64_t nanoseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count();
}

#ifdef NDEBUG
constexpr bool is_checked_build = false;
#else
constexpr bool is_checked_build = true;
#endif

}  // namespace

std::span<const Pass> pipeline() { return passes; }

void run_pipeline(Graph& graph, const PassOptions& options, const PassSink& sink) {
  std::string before = sink ? print(graph) : std::string();
  for (const Pass& pass : passes) {
    if (!is_enabled(pass, options)) continue;
    PassRecord record{.name = pass.name, .nanoseconds = 0, .changed = false, .text = {}};
    const auto start = std::chrono::steady_clock::now();
    pass.run(graph, options);
    record.nanoseconds = nanoseconds_since(start);
    if (is_checked_build || sink) verify(graph);
    if (!sink) continue;
    std::string after = print(graph);
    record.changed = after != before;
    if (record.changed) record.text = after;
    before = std::move(after);
    sink(record);
  }
}

}  // namespace onepass::ir
