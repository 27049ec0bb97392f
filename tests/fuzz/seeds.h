// SPDX-License-Identifier: Apache-2.0
// Which seeds a test runs: fixed ones, or those that ONEPASS_FUZZ_SEED and ONEPASS_FUZZ_COUNT name.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace onepass::fuzz {

inline uint64_t number_from_environment(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Seeds {
  uint64_t first = 0, count = 0;
};

/// The seeds of shard number `shard`; shards follow each other.
inline Seeds seeds_of_shard(uint64_t first, uint64_t count, uint64_t shard) {
  first = number_from_environment("ONEPASS_FUZZ_SEED", first);
  count = number_from_environment("ONEPASS_FUZZ_COUNT", count);
  return {first + shard * count, count};
}

}  // namespace onepass::fuzz
