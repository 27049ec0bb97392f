// SPDX-License-Identifier: Apache-2.0
// A program of its own, because it replaces operator new: a warm evaluate_into allocates nothing,
// neither from the C++ heap nor from the buffer pool.
#include <gtest/gtest.h>
#include <onepass/onepass.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include "onepass/runtime/buffer.h"

namespace {
std::atomic<int64_t> heap_allocations{0};

void* counted_allocation(std::size_t size) {
  heap_allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(std::size_t size) { return counted_allocation(size); }
void* operator new[](std::size_t size) { return counted_allocation(size); }
// Those that std::stable_sort takes its memory from.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace onepass {
namespace {

struct Taken {
  int64_t heap, pool_new, pool_reused;
  friend bool operator==(const Taken&, const Taken&) = default;
};

Taken taken() {
  const runtime::PoolStatistics pool = runtime::pool_statistics();
  return {heap_allocations.load(), pool.allocations, pool.reuses};
}

template <class Run>
void expect_no_allocation(const Run& run) {
  for (int i = 0; i < 3; ++i) run();
  const Taken before = taken();
  for (int i = 0; i < 100; ++i) run();
  const Taken after = taken();
  EXPECT_EQ(before.heap, after.heap);
  EXPECT_EQ(before.pool_new, after.pool_new);
  EXPECT_EQ(before.pool_reused, after.pool_reused);
}

TEST(WarmPath, TheCountersCount) {
  const Taken before = taken();
  delete new int(1);
  const Tensor x = zeros({1000}, f32);
  EXPECT_GT(taken().heap, before.heap);
  EXPECT_NE(taken(), before);
}

TEST(WarmPath, EvaluateIntoOfASmallExpressionAllocatesNothing) {
  const Tensor a = ones({64}, f32), b = ones({64}, f32), c = ones({64}, f32), y = zeros({64}, f32);
  expect_no_allocation([&] { evaluate_into(y, relu(a * b + c)); });
  const auto stored = relu(a * b + c);
  expect_no_allocation([&] { evaluate_into(y, stored); });
}

TEST(WarmPath, ScalarsViewsAndInPlaceTargetsAllocateNothing) {
  const Tensor x = ones({32, 8}, f32), y = zeros({8, 32}, f32), z = zeros({32, 8}, f32);
  float factor = 0;
  expect_no_allocation([&] { evaluate_into(y, permute_dims(x, {1, 0}) * (factor += 0.5f)); });
  const Tensor rows = z[{slice(0, 32, 2)}];
  const Tensor even = x[{slice(0, 32, 2)}];
  expect_no_allocation([&] { evaluate_into(rows, even + 1.0f); });
  expect_no_allocation([&] { evaluate_into(z, z * 0.5f + x); });
}

TEST(WarmPath, ProductsOfManySizeClassesAllocateNothing) {
  struct Sizes {
    Tensor x, w, y;
  };
  std::vector<Sizes> classes;
  for (int64_t rows = 1; rows <= 8; ++rows) {
    for (int64_t columns = 16; columns <= 80; columns += 16) {
      classes.push_back({ones({rows, 8}), ones({8, columns}), zeros({rows, columns})});
    }
  }
  expect_no_allocation([&] {
    for (const Sizes& c : classes) evaluate_into(c.y, matmul(c.x, c.w));
  });
}

TEST(WarmPath, ALargeCallOnSeveralThreadsAllocatesNothing) {
  const ThreadScope two(2);
  const Tensor x = ones({1 << 20}, f32), y = zeros({1 << 20}, f32);
  expect_no_allocation([&] { evaluate_into(y, gelu(x)); });
}

}  // namespace
}  // namespace onepass
