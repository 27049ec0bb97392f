// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/once_cache.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "expect_error.h"
#include "onepass/runtime/kernel_cache.h"

namespace onepass::runtime {
namespace {

using IntCache = TypedCache<int>;

TEST(OnceCache, MakesAValueOnceAndKeepsIt) {
  IntCache cache(10);
  int made = 0;
  const auto make = [&] { return std::make_shared<const int>(++made); };
  EXPECT_EQ(cache.find("a"), nullptr);
  EXPECT_EQ(*cache.get("a", make), 1);
  EXPECT_EQ(*cache.get("a", make), 1);
  EXPECT_EQ(*cache.get("b", make), 2);
  EXPECT_EQ(*cache.find("a"), 1);
  EXPECT_EQ(cache.statistics().hits, 2);
  EXPECT_EQ(cache.statistics().misses, 2);
  EXPECT_EQ(cache.statistics().entries, 2);
}

TEST(OnceCache, ComparesKeysInFullWithZeroBytes) {
  IntCache cache(10);
  const auto constant = [](int value) { return [value] { return std::make_shared<int>(value); }; };
  const std::string with_zero("a\0b", 3);
  const std::string other_tail("a\0c", 3);
  cache.get(with_zero, constant(1));
  cache.get(other_tail, constant(2));
  cache.get("a", constant(3));
  EXPECT_EQ(*cache.find(with_zero), 1);
  EXPECT_EQ(*cache.find(other_tail), 2);
  EXPECT_EQ(*cache.find("a"), 3);
}

TEST(OnceCache, DropsTheLeastRecentlyUsedBeyondItsBound) {
  IntCache cache(3);
  const auto put = [&](const std::string& key) {
    return cache.get(key, [] { return std::make_shared<int>(0); });
  };
  const auto held = put("a");
  put("b");
  put("c");
  put("a");  // now b is the oldest
  put("d");
  EXPECT_EQ(cache.find("b"), nullptr);
  EXPECT_NE(cache.find("a"), nullptr);
  EXPECT_NE(cache.find("c"), nullptr);
  EXPECT_NE(cache.find("d"), nullptr);
  EXPECT_EQ(cache.statistics().entries, 3);
  for (int i = 0; i < 100; ++i) put(std::to_string(i));
  EXPECT_EQ(cache.statistics().entries, 3);
  EXPECT_EQ(*held, 0) << "whoever holds a value keeps it";
}

TEST(OnceCache, OneThreadMakesWhileAllOthersWait) {
  IntCache cache(10);
  std::atomic<int> made = 0;
  std::vector<std::shared_ptr<const int>> got(16);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < got.size(); ++t) {
    threads.emplace_back([&, t] {
      got[t] = cache.get("key", [&] {
        ++made;
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        return std::make_shared<int>(7);
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  for (const auto& value : got) EXPECT_EQ(value, got[0]);
  EXPECT_EQ(cache.statistics().misses, 1);
  EXPECT_EQ(cache.statistics().hits, 15);
}

TEST(OnceCache, DifferentKeysAreMadeAtTheSameTime) {
  IntCache cache(10);
  std::atomic<int> inside = 0;
  std::atomic<bool> met = false;
  const auto make = [&] {
    ++inside;
    for (int i = 0; i < 5000 && inside < 2; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (inside == 2) met = true;
    return std::make_shared<int>(0);
  };
  std::thread other([&] { cache.get("a", make); });
  cache.get("b", make);
  other.join();
  EXPECT_TRUE(met);
}

TEST(OnceCache, AFailureReachesAllWhoWaitAndLeavesTheKeyAbsent) {
  IntCache cache(10);
  std::atomic<int> made = 0;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      try {
        cache.get("key", [&]() -> std::shared_ptr<int> {
          ++made;
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
          throw UserError("no");
        });
      } catch (const UserError&) {
        ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 8);
  EXPECT_EQ(cache.statistics().misses, made);
  EXPECT_EQ(cache.find("key"), nullptr);
  EXPECT_EQ(cache.statistics().entries, 0);
  EXPECT_EQ(*cache.get("key", [] { return std::make_shared<int>(3); }), 3);
}

TEST(OnceCache, AMakerMayAskForOtherKeys) {
  IntCache cache(10);
  const auto outer = cache.get("outer", [&] {
    return std::make_shared<int>(1 + *cache.get("inner", [] { return std::make_shared<int>(4); }));
  });
  EXPECT_EQ(*outer, 5);
  EXPECT_EQ(cache.statistics().entries, 2);
}

TEST(OnceCache, StaysWithinItsBoundUnderManyThreads) {
  IntCache cache(5);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        const int key = (i * 7 + t * 3) % 12;
        const auto value =
            cache.get(std::to_string(key), [&] { return std::make_shared<int>(key); });
        if (*value != key) ++wrong;
        if (i % 100 == 99) cache.clear();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(cache.statistics().entries, 5);
}

TEST(OnceCache, ClearedWhileAValueIsMadeStillGivesIt) {
  IntCache cache(5);
  const auto value = cache.get("key", [&] {
    cache.clear();
    return std::make_shared<int>(1);
  });
  EXPECT_EQ(*value, 1);
  EXPECT_EQ(cache.find("key"), nullptr);
}

TEST(KernelCache, AForkedChildMakesWhatItsParentHadNotFinished) {
  std::atomic<bool> making = false;
  std::atomic<bool> finish = false;
  std::thread maker([&] {
    kernel_cache().get("fork", [&] {
      making = true;
      while (!finish) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return std::make_shared<Kernel>();
    });
  });
  std::thread waiter([&] {
    while (!making) std::this_thread::yield();
    kernel_cache().get("fork", [] { return std::make_shared<Kernel>(); });
  });
  while (!making) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    const auto kernel = kernel_cache().get("fork", [] { return std::make_shared<Kernel>(); });
    _exit(kernel != nullptr ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  finish = true;
  maker.join();
  waiter.join();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_NE(kernel_cache().find("fork"), nullptr);
  kernel_cache().clear();
}

TEST(ExpressionCache, IsNotTheKernelCache) {
  expression_cache().get("only here", [] { return std::make_shared<int>(1); });
  EXPECT_NE(expression_cache().find("only here"), nullptr);
  EXPECT_EQ(kernel_cache().find("only here"), nullptr);
  expression_cache().clear();
}

}  // namespace
}  // namespace onepass::runtime
