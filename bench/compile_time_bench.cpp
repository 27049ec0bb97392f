// SPDX-License-Identifier: Apache-2.0
// The time to a first result once the process has a compiler session: capture, passes, planning and
// code generation, with every cache emptied before each run.
#include <onepass/onepass.h>

#include "harness.h"
#include "onepass/runtime/kernel_cache.h"

namespace op = onepass;

namespace {

constexpr int64_t few_elements = 64;

template <class Build>
void add_case(const std::string& work, Build build) {
  const op::Tensor x = op::random_normal({few_elements, few_elements}, {.seed = 1});
  const op::Tensor expected = op::evaluate(op::Value(build(x)), {.mode = op::Mode::interpreted});
  bench::require_same_bits(work, op::evaluate(op::Value(build(x))), expected);
  bench::add({work, 0, 0}, "onepass", [=] {
    op::runtime::kernel_cache().clear();
    op::runtime::expression_cache().clear();
    op::evaluate(op::Value(build(x)));
  });
}

op::Value chain(const op::Tensor& x, int operations) {
  op::Value value = op::lazy(x);
  for (int i = 0; i < operations; ++i) value = i % 2 == 0 ? value * x : value + x;
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  add_case("compile/add", [](const op::Tensor& x) { return op::lazy(x) + x; });
  add_case("compile/gelu", [](const op::Tensor& x) { return op::gelu(op::lazy(x)); });
  add_case("compile/sum of squares", [](const op::Tensor& x) { return op::sum(op::lazy(x) * x); });
  add_case("compile/layer",
           [](const op::Tensor& x) { return op::gelu(op::matmul(op::lazy(x), x) + x); });
  for (const int operations : {1, 2, 4, 8, 16, 30, 64, 128, 256, 512}) {
    add_case("compile chain/" + std::to_string(operations),
             [=](const op::Tensor& x) { return chain(x, operations); });
  }
  return bench::run(argc, argv);
}
