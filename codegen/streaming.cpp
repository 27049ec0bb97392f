// SPDX-License-Identifier: Apache-2.0
// Results bypass the caches where all arrays together do not fit them.
#include "onepass/codegen/streaming.h"

namespace onepass::codegen {

std::vector<int> streamed_results(const PointGraph& graph, SizeFacts& facts, int dimension,
                                  int64_t limit) {
  std::vector<int> contiguous;
  int64_t point_bytes = 0;
  const auto rank = static_cast<int>(graph.dimensions.size());
  for (int operand = 0; operand < static_cast<int>(graph.operands.size()); ++operand) {
    const runtime::Operand& o = graph.operands[static_cast<size_t>(operand)];
    bool moves_always = true;
    for (int d = 0; d < rank; ++d) moves_always = moves_always && graph.moves(operand, d);
    if (moves_always) point_bytes += byte_size(o.dtype);
    if (o.written && graph.known_stride(operand, dimension) == 1) contiguous.push_back(operand);
  }
  if (contiguous.empty() || point_bytes == 0) return {};
  if (!facts.holds_at_least(graph, 0, rank, limit / point_bytes)) return {};
  return contiguous;
}

}  // namespace onepass::codegen
