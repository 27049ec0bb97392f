// SPDX-License-Identifier: Apache-2.0
// What every benchmark program does: gate first, then register, then let Google Benchmark time.
#pragma once

#include <onepass/onepass.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace bench {

/// What one run of a workload does, whoever computes it.
struct Work {
  std::string name;   // "gelu/1024"
  int64_t bytes = 0;  // inputs read once and outputs written once
  double flops = 0;
};

/// Registers `run` as "work/contender", with bytes and flops per second as counters.
void add(const Work& work, const std::string& contender, std::function<void()> run);

/// The gate. Ends the program with a text and exit code 1 where a result is wrong: a wrong answer
/// is not timed. Every element must be within `tolerance` * max(1, |reference|) of the reference.
void require_close(const std::string& what, std::span<const float> result,
                   std::span<const double> reference, double tolerance);
/// The same for a tensor of any dtype.
void require_close(const std::string& what, const onepass::Tensor& result,
                   std::span<const double> reference, double tolerance);
/// Equal bits where not NaN, and NaN where NaN: what onepass promises between its modes.
void require_same_bits(const std::string& what, const onepass::Tensor& a, const onepass::Tensor& b);

/// The elements of a dense f32 tensor.
std::span<const float> elements(const onepass::Tensor& tensor);

/// Runs what is registered; takes the arguments of Google Benchmark. With --serve besides: answers
/// requests, see serve.h.
int run(int argc, char** argv);

}  // namespace bench
