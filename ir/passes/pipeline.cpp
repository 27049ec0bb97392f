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

constexpr Pass passes[] = {
    {"canonicalise", canonicalise},          // first: the others know one spelling only
    {"simplify", simplify},                  // before eliminate_common: it makes nodes equal
    {"eliminate_common", eliminate_common},  // before widen_half: fewer casts
    {"widen_half",
     widen_half},  // after simplify, which must not see the casts of f32 to half and back
    {"choose_provider", choose_provider},  // after widen_half: a widened product is f32
    {"fuse", fuse},                        // after choose_provider: a BLAS call is a boundary
    {"eliminate_dead", eliminate_dead},    // last: earlier passes leave nodes behind
};

bool is_disabled(std::string_view name) {
  const std::vector<std::string>& disabled = runtime::settings().disabled_passes;
  return std::find(disabled.begin(), disabled.end(), name) != disabled.end();
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
    if (is_disabled(pass.name)) continue;
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
