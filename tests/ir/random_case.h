// SPDX-License-Identifier: Apache-2.0
// A graph with one call of it, and the search for a smaller one that fails the same way.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "onepass/ir/graph.h"
#include "onepass/runtime/array_view.h"

namespace onepass::ir {

/// A graph and one call of it.
struct RandomCase {
  uint64_t seed = 0;
  Graph graph;  // before any pass
  std::vector<runtime::ArrayView> inputs;
  std::vector<uint64_t> scalars;
  std::vector<int64_t> given;
  std::vector<std::shared_ptr<std::vector<std::byte>>> memory;  // behind the views

  /// Dense views on new memory, one per output.
  std::vector<runtime::ArrayView> make_outputs();
  /// The text of the graph and how to make it again.
  std::string describe() const;
};

/// The smallest case found by leaving out outputs and nodes for which `fails` still holds.
RandomCase shrink(RandomCase failing, const std::function<bool(const RandomCase&)>& fails);

/// True if every element of both is the same bits, or NaN in both.
bool same_bits(const runtime::ArrayView& a, const runtime::ArrayView& b);

}  // namespace onepass::ir
