// SPDX-License-Identifier: Apache-2.0
// Chains that are nobody's fused operation: a polynomial, a price, a distance, integers under a
// mask, and GELU in f64 and f16.
#include <string>
#include <tuple>
#include <vector>

#include "chain_formulas.h"
#include "contenders/contender.h"
#include "harness.h"
#include "onepass_modes.h"

namespace op = onepass;

namespace {

constexpr int64_t n = 1'000'000;

/// `T`: the elements as contenders take them, `E` as onepass calls them. `member`: who of them
/// computes this.
template <class T, class E = T, class Member, class Expression, class... Inputs>
void add_chain(const std::string& name, Member bench::Contender::* member,
               const Expression& expression, const std::vector<double>& expected, double tolerance,
               const Inputs&... inputs) {
  const op::DType dtype = std::get<0>(std::tie(inputs...)).dtype();
  const int64_t arrays = sizeof...(Inputs) + 1;
  const bench::Work work{name + "/" + std::to_string(n),
                         arrays * n * static_cast<int64_t>(sizeof(T)),
                         op::explain(expression).flops()};
  bench::add_modes(work, expression, expected, tolerance);
  for (const bench::Contender* contender : bench::contenders()) {
    const Member compute = contender->*member;
    if (compute == nullptr) continue;
    const op::Tensor y = op::empty({n}, dtype);
    const auto run = [=] {
      compute(reinterpret_cast<const T*>(inputs.template data<E>())...,
              reinterpret_cast<T*>(y.data<E>()), n);
    };
    run();
    bench::require_close(work.name + "/" + contender->name, y, expected, tolerance);
    bench::add(work, contender->name, run);
  }
}

/// formula(element of each input), in double.
template <class Formula, class... Inputs>
std::vector<double> reference(const Formula& formula, const Inputs&... inputs) {
  std::vector<double> result(static_cast<size_t>(n));
  const auto wide = std::make_tuple(inputs.template to_vector<double>()...);
  for (size_t i = 0; i < result.size(); ++i) {
    result[i] = std::apply([&](const auto&... columns) { return formula(columns[i]...); }, wide);
  }
  return result;
}

op::Tensor uniform(double low, double high, uint64_t seed) {
  return op::random_uniform({n}, {.low = low, .high = high, .seed = seed});
}

void add_floats() {
  constexpr double rounding = 1e-6;
  const op::Tensor x = op::random_normal({n}, {.seed = 1});
  constexpr double sums = 1e-5;  // of large terms of both signs
  add_chain<float>("polynomial", &bench::Contender::polynomial, bench::polynomial<float>(x),
                   reference([](double v) { return bench::polynomial<double>(v); }, x), sums, x);

  const op::Tensor stock = uniform(50, 150, 1), strike = uniform(50, 150, 2),
                   years = uniform(0.1, 2, 3);
  constexpr double cents = 1e-4;  // the difference of two amounts near 100
  add_chain<float>(
      "option_price", &bench::Contender::option_price,
      bench::option_price<float>(stock, strike, years),
      reference([](double s, double k, double t) { return bench::option_price<double>(s, k, t); },
                stock, strike, years),
      cents, stock, strike, years);

  const op::Tensor latitude1 = uniform(0, 1.2, 1), longitude1 = uniform(0, 1.5, 2),
                   latitude2 = uniform(0, 1.2, 3), longitude2 = uniform(0, 1.5, 4);
  add_chain<float>("great_circle", &bench::Contender::great_circle,
                   bench::great_circle<float>(latitude1, longitude1, latitude2, longitude2),
                   reference([](double a, double b, double c,
                                double d) { return bench::great_circle<double>(a, b, c, d); },
                             latitude1, longitude1, latitude2, longitude2),
                   rounding, latitude1, longitude1, latitude2, longitude2);
}

void add_integers() {
  const op::Tensor x = op::evaluate(op::astype(uniform(-1000, 1000, 1), op::i32));
  const op::Tensor y = op::evaluate(op::astype(uniform(-1000, 1000, 2), op::i32));
  const auto formula = [](double a, double b) {
    return (static_cast<int32_t>(a) & 7) == 3 && b > 0 ? a * 2 + b : a - b;
  };
  add_chain<int32_t>("mask", &bench::Contender::mask,
                     op::where((x & 7) == 3 && y > 0, x * 2 + y, x - y), reference(formula, x, y),
                     0, x, y);
}

void add_other_widths() {
  const auto formula = [](double v) { return bench::gelu_chain<double>(v); };
  constexpr double f64_rounding = 1e-14, f16_rounding = 1e-3;
  const op::Tensor wide = op::random_normal({n}, {.seed = 1, .dtype = op::f64});
  add_chain<double>("gelu_f64", &bench::Contender::gelu_f64, bench::gelu_chain<double>(wide),
                    reference(formula, wide), f64_rounding, wide);
  const op::Tensor narrow = op::evaluate(op::astype(wide, op::f16));
  add_chain<uint16_t, op::Float16>("gelu_f16", &bench::Contender::gelu_f16,
                                   bench::gelu_chain<float>(narrow), reference(formula, narrow),
                                   f16_rounding, narrow);
}

}  // namespace

int main(int argc, char** argv) {
  add_floats();
  add_integers();
  add_other_widths();
  return bench::run(argc, argv);
}
