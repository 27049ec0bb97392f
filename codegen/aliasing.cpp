// SPDX-License-Identifier: Apache-2.0
// In-place safety of element-wise kernels.
#include "onepass/codegen/aliasing.h"

#include <algorithm>

namespace onepass::codegen {

bool walks_alike(const PointGraph& graph, int a, int b) {
  const runtime::Operand& load = graph.operands[static_cast<size_t>(a)];
  const runtime::Operand& result = graph.operands[static_cast<size_t>(b)];
  const auto rank = graph.layouts[static_cast<size_t>(a)].rank();
  return load.axes == result.axes && load.offsets.empty() &&
         byte_size(load.dtype) == byte_size(result.dtype) &&
         rank == graph.layouts[static_cast<size_t>(b)].rank();
}

namespace {

/// The last strip that loads through `operand`; -1: none.
int last_strip_reading(const PointGraph& graph, const std::vector<Strip>& strips, int operand) {
  for (size_t s = strips.size(); s-- > 0;) {
    for (const PointId id : strips[s].points) {
      const Point& point = graph.points[static_cast<size_t>(id)];
      if (point.kind == Point::Kind::load && point.index == operand) return static_cast<int>(s);
    }
  }
  return -1;
}

int first_strip_storing(const std::vector<Strip>& strips) {
  for (size_t s = 0; s < strips.size(); ++s) {
    if (!strips[s].stores.empty()) return static_cast<int>(s);
  }
  return static_cast<int>(strips.size());
}

}  // namespace

std::vector<bool> in_place_operands(const PointGraph& graph, size_t arrays,
                                    const std::vector<Strip>& strips) {
  std::vector<bool> safe(arrays, true);
  const int first_store = first_strip_storing(strips);
  for (int load = 0; load < graph.first_result_operand; ++load) {
    bool ok = last_strip_reading(graph, strips, load) <= first_store;
    for (size_t r = 0; r < graph.results.size(); ++r) {
      ok = ok && walks_alike(graph, load, graph.first_result_operand + static_cast<int>(r));
    }
    const auto array = static_cast<size_t>(graph.operands[static_cast<size_t>(load)].array);
    safe[array] = safe[array] && ok;
  }
  return safe;
}

}  // namespace onepass::codegen
