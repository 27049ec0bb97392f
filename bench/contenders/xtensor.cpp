// SPDX-License-Identifier: Apache-2.0
// xtensor's expressions with xsimd. One thread: xtensor has threads only together with TBB.
#include <array>
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xtensor_config.hpp>
#include <xtensor/xview.hpp>

#include "contenders/contender.h"

namespace bench {
namespace {

template <class Float>
auto row(Float* data, int64_t n) {
  const auto size = static_cast<size_t>(n);
  return xt::adapt(data, size, xt::no_ownership(), std::array<size_t, 1>{size});
}

template <class Float>
auto matrix(Float* data, int64_t rows, int64_t columns) {
  const std::array<size_t, 2> shape{static_cast<size_t>(rows), static_cast<size_t>(columns)};
  return xt::adapt(data, shape[0] * shape[1], xt::no_ownership(), shape);
}

void gelu(const float* x, float* y, int64_t n) {
  const auto in = row(x, n);
  auto out = row(y, n);
  xt::noalias(out) = 0.5f * in * (1.0f + xt::tanh(0.79788456f * (in + 0.044715f * in * in * in)));
}

void relu_fma(const float* a, const float* b, const float* c, float* y, int64_t n) {
  auto out = row(y, n);
  xt::noalias(out) = xt::maximum(row(a, n) * row(b, n) + row(c, n), 0.0f);
}

void tanh_broadcast(const float* a, const float* b, const float* c, float* y, int64_t rows,
                    int64_t columns) {
  auto out = matrix(y, rows, columns);
  xt::noalias(out) = xt::tanh(matrix(a, rows, 1) * matrix(b, rows, columns) + row(c, columns));
}

void add(const float* x, const float* y, float* z, int64_t extent) {
  auto out = matrix(z, extent, extent);
  xt::noalias(out) = matrix(x, extent, extent) + matrix(y, extent, extent);
}

void transposed_add(const float* x, const float* y, float* z, int64_t extent) {
  const auto in = matrix(x, extent, extent);
  auto out = matrix(z, extent, extent);
  xt::noalias(out) = xt::transpose(in) + matrix(y, extent, extent);
}

#define ONEPASS_BENCH_TEXT_OF(token) #token
#define ONEPASS_BENCH_TEXT(macro) ONEPASS_BENCH_TEXT_OF(macro)
constexpr const char* version =
    "xtensor " ONEPASS_BENCH_TEXT(XTENSOR_VERSION_MAJOR) "." ONEPASS_BENCH_TEXT(
        XTENSOR_VERSION_MINOR) "." ONEPASS_BENCH_TEXT(XTENSOR_VERSION_PATCH) " with xsimd";

}  // namespace

extern const Contender xtensor_contender;
const Contender xtensor_contender = {.name = "xtensor",
                                     .version = version,
                                     .gelu = gelu,
                                     .relu_fma = relu_fma,
                                     .tanh_broadcast = tanh_broadcast,
                                     .add = add,
                                     .transposed_add = transposed_add};

}  // namespace bench
