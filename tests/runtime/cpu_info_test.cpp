// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/cpu_info.h"

#include <gtest/gtest.h>

#include "temporary_folder.h"

namespace onepass::runtime {
namespace {

TEST(CpuInfo, HasANameAndPlausibleCaches) {
  const CpuInfo& info = cpu_info();
  EXPECT_FALSE(info.name.empty());
  for (const CacheInfo& cache : {info.level1, info.level2}) {
    EXPECT_GE(cache.bytes, 4 << 10);
    EXPECT_LE(cache.bytes, 1 << 30);
    EXPECT_EQ(cache.line_bytes, 64);
    EXPECT_GE(cache.shared_by, 1);
  }
  EXPECT_LT(info.level1.bytes, info.level2.bytes);
}

TEST(CpuInfo, AgreesWithTheCompilersIdeaOfTheLevels) {
  __builtin_cpu_init();
  EXPECT_EQ(cpu_info().x86_64_v3, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                                      __builtin_cpu_supports("bmi2"));
  EXPECT_EQ(cpu_info().x86_64_v4,
            __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512cd"));
}

TEST(CacheFromFiles, SkipsInstructionCachesAndReadsUnits) {
  const testing::TemporaryFolder folder;
  const auto cache = [&](const std::string& index, const std::string& type,
                         const std::string& level, const std::string& size,
                         const std::string& shared) {
    folder.write(index + "/type", type + "\n");
    folder.write(index + "/level", level + "\n");
    folder.write(index + "/size", size + "\n");
    folder.write(index + "/coherency_line_size", "64\n");
    folder.write(index + "/shared_cpu_list", shared + "\n");
  };
  cache("index0", "Instruction", "1", "32K", "0");
  cache("index1", "Data", "1", "48K", "0,4");
  cache("index2", "Unified", "3", "32M", "0-3,8-11");
  EXPECT_EQ(cache_from_files(folder.path(), 1).bytes, 48 << 10);
  EXPECT_EQ(cache_from_files(folder.path(), 1).shared_by, 2);
  EXPECT_EQ(cache_from_files(folder.path(), 3).bytes, 32 << 20);
  EXPECT_EQ(cache_from_files(folder.path(), 3).shared_by, 8);
  EXPECT_EQ(cache_from_files(folder.path(), 3).line_bytes, 64);
  EXPECT_EQ(cache_from_files(folder.path(), 2).bytes, 0);
  EXPECT_EQ(cache_from_files(folder.file("nowhere"), 1).bytes, 0);
}

TEST(CacheFromCpuid, KnowsTheLineOfTheFirstLevel) {
  const CacheInfo cache = cache_from_cpuid(1);
  if (cache.bytes == 0) GTEST_SKIP() << "this hypervisor hides the leaves";
  EXPECT_EQ(cache.line_bytes, 64);
  EXPECT_EQ(cache.bytes % 1024, 0);
}

}  // namespace
}  // namespace onepass::runtime
