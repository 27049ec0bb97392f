// SPDX-License-Identifier: Apache-2.0
// Gate, registration, and the two ways to run: all at once, or served to scripts/bench.
#include "harness.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "serve.h"

namespace bench {
namespace {

[[noreturn]] void refuse(const std::string& what, size_t element, double value, double expected) {
  std::fprintf(stderr, "%s: element %zu is %.9g, expected %.9g; a wrong answer is not timed\n",
               what.c_str(), element, value, expected);
  std::exit(EXIT_FAILURE);
}

template <class T>
void require_all_close(const std::string& what, std::span<const T> result,
                       std::span<const double> reference, double tolerance) {
  if (result.size() != reference.size()) refuse(what, result.size(), 0, 0);
  for (size_t i = 0; i < result.size(); ++i) {
    const double allowed = tolerance * std::max(1.0, std::abs(reference[i]));
    const double error = std::abs(static_cast<double>(result[i]) - reference[i]);
    if (!(error <= allowed)) refuse(what, i, static_cast<double>(result[i]), reference[i]);
  }
}

}  // namespace

void add(const Work& work, const std::string& contender, std::function<void()> run) {
  const auto body = [work, run = std::move(run)](benchmark::State& state) {
    for (auto iteration : state) run();
    using benchmark::Counter;
    state.counters["bytes"] = Counter(static_cast<double>(work.bytes),
                                      Counter::kIsIterationInvariantRate, Counter::kIs1000);
    state.counters["flops"] =
        Counter(work.flops, Counter::kIsIterationInvariantRate, Counter::kIs1000);
  };
  served_work(work, contender);
  benchmark::RegisterBenchmark((work.name + "/" + contender).c_str(), body)->UseRealTime();
}

void require_close(const std::string& what, std::span<const float> result,
                   std::span<const double> reference, double tolerance) {
  require_all_close(what, result, reference, tolerance);
}

void require_close(const std::string& what, const onepass::Tensor& result,
                   std::span<const double> reference, double tolerance) {
  const std::vector<double> wide = result.to_vector<double>();
  require_all_close(what, std::span<const double>(wide), reference, tolerance);
}

void require_same_bits(const std::string& what, const onepass::Tensor& a,
                       const onepass::Tensor& b) {
  const std::vector<double> left = a.to_vector<double>(), right = b.to_vector<double>();
  if (a.dtype() != b.dtype() || left.size() != right.size()) refuse(what, left.size(), 0, 0);
  for (size_t i = 0; i < left.size(); ++i) {
    if (std::isnan(left[i]) && std::isnan(right[i])) continue;
    // Every dtype of the benchmarks widens to double without loss.
    if (std::memcmp(&left[i], &right[i], sizeof(double)) != 0) refuse(what, i, left[i], right[i]);
  }
}

std::span<const float> elements(const onepass::Tensor& tensor) {
  return {tensor.data<float>(), static_cast<size_t>(tensor.size())};
}

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const bool served = argc == 2 && std::string_view(argv[1]) == "--serve";
  if (!served && benchmark::ReportUnrecognizedArguments(argc, argv)) return EXIT_FAILURE;
  if (served) {
    serve();
    benchmark::Shutdown();
    return EXIT_SUCCESS;
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return EXIT_SUCCESS;
}

}  // namespace bench
