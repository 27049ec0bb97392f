// SPDX-License-Identifier: Apache-2.0
// Which operands lie across, and blocks that fit the caches.
#include "onepass/codegen/transposed_loads.h"

#include <algorithm>

namespace onepass::codegen {
namespace {

bool lies_along(const PointGraph& graph, int operand, const LoopGroup& group) {
  return graph.known_stride(operand, group.last()) == 1;
}

bool is_strided(const PointGraph& graph, int operand, const LoopGroup& group) {
  return graph.moves(operand, group.last()) && graph.known_stride(operand, group.last()) == 0;
}

}  // namespace

TransposedLoads transposed_loads(const PointGraph& graph, const std::vector<LoopGroup>& groups) {
  TransposedLoads best;
  for (size_t g = 0; g + 1 < groups.size(); ++g) {
    TransposedLoads found{g, {}};
    for (int operand = 0; operand < graph.first_result_operand; ++operand) {
      if (is_strided(graph, operand, groups.back()) && lies_along(graph, operand, groups[g]))
        found.operands.push_back(operand);
    }
    if (found.operands.size() > best.operands.size()) best = std::move(found);
  }
  return best;
}

int64_t transposed_block(const PointGraph& graph, const TransposedLoads& loads) {
  // Runs of 256 bytes are a few cache lines; 64 of them stay in the first level cache. Longer ones
  // were not faster, shorter ones were slower.
  constexpr int64_t run_bytes = 256, shortest = 16, usual = 64, longest = 128;
  constexpr int64_t cache_bytes = 128 << 10;
  int64_t widest = 1, bytes = 0;
  for (const int operand : loads.operands) {
    const int64_t size = byte_size(graph.operands[static_cast<size_t>(operand)].dtype);
    widest = std::max(widest, size);
    bytes += size;
  }
  int64_t side = std::clamp(run_bytes / widest, usual, longest);
  while (side > shortest && side * side * bytes > cache_bytes) side /= 2;
  return side;
}

}  // namespace onepass::codegen
