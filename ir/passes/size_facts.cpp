// SPDX-License-Identifier: Apache-2.0
// One range per symbol: what several passes ask is their intersection.
#include "onepass/ir/passes/size_facts.h"

#include <algorithm>

namespace onepass::ir {

void require(Graph& graph, const runtime::ValidityRange& range) {
  const auto known = std::find_if(graph.validity.begin(), graph.validity.end(),
                                  [&](const auto& r) { return r.symbol == range.symbol; });
  if (known == graph.validity.end()) {
    graph.validity.push_back(range);
    return;
  }
  known->low = std::max(known->low, range.low);
  known->high = std::min(known->high, range.high);
}

}  // namespace onepass::ir
