// SPDX-License-Identifier: Apache-2.0
// The acceleration lessons, each one expression.
#include "onepass/engine/acceleration.h"

#include <cmath>
#include <numbers>
#include <string>

#include "onepass/engine/evaluate.h"
#include "onepass/engine/operators.h"
#include "onepass/runtime/error.h"

namespace onepass::acceleration {

namespace {

/// The tanh form of GELU as an array programmer writes it: eight operations, in this order.
auto gelu_of(const Tensor& x) {
  const double scale = std::sqrt(2.0 / std::numbers::pi);
  return 0.5 * x * (1.0 + tanh(scale * (x + 0.044715 * pow(x, 3))));
}

}  // namespace

Tensor vectorized_matmul(const Tensor& a, const Tensor& b) {
  const bool library = a.dtype() == b.dtype() && (a.dtype() == f32 || a.dtype() == f64);
  return evaluate(matmul(a, b), {.provider = library ? Provider::openblas : Provider::generated});
}

Tensor tiled_matmul(const Tensor& a, const Tensor& b, int64_t tile_size) {
  if (tile_size < 1) {
    throw UserError("tiled_matmul: tile_size is " + std::to_string(tile_size) +
                    "; it must be at least 1.");
  }
  const CallWords<1, 0> words{{tile_size}, {}};
  return evaluate(structural<StructuralFunction::tiled_matmul>(words, a, b));
}

Tensor fused_gelu(const Tensor& x) { return evaluate(gelu_of(x)); }

Tensor unfused_gelu(const Tensor& x) { return evaluate(gelu_of(x), {.mode = Mode::unfused}); }

}  // namespace onepass::acceleration
