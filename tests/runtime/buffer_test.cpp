// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/buffer.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "expect_error.h"

namespace onepass::runtime {
namespace {

using onepass::testing::expect_error;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif

int64_t page_faults() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_minflt;
}

TEST(Buffer, IsAlignedAndAsLargeAsAsked) {
  std::vector<Buffer> kept;
  for (int64_t bytes = 0; bytes < int64_t{1} << 26; bytes = bytes * 3 / 2 + 1) {
    Buffer buffer(bytes);
    ASSERT_NE(buffer.data(), nullptr);
    ASSERT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % buffer_alignment, 0u);
    ASSERT_EQ(buffer.size(), bytes);
    std::memset(buffer.data(), 0x5A, static_cast<size_t>(bytes));
    kept.push_back(std::move(buffer));
  }
  for (const Buffer& buffer : kept) {
    for (int64_t i = 0; i < buffer.size(); i += 997) {
      ASSERT_EQ(buffer.data()[i], std::byte{0x5A}) << "buffers overlap";
    }
  }
}

TEST(Buffer, MovesItsBlock) {
  Buffer a(100);
  std::byte* const data = a.data();
  Buffer b = std::move(a);
  EXPECT_EQ(b.data(), data);
  Buffer c;
  c = std::move(b);
  EXPECT_EQ(c.data(), data);
  EXPECT_EQ(c.size(), 100);
}

TEST(Buffer, SaysHowMuchTheSystemRefused) {
  for (const int64_t bytes : {INT64_MAX, INT64_MAX - 63, int64_t{1} << 62, int64_t{1} << 50}) {
    const PoolStatistics before = pool_statistics();
    expect_error<SystemError>("buffer: cannot allocate " + std::to_string(bytes) + " bytes.",
                              [&] { Buffer buffer(bytes); });
    EXPECT_EQ(pool_statistics().bytes_in_use, before.bytes_in_use);
  }
  expect_error<SystemError>("buffer: cannot allocate -1 bytes.", [] { Buffer buffer(-1); });
}

TEST(BlockBytes, WasteAtMostAQuarterAboveFourLines) {
  for (int64_t bytes = 257; bytes < int64_t{1} << 40; bytes += bytes / 37 + 1) {
    ASSERT_GE(block_bytes(bytes), bytes);
    ASSERT_LE(block_bytes(bytes), bytes + bytes / 4) << bytes;
    ASSERT_EQ(block_bytes(block_bytes(bytes)), block_bytes(bytes));
    ASSERT_EQ(block_bytes(bytes) % static_cast<int64_t>(buffer_alignment), 0);
  }
  EXPECT_EQ(block_bytes(0), 64);
  EXPECT_EQ(block_bytes(64), 64);
  EXPECT_EQ(block_bytes(65), 128);
  EXPECT_EQ(block_bytes(256), 256);
  EXPECT_EQ(block_bytes(257), 320);
  EXPECT_EQ(block_bytes(INT64_MAX), -1);
}

TEST(BufferPool, ARepeatedUseFaultsInNoPages) {
  const auto use = [] {
    Buffer small(5000);
    Buffer large(int64_t{24} << 20);
    std::memset(small.data(), 1, static_cast<size_t>(small.size()));
    std::memset(large.data(), 1, static_cast<size_t>(large.size()));
  };
  use();
  const PoolStatistics before = pool_statistics();
  const int64_t faults = page_faults();
  for (int i = 0; i < 5; ++i) use();
  EXPECT_EQ(pool_statistics().allocations, before.allocations);
  EXPECT_EQ(pool_statistics().reuses, before.reuses + 10);
  // Six thousand pages are touched each time; a few faults may come from elsewhere in the process,
  // and more from a sanitizer's own memory.
  if (sanitized) return;
  EXPECT_LT(page_faults() - faults, 100);
}

TEST(BufferPool, CountsWhatIsInUseAndIdle) {
  trim();
  EXPECT_EQ(pool_statistics().bytes_idle, 0);
  const int64_t in_use = pool_statistics().bytes_in_use;
  {
    const Buffer buffer(1000);
    EXPECT_EQ(pool_statistics().bytes_in_use, in_use + block_bytes(1000));
    EXPECT_EQ(pool_statistics().bytes_idle, 0);
  }
  EXPECT_EQ(pool_statistics().bytes_in_use, in_use);
  EXPECT_EQ(pool_statistics().bytes_idle, block_bytes(1000));
  trim();
  EXPECT_EQ(pool_statistics().bytes_idle, 0);
}

TEST(BufferPool, KeepsABoundedNumberOfIdleBytesAndDropsTheOldest) {
  trim();
  const int64_t block = int64_t{64} << 20;
  const int64_t fitting = max_idle_bytes / block;
  {
    const Buffer oldest(4096);
    std::vector<Buffer> buffers;
    {
      const Buffer released_first(8192);
    }
    for (int64_t i = 0; i < fitting + 4; ++i) buffers.emplace_back(block);
  }
  EXPECT_LE(pool_statistics().bytes_idle, max_idle_bytes + max_thread_idle_bytes);
  EXPECT_GT(pool_statistics().bytes_idle, max_idle_bytes - 2 * block);
  // The block that became idle first went first.
  const int64_t allocations = pool_statistics().allocations;
  const Buffer again(8192);
  EXPECT_EQ(pool_statistics().allocations, allocations + 1);
  trim();
}

TEST(BufferPool, AThreadTakesItsOwnSmallBlocksAgain) {
  std::byte* mine = nullptr;
  {
    const Buffer buffer(512);
    mine = buffer.data();
  }
  std::thread([&] {
    const Buffer buffer(512);
    EXPECT_NE(buffer.data(), mine);
  }).join();
  const PoolStatistics before = pool_statistics();
  const Buffer buffer(500);
  EXPECT_EQ(buffer.data(), mine);
  EXPECT_EQ(pool_statistics().reuses, before.reuses + 1);
  EXPECT_EQ(pool_statistics().allocations, before.allocations);
  EXPECT_EQ(pool_statistics().bytes_in_use, before.bytes_in_use + 512);
  EXPECT_EQ(pool_statistics().bytes_idle, before.bytes_idle - 512);
}

TEST(BufferPool, WhatAThreadKeepsIsBoundedAndFreedWithIt) {
  trim();
  const PoolStatistics before = pool_statistics();
  std::atomic<int> stage = 0;
  std::thread other([&] {
    {
      std::vector<Buffer> buffers;
      for (int i = 0; i < 100; ++i) buffers.emplace_back(4096);
    }
    stage = 1;
    while (stage != 2) std::this_thread::yield();
  });
  while (stage != 1) std::this_thread::yield();
  EXPECT_EQ(pool_statistics().bytes_idle, before.bytes_idle + 100 * 4096);
  trim();
  EXPECT_EQ(pool_statistics().bytes_idle, before.bytes_idle + max_thread_idle_bytes);
  stage = 2;
  other.join();
  EXPECT_EQ(pool_statistics().bytes_in_use, before.bytes_in_use);
  trim();
  EXPECT_EQ(pool_statistics().bytes_idle, before.bytes_idle);
}

TEST(BufferPool, ABufferMayEndInAThreadThatIsEnding) {
  const PoolStatistics before = pool_statistics();
  std::thread([] {
    // Destroyed after what the thread keeps, since it is made before.
    static thread_local Buffer last;
    Buffer first(1024);
    {
      const Buffer second(1024);
    }
    last = std::move(first);
  }).join();
  EXPECT_EQ(pool_statistics().bytes_in_use, before.bytes_in_use);
}

TEST(BufferPool, GivesEveryThreadMemoryOfItsOwn) {
  std::atomic<int> clashes = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([t, &clashes] {
      for (int i = 0; i < 300; ++i) {
        Buffer buffer(64 + 977 * (i % 40));
        std::memset(buffer.data(), t, static_cast<size_t>(buffer.size()));
        std::this_thread::yield();
        for (int64_t b = 0; b < buffer.size(); b += 61) {
          if (buffer.data()[b] != static_cast<std::byte>(t)) ++clashes;
        }
        if (i % 100 == 0) trim();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(clashes, 0);
}

TEST(BufferPool, WorksInAForkedChildWhileOtherThreadsAllocate) {
  std::atomic<bool> stop = false;
  std::thread busy([&] {
    while (!stop) Buffer buffer(512);
  });
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);  // a lock left locked would hang
      Buffer buffer(512);
      std::memset(buffer.data(), 1, 512);
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  stop = true;
  busy.join();
}

}  // namespace
}  // namespace onepass::runtime
