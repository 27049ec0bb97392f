// SPDX-License-Identifier: Apache-2.0
// What an evaluation costs besides its arithmetic: small arrays, warm.
#include <benchmark/benchmark.h>
#include <onepass/onepass.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "harness.h"
#include "onepass/engine/entry.h"
#include "onepass/engine/run.h"

namespace op = onepass;

namespace {

/// The stages of a warm evaluate_into, each alone, by the functions that evaluate_into calls.
template <class Build>
void add_stages(const bench::Work& work, const Build& build, const op::Tensor& target) {
  using Expression = decltype(build());
  using Call = op::Collected<Expression>;
  const auto expression = std::make_shared<const Expression>(build());
  const auto call = std::make_shared<const Call>(*expression);
  op::Tape tape;
  op::TapeWriter writer(tape);
  op::detail::SlotOf<Expression>::slot.describe(writer);
  const std::shared_ptr<const op::Entry> entry =
      op::find_or_make_entry(tape, call->arguments(), {}, {&target, 1});
  const auto sizes = std::make_shared<std::vector<int64_t>>(entry->symbols.size());
  entry->resolve(call->arguments(), *sizes);

  bench::add(work, "stage 1: building the expression", [=] {
    const auto built = build();
    benchmark::DoNotOptimize(&built);
  });
  bench::add(work, "stage 2: collecting its leaves", [=] {
    const Call collected(*expression);
    benchmark::DoNotOptimize(&collected);
  });
  bench::add(work, "stage 3: guard", [=] {
    bool serves = entry->matches(call->arguments(), {}, {&target, 1});
    serves = serves && entry->resolve(call->arguments(), *sizes);
    benchmark::DoNotOptimize(serves);
  });
  bench::add(work, "stage 4: checks of the target, launch, kernel", [=] {
    op::check_targets({&target, 1});
    op::run_into(*entry, call->arguments(), *sizes, {&target, 1});
    benchmark::ClobberMemory();
  });
}

void add_size(int64_t n) {
  const op::Tensor a = op::random_normal({n}, {.seed = 1}), b = op::random_normal({n}, {.seed = 2}),
                   c = op::random_normal({n}, {.seed = 3});
  const auto expression = op::relu(a * b + c);
  const op::Value value = op::relu(op::lazy(a) * b + c);
  const op::Tensor target = op::evaluate(expression);
  bench::require_same_bits("dispatch", op::evaluate(value), target);

  constexpr int64_t arrays = 4;
  const bench::Work work{"dispatch/" + std::to_string(n),
                         arrays * n * static_cast<int64_t>(sizeof(float)),
                         op::explain(expression).flops()};
  bench::add(work, "evaluate_into a stored expression",
             [=] { op::evaluate_into(target, expression); });
  bench::add(work, "evaluate_into, building the expression",
             [=] { op::evaluate_into(target, op::relu(a * b + c)); });
  bench::add(work, "a new tensor", [=] { const op::Tensor y = op::relu(a * b + c); });
  bench::add(work, "a stored Value", [=] { op::evaluate_into(target, value); });
  bench::add(work, "building a Value",
             [=] { op::evaluate_into(target, op::Value(op::relu(op::lazy(a) * b + c))); });
  add_stages(work, [=] { return op::relu(a * b + c); }, target);
}

}  // namespace

int main(int argc, char** argv) {
  // A process with one thread is spared what locks cost others.
  std::thread([] {
    std::this_thread::sleep_until(std::chrono::steady_clock::time_point::max());
  }).detach();
  for (const int64_t n : {1, 64, 1024}) add_size(n);
  return bench::run(argc, argv);
}
