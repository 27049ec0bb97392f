// SPDX-License-Identifier: Apache-2.0
// The code that docs/acceleration.md and docs/errors.md show, between `// [name]` and `// [/name]`,
// and claims about it.
#include "lessons.h"

#include <gtest/gtest.h>
#include <onepass/acceleration.h>
#include <onepass/onepass.h>

#include <cstring>
#include <limits>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

namespace onepass::docs {

namespace op = onepass;

// [naive]
void naive_matmul(const float* a, const float* b, float* c, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      float sum = 0;
      for (int64_t k = 0; k < n; ++k) sum += a[i * n + k] * b[k * n + j];
      c[i * n + j] = sum;
    }
  }
}
// [/naive]

namespace {

bool same_bytes(const op::Tensor& a, const op::Tensor& b) {
  const std::vector<float> left = a.to_vector<float>(), right = b.to_vector<float>();
  return left.size() == right.size() &&
         std::memcmp(left.data(), right.data(), left.size() * sizeof(float)) == 0;
}

TEST(Lessons, TheThreeProductsAgree) {
  const int64_t n = 96;
  // [products]
  op::Tensor a = op::random_normal({n, n}, {.seed = 1});
  op::Tensor b = op::random_normal({n, n}, {.seed = 2});
  op::Tensor by_library = op::acceleration::vectorized_matmul(a, b);
  op::Tensor by_tiles = op::acceleration::tiled_matmul(a, b, 64);
  // [/products]
  std::vector<float> by_loops(static_cast<size_t>(n * n));
  naive_matmul(a.data<float>(), b.data<float>(), by_loops.data(), n);
  const std::vector<float> library = by_library.to_vector<float>(),
                           tiles = by_tiles.to_vector<float>();
  // Each sum of n products of magnitude about 1 may round in its own order.
  const double tolerance = static_cast<double>(n) * std::numeric_limits<float>::epsilon() * 16;
  for (size_t i = 0; i < by_loops.size(); ++i) {
    ASSERT_NEAR(by_loops[i], library[i], tolerance) << i;
    ASSERT_NEAR(by_loops[i], tiles[i], tolerance) << i;
  }
}

TEST(Lessons, TheTileSizeNeverShowsInTheBits) {
  const op::Tensor a = op::random_normal({37, 53}, {.seed = 1});
  const op::Tensor b = op::random_normal({53, 29}, {.seed = 2});
  const op::Tensor first = op::acceleration::tiled_matmul(a, b, 1);
  for (const int64_t tile : {7, 16, 64, 1000}) {
    EXPECT_TRUE(same_bytes(first, op::acceleration::tiled_matmul(a, b, tile))) << tile;
  }
}

TEST(Lessons, IntensityIsFlopsOverBytes) {
  op::Tensor a = op::ones({1000}), b = op::ones({1000});
  // [intensity]
  op::Explanation add = op::explain(a + b);
  double intensity = add.flops() / static_cast<double>(add.bytes());
  // [/intensity]
  EXPECT_DOUBLE_EQ(intensity, 1.0 / 12);
}

TEST(Lessons, FusedAndUnfusedGeluHaveTheSameBits) {
  op::Tensor x = op::random_normal({10'000}, {.seed = 3});
  // [fusion]
  op::Tensor one_pass = op::acceleration::fused_gelu(x);
  op::Tensor eight_passes = op::acceleration::unfused_gelu(x);  // the same bits
  // [/fusion]
  EXPECT_TRUE(same_bytes(one_pass, eight_passes));
}

TEST(Lessons, TransfersAreCountedFromTheGraph) {
  const op::Tensor x = op::ones({1000});
  const auto gelu = gelu_of(x);
  // [transfers]
  int64_t array_bytes = x.size() * 4;
  int64_t transfers = 0;
  for (const op::KernelSummary& kernel : op::explain(gelu, {.mode = op::Mode::unfused}).kernels())
    transfers += kernel.bytes() / array_bytes;
  // [/transfers]
  EXPECT_EQ(transfers, 18);
  std::map<int64_t, int> kernels_with;  // by arrays that they move
  for (const op::KernelSummary& kernel : op::explain(gelu, {.mode = op::Mode::unfused}).kernels())
    ++kernels_with[kernel.bytes() / array_bytes];
  EXPECT_EQ(kernels_with, (std::map<int64_t, int>{{2, 6}, {3, 2}}));
}

TEST(Lessons, APreallocatedOutputKeepsItsMemory) {
  op::Tensor x = op::random_normal({1000}, {.seed = 4});
  const op::Tensor start = op::Tensor::copy_of(x);
  const float* const memory = x.data<float>();
  const int steps = 3;
  // [preallocated]
  op::Tensor out = op::empty({1000});
  for (int step = 0; step < steps; ++step) {
    op::evaluate_into(out, op::tanh(x) + 0.5f * x);
    std::swap(x, out);  // handles change places; no element moves
  }
  // [/preallocated]
  op::Tensor expected = start;
  for (int step = 0; step < steps; ++step) expected = op::tanh(expected) + 0.5f * expected;
  EXPECT_TRUE(same_bytes(x, expected));
  EXPECT_EQ(out.data<float>(), memory);
}

TEST(Lessons, AnOutputMayShareMemoryWithItsInputs) {
  op::Tensor x = op::random_normal({8, 8}, {.seed = 5});
  const op::Tensor before = op::Tensor::copy_of(x);
  // [aliasing]
  op::evaluate_into(x, x * 2.0f);                         // in place
  op::evaluate_into(x, x + op::permute_dims(x, {1, 0}));  // reads across: through a temporary
  // [/aliasing]
  const op::Tensor doubled = before * 2.0f;
  const op::Tensor expected = doubled + op::permute_dims(doubled, {1, 0});
  EXPECT_TRUE(same_bytes(x, expected));
}

TEST(Lessons, ThreadsNeverShowInTheBits) {
  op::Tensor x = op::random_normal({300'000}, {.seed = 6});
  const auto gelu = gelu_of(x);
  // [threads]
  op::Tensor alone = op::evaluate(gelu, {.threads = 1});
  op::Tensor together = gelu;  // as many threads as this process may use; the same bits
  // [/threads]
  EXPECT_TRUE(same_bytes(alone, together));
}

TEST(Lessons, AFailedCallChangesNothing) {
  op::Tensor x = op::full({2, 3}, 7.0f);
  std::ostringstream log;
  // [failure]
  try {
    op::evaluate_into(x, x * op::ones({4}));
  } catch (const op::UserError& error) {
    log << error.what() << "\n";  // and x is as it was
  }
  // [/failure]
  EXPECT_NE(log.str(), "");
  EXPECT_EQ(x.to_vector<float>(), std::vector<float>(6, 7.0f));
}

}  // namespace
}  // namespace onepass::docs
