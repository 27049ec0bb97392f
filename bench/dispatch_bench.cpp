// SPDX-License-Identifier: Apache-2.0
// What an evaluation costs besides its arithmetic: small arrays, warm.
#include <onepass/onepass.h>

#include <string>

#include "harness.h"

namespace op = onepass;

namespace {

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
}

}  // namespace

int main(int argc, char** argv) {
  for (const int64_t n : {1, 64, 1024}) add_size(n);
  return bench::run(argc, argv);
}
