// SPDX-License-Identifier: Apache-2.0
// Which iteration dimensions are walked as one loop, and in which order.
#pragma once

#include <vector>

#include "onepass/codegen/point_graph.h"

namespace onepass::codegen {

/// Adjacent iteration dimensions [first, first + count) that one loop walks.
struct LoopGroup {
  int first = 0;
  int count = 1;
  int last() const { return first + count - 1; }
  DimensionSet dimensions() const { return dimension_range(first, count); }
  friend bool operator==(const LoopGroup&, const LoopGroup&) = default;
};

/// Cuts dimensions [first, first + count) into as few groups as the layouts of all operands allow.
std::vector<LoopGroup> collapse(const PointGraph& graph, int first, int count);

/// Whether one stride walks `operand` along all dimensions of the group, row-major.
bool walks_as_one(const PointGraph& graph, int operand, const LoopGroup& group);

/// The dimensions of a map from the outermost loop to the vector loop: by falling stride of the
/// first result, with the dimension that most operands walk in steps of one innermost.
std::vector<int> map_order(const PointGraph& graph);

/// Extents below this are too short for a vector loop or for a parallel one.
inline constexpr int64_t short_extent = 8;

/// Collects the facts of the sizes that a plan relies on.
class SizeFacts {
 public:
  explicit SizeFacts(const PlanContext& context) : context_(context) {}

  /// Whether the group is a single dimension shorter than `limit`; the answer becomes a fact.
  bool is_shorter(const PointGraph& graph, const LoopGroup& group, int64_t limit = short_extent);
  /// Whether dimensions [first, first + count) hold at most `limit` points; a yes becomes facts
  /// that guarantee it.
  bool holds_at_most(const PointGraph& graph, int first, int count, int64_t limit);
  /// Whether dimensions [first, first + count) hold at least `limit` points; the answer becomes a
  /// fact.
  bool holds_at_least(const PointGraph& graph, int first, int count, int64_t limit);
  /// Relies on `symbol` being in [low, high].
  void require(ir::Dimension symbol, int64_t low, int64_t high);
  std::vector<runtime::ValidityRange> take() { return std::move(ranges_); }
  std::vector<runtime::ValidityProduct> take_products() { return std::move(products_); }

 private:
  const PlanContext& context_;
  std::vector<runtime::ValidityRange> ranges_;
  std::vector<runtime::ValidityProduct> products_;
};

}  // namespace onepass::codegen
