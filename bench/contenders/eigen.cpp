// SPDX-License-Identifier: Apache-2.0
// Eigen's expressions. Products on several threads, by OpenMP; element-wise work has only one.
#include <Eigen/Core>
#include <unsupported/Eigen/SpecialFunctions>

#include "chain_formulas.h"
#include "contenders/contender.h"

namespace bench {
namespace {

using Array = Eigen::Array<float, Eigen::Dynamic, 1>;
using Row = Eigen::Array<float, 1, Eigen::Dynamic>;
using Table = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const Array> array(const float* data, int64_t n) { return {data, n}; }
Eigen::Map<const Table> table(const float* data, int64_t rows, int64_t columns) {
  return {data, rows, columns};
}
Eigen::Map<const Matrix> matrix(const float* data, int64_t rows, int64_t columns) {
  return {data, rows, columns};
}

template <class X>
auto gelu_of(const X& x) {
  return 0.5f * x * (1.0f + (0.79788456f * (x + 0.044715f * x * x * x)).tanh());
}

void gelu(const float* x, float* y, int64_t n) {
  const auto in = array(x, n);
  Eigen::Map<Array>(y, n) = gelu_of(in);
}

void relu_fma(const float* a, const float* b, const float* c, float* y, int64_t n) {
  Eigen::Map<Array>(y, n) = (array(a, n) * array(b, n) + array(c, n)).max(0.0f);
}

void tanh_broadcast(const float* a, const float* b, const float* c, float* y, int64_t rows,
                    int64_t columns) {
  Eigen::Map<Table>(y, rows, columns) =
      ((table(b, rows, columns).colwise() * array(a, rows)).rowwise() +
       Eigen::Map<const Row>(c, columns))
          .tanh();
}

void add(const float* x, const float* y, float* z, int64_t extent) {
  Eigen::Map<Table>(z, extent, extent) = table(x, extent, extent) + table(y, extent, extent);
}

void transposed_add(const float* x, const float* y, float* z, int64_t extent) {
  Eigen::Map<Table>(z, extent, extent) =
      table(x, extent, extent).transpose() + table(y, extent, extent);
}

void polynomial_of(const float* x, float* y, int64_t n) {
  Eigen::Map<Array>(y, n) = polynomial<float>(array(x, n));
}

void option_price_of(const float* stock, const float* strike, const float* years, float* y,
                     int64_t n) {
  Eigen::Map<Array>(y, n) = option_price<float>(array(stock, n), array(strike, n), array(years, n));
}

void great_circle_of(const float* latitude1, const float* longitude1, const float* latitude2,
                     const float* longitude2, float* y, int64_t n) {
  Eigen::Map<Array>(y, n) = great_circle<float>(array(latitude1, n), array(longitude1, n),
                                                array(latitude2, n), array(longitude2, n));
}

void gelu_f64(const double* x, double* y, int64_t n) {
  Eigen::Map<Eigen::ArrayXd>(y, n) = gelu_chain<double>(Eigen::Map<const Eigen::ArrayXd>(x, n));
}

void product(const float* a, const float* b, float* c, ProductSize size, int threads) {
  Eigen::setNbThreads(threads);
  Eigen::Map<Matrix> result(c, size.m, size.n);
  result.noalias() = matrix(a, size.m, size.k) * matrix(b, size.k, size.n);
}

void layer(const float* x, const float* w, const float* b, float* y, ProductSize size,
           int threads) {
  product(x, w, y, size, threads);
  Eigen::Map<Matrix> result(y, size.m, size.n);
  if (b != nullptr) result.rowwise() += Eigen::Map<const Eigen::RowVectorXf>(b, size.n);
  gelu(y, y, size.m * size.n);
}

#define ONEPASS_BENCH_TEXT_OF(token) #token
#define ONEPASS_BENCH_TEXT(macro) ONEPASS_BENCH_TEXT_OF(macro)
constexpr const char* version =
    "Eigen " ONEPASS_BENCH_TEXT(EIGEN_WORLD_VERSION) "." ONEPASS_BENCH_TEXT(
        EIGEN_MAJOR_VERSION) "." ONEPASS_BENCH_TEXT(EIGEN_MINOR_VERSION);

}  // namespace

extern const Contender eigen_contender;
const Contender eigen_contender = {.name = "Eigen",
                                   .version = version,
                                   .gelu = gelu,
                                   .relu_fma = relu_fma,
                                   .tanh_broadcast = tanh_broadcast,
                                   .add = add,
                                   .transposed_add = transposed_add,
                                   .polynomial = polynomial_of,
                                   .option_price = option_price_of,
                                   .great_circle = great_circle_of,
                                   .gelu_f64 = gelu_f64,
                                   .product = product,
                                   .layer = layer,
                                   .most_flops = 3e9};

}  // namespace bench
