// SPDX-License-Identifier: Apache-2.0
// Axes, lists and indices as the words of a call, and back.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "onepass/engine/index.h"

namespace onepass {

/// A short list of small integers, one byte each.
int64_t packed(std::span<const int> list);
std::vector<int64_t> unpacked(int64_t count, int64_t word);

/// Four words for each index.
std::vector<int64_t> words_of(std::span<const Index> indices);
std::vector<Index> indices_of(std::span<const int64_t> words);

}  // namespace onepass
