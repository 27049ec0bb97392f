// SPDX-License-Identifier: Apache-2.0
// Code is made for a class of sizes and layouts. Here one expression meets many of them in one
// process, in an order that lets code of one class meet calls of another, and each result must be
// the interpreter's.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "sample_tensors.h"

namespace onepass {
namespace {

/// Extents at the edges of classes, and any.
class Extents {
 public:
  explicit Extents(uint64_t seed) : random_(seed) {}

  int64_t next(int64_t most) {
    constexpr int64_t edges[] = {1,  2,  3,  7,  8,   9,   15,  16,  17,
                                 31, 33, 64, 65, 128, 255, 256, 257, 1025};
    const int64_t kind = below(3);
    if (kind == 0) return std::min(most, edges[below(std::size(edges))]);
    return 1 + below(kind == 1 ? std::min<int64_t>(most, 40) : most);
  }
  int64_t below(int64_t end) {
    return static_cast<int64_t>(random_() % static_cast<uint64_t>(end));
  }
  uint64_t seed() { return random_(); }

 private:
  std::mt19937_64 random_;
};

/// Dense, transposed, every second column, or with its rows reversed.
Tensor matrix(Extents& extents, int64_t rows, int64_t columns) {
  const auto numbers = [&](int64_t n, int64_t m) {
    return random_normal({n, m}, {.seed = extents.seed()});
  };
  switch (extents.below(6)) {
    case 0:
      return permute_dims(numbers(columns, rows), {1, 0});
    case 1:
      return numbers(rows, 2 * columns)[{all, slice(0, 2 * columns, 2)}];
    case 2:
      return numbers(rows, columns)[{slice({}, {}, -1)}];
    default:
      return numbers(rows, columns);
  }
}

/// One expression of two matrices of the same shape, on many of them.
template <class Expression>
void expect_interpreted_results(const Expression& expression, int64_t most_elements) {
  Extents extents(1);
  constexpr int shapes = 40;
  for (int i = 0; i < shapes; ++i) {
    const int64_t rows = extents.next(most_elements / 8);
    const int64_t columns = extents.next(std::max<int64_t>(most_elements / rows, 1));
    const Tensor x = matrix(extents, rows, columns), y = matrix(extents, rows, columns);
    const int threads = static_cast<int>(1 + extents.below(3));
    const Tensor got = evaluate(expression(x, y), {.threads = threads});
    const Tensor expected = evaluate(expression(x, y), {.mode = Mode::interpreted});
    ASSERT_TRUE(testing::same_bits(got, expected))
        << rows << "x" << columns << " on " << threads << " threads, shape " << i;
  }
}

constexpr int64_t few = 4'000, many = 40'000;

TEST(SizeClasses, OfMaps) {
  expect_interpreted_results([](const auto& x, const auto& y) { return relu(x * y + 1.0F); }, many);
  expect_interpreted_results(
      [](const auto& x, const auto& y) {
        return permute_dims(x, {1, 0}) + permute_dims(y, {1, 0});
      },
      many);
  expect_interpreted_results(
      [](const auto& x, const auto& y) { return tanh(x[{slice(0, 1)}] * y); }, many);
}

TEST(SizeClasses, OfReductions) {
  expect_interpreted_results([](const auto& x, const auto& y) { return sum(x * y); }, many);
  expect_interpreted_results([](const auto& x, const auto& y) { return sum(x - y, {.axis = {1}}); },
                             many);
  expect_interpreted_results([](const auto& x, const auto& y) { return sum(x - y, {.axis = {0}}); },
                             many);
  expect_interpreted_results([](const auto& x, const auto& y) { return max(x - y, {.axis = {1}}); },
                             many);
  expect_interpreted_results(
      [](const auto& x, const auto& y) { return argmax(x + y, {.axis = {1}}); }, many);
  expect_interpreted_results([](const auto& x, const auto& y) { return argmin(x * y); }, many);
}

TEST(SizeClasses, OfRowsReadAgain) {
  expect_interpreted_results(
      [](const auto& x, const auto& y) { return softmax(x + y, {.axis = {1}}); }, many);
  expect_interpreted_results(
      [](const auto& x, const auto& y) { return softmax(x + y, {.axis = {0}}); }, many);
  expect_interpreted_results(
      [](const auto& x, const auto& y) {
        return layer_norm(x) + mean(y, {.axis = {1}, .keepdims = true});
      },
      many);
  expect_interpreted_results(
      [](const auto& x, const auto& y) { return x - mean(y, {.axis = {0}, .keepdims = true}); },
      many);
}

TEST(SizeClasses, OfRunningSums) {
  expect_interpreted_results(
      [](const auto& x, const auto& y) { return cumulative_sum(x + y, {.axis = {1}}); }, many);
  expect_interpreted_results(
      [](const auto& x, const auto& y) { return cumulative_sum(x * y, {.axis = {0}}) + 1.0F; },
      many);
}

TEST(SizeClasses, OfProducts) {
  expect_interpreted_results(
      [](const auto& x, const auto& y) { return matmul(x, permute_dims(y, {1, 0})); }, few);
  expect_interpreted_results(
      [](const auto& x, const auto& y) {
        return relu(matmul(permute_dims(x, {1, 0}), y) + y[{0}]);
      },
      few);
}

}  // namespace
}  // namespace onepass
