// SPDX-License-Identifier: Apache-2.0
// Asks CPUID and the files of Linux. sysconf is not asked: it is wrong about L3 in virtual
// machines.
#include "onepass/runtime/cpu_info.h"

#include <cpuid.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace onepass::runtime {
namespace {

struct Registers {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

/// Zeros if the processor does not have the leaf.
Registers cpuid(uint32_t leaf, uint32_t subleaf = 0) {
  Registers r;
  if (__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx) == 0) return {};
  return r;
}

constexpr bool bit(uint32_t word, int index) { return (word >> index & 1) != 0; }

std::string brand_name() {
  constexpr uint32_t first_leaf = 0x80000002, leaves = 3;
  char text[leaves * sizeof(Registers) + 1] = {};
  for (uint32_t i = 0; i < leaves; ++i) {
    const Registers r = cpuid(first_leaf + i);
    std::memcpy(text + i * sizeof(r), &r, sizeof(r));
  }
  std::string name = text;
  name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
  name.erase(name.find_last_not_of(' ') + 1);
  return name.empty() ? "unknown processor" : name;
}

/// The register state that the operating system saves (XCR0). Only to be asked where OSXSAVE is
/// set.
uint32_t saved_state() {
  uint32_t low = 0;
  uint32_t high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

struct Levels {
  bool v3 = false, v4 = false, vnni = false;
};

Levels instruction_set_levels() {
  constexpr uint32_t vector_state = 0x6, mask_state = 0xE0;  // SSE and AVX; opmask and ZMM
  const Registers basic = cpuid(1);
  const Registers extended = cpuid(7);
  const Registers amd = cpuid(0x80000001);
  const bool os_saves = bit(basic.ecx, 27);
  const uint32_t state = os_saves ? saved_state() : 0;
  const bool avx = bit(basic.ecx, 28) && (state & vector_state) == vector_state;
  const bool fma_movbe_f16c = bit(basic.ecx, 12) && bit(basic.ecx, 22) && bit(basic.ecx, 29);
  const bool bmi_avx2 = bit(extended.ebx, 3) && bit(extended.ebx, 5) && bit(extended.ebx, 8);
  const bool lzcnt = bit(amd.ecx, 5);
  Levels levels;
  levels.v3 = avx && fma_movbe_f16c && bmi_avx2 && lzcnt;
  bool avx512 = (state & mask_state) == mask_state;
  constexpr int f_dq_cd_bw_vl[] = {16, 17, 28, 30, 31};
  for (const int feature : f_dq_cd_bw_vl) avx512 = avx512 && bit(extended.ebx, feature);
  levels.v4 = levels.v3 && avx512;
  levels.vnni = levels.v4 && bit(extended.ecx, 11);
  return levels;
}

/// The first line of a file; empty if there is none.
std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// "48K", "2M", "64": bytes.
int64_t parse_size(const std::string& text) {
  char* end = nullptr;
  const int64_t number = std::strtoll(text.c_str(), &end, 10);
  switch (*end) {
    case 'K':
      return number << 10;
    case 'M':
      return number << 20;
    case 'G':
      return number << 30;
    default:
      return number;
  }
}

/// Processors in a list such as "0-3,8".
int count_listed(const std::string& list) {
  int count = 0;
  const char* at = list.c_str();
  while (*at >= '0' && *at <= '9') {
    char* end = nullptr;
    const int64_t first = std::strtoll(at, &end, 10);
    int64_t last = first;
    if (*end == '-') last = std::strtoll(end + 1, &end, 10);
    count += static_cast<int>(std::max<int64_t>(last - first + 1, 0));
    at = *end == ',' ? end + 1 : end;
  }
  return std::max(count, 1);
}

CacheInfo cache_of_level(int level) {
  const CacheInfo from_files = cache_from_files("/sys/devices/system/cpu/cpu0/cache", level);
  return from_files.bytes > 0 ? from_files : cache_from_cpuid(level);
}

CpuInfo detect() {
  const Levels levels = instruction_set_levels();
  return {brand_name(), cache_of_level(1), cache_of_level(2), cache_of_level(3),
          levels.v3,    levels.v4,         levels.vnni};
}

}  // namespace

CacheInfo cache_from_files(const std::string& folder, int level) {
  constexpr int max_caches = 16;
  for (int i = 0; i < max_caches; ++i) {
    const std::string cache = folder + "/index" + std::to_string(i) + "/";
    const std::string type = first_line(cache + "type");
    if (type.empty()) break;
    if (type == "Instruction" || parse_size(first_line(cache + "level")) != level) continue;
    return {parse_size(first_line(cache + "size")),
            parse_size(first_line(cache + "coherency_line_size")),
            count_listed(first_line(cache + "shared_cpu_list"))};
  }
  return {};
}

CacheInfo cache_from_cpuid(int level) {
  constexpr uint32_t instruction_cache = 2, max_caches = 16;
  // AMD describes its caches in the layout of Intel's leaf 4, under another number.
  const uint32_t leaf = cpuid(4).eax != 0 ? 4 : 0x8000001D;
  for (uint32_t i = 0; i < max_caches; ++i) {
    const Registers r = cpuid(leaf, i);
    const uint32_t type = r.eax & 0x1F;
    if (type == 0) break;
    if (type == instruction_cache || static_cast<int>(r.eax >> 5 & 7) != level) continue;
    const int64_t line = (r.ebx & 0xFFF) + 1;
    const int64_t partitions = (r.ebx >> 12 & 0x3FF) + 1;
    const int64_t ways = (r.ebx >> 22) + 1;
    const int64_t sets = int64_t{r.ecx} + 1;
    return {line * partitions * ways * sets, line, static_cast<int>(r.eax >> 14 & 0xFFF) + 1};
  }
  return {};
}

const CpuInfo& cpu_info() {
  static const CpuInfo info = detect();
  return info;
}

}  // namespace onepass::runtime
