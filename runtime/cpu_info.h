// SPDX-License-Identifier: Apache-2.0
// What this processor is: its name, its caches, the instruction set levels that it and the
// operating system support.
#pragma once

#include <cstdint>
#include <string>

namespace onepass::runtime {

/// One data or unified cache.
struct CacheInfo {
  int64_t bytes = 0;  // 0: there is none, or it is unknown
  int64_t line_bytes = 0;
  int shared_by = 1;  // processors that use it together
};

struct CpuInfo {
  std::string name;
  CacheInfo level1, level2, level3;
  bool x86_64_v3 = false;    // AVX2, FMA, BMI, F16C, LZCNT, MOVBE
  bool x86_64_v4 = false;    // besides, AVX-512 F, BW, CD, DQ, VL
  bool avx512_vnni = false;  // besides, its sums of products of bytes
};

/// This processor, looked at once.
const CpuInfo& cpu_info();

/// The data or unified cache of a level as the files under `folder` (".../cpu0/cache") describe it.
CacheInfo cache_from_files(const std::string& folder, int level);

/// The same from CPUID leaf 4 (Intel) or 0x8000001D (AMD).
CacheInfo cache_from_cpuid(int level);

}  // namespace onepass::runtime
