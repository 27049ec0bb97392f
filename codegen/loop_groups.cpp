// SPDX-License-Identifier: Apache-2.0
// Dimension collapsing and loop order, from layouts alone.
#include "onepass/codegen/loop_groups.h"

#include <algorithm>

#include "onepass/runtime/schedule.h"

namespace onepass::codegen {
namespace {

/// Whether `operand` walks `outer` and `inner` like one dimension.
bool joins(const PointGraph& graph, int operand, int outer, int inner) {
  const bool outer_moves = graph.moves(operand, outer), inner_moves = graph.moves(operand, inner);
  if (!outer_moves || !inner_moves) return outer_moves == inner_moves;
  const runtime::Operand& o = graph.operands[static_cast<size_t>(operand)];
  const runtime::Layout& layout = graph.layouts[static_cast<size_t>(operand)];
  const auto& a = o.axes[static_cast<size_t>(outer)];
  const auto& b = o.axes[static_cast<size_t>(inner)];
  if (a.step != 1 || b.step != 1 || a.dimension >= b.dimension) return false;
  // A slice of the inner dimension leaves gaps; one of the outer dimension only moves the start.
  for (const auto& offset : o.offsets) {
    if (offset.dimension == b.dimension) return false;
  }
  for (int d = a.dimension + 1; d < b.dimension; ++d) {
    if (!layout.is_one(d)) return false;
  }
  return layout.joins_next(a.dimension);
}

/// A point that needs the index along one dimension keeps that dimension apart.
bool index_is_used(const PointGraph& graph, int dimension) {
  return std::any_of(graph.points.begin(), graph.points.end(), [&](const Point& point) {
    return point.kind == Point::Kind::position && point.index == dimension;
  });
}

bool joins(const PointGraph& graph, int outer, int inner) {
  if (index_is_used(graph, outer) || index_is_used(graph, inner)) return false;
  for (int operand = 0; operand < static_cast<int>(graph.operands.size()); ++operand) {
    if (!joins(graph, operand, outer, inner)) return false;
  }
  return true;
}

/// How well a dimension suits the vector loop.
int vector_score(const PointGraph& graph, int dimension) {
  // Loads can be turned over on their way, stores cannot.
  constexpr int unit_store = 1 << 16, unit_load = 2, broadcast = 1;
  int score = 0;
  for (int operand = 0; operand < static_cast<int>(graph.operands.size()); ++operand) {
    if (!graph.moves(operand, dimension)) {
      score += broadcast;
    } else if (graph.known_stride(operand, dimension) == 1) {
      score += graph.operands[static_cast<size_t>(operand)].written ? unit_store : unit_load;
    }
  }
  return score;
}

}  // namespace

std::vector<LoopGroup> collapse(const PointGraph& graph, int first, int count) {
  std::vector<LoopGroup> groups;
  for (int d = first; d < first + count; ++d) {
    if (d > first && joins(graph, d - 1, d)) {
      ++groups.back().count;
    } else {
      groups.push_back({d, 1});
    }
  }
  return groups;
}

bool walks_as_one(const PointGraph& graph, int operand, const LoopGroup& group) {
  for (int d = group.first; d < group.last(); ++d) {
    if (!joins(graph, operand, d, d + 1)) return false;
  }
  return true;
}

std::vector<int> map_order(const PointGraph& graph) {
  const auto result = static_cast<size_t>(graph.first_result_operand);
  const runtime::Layout& layout = graph.layouts[result];
  const auto& axes = graph.operands[result].axes;
  std::vector<int> order;
  for (int i = 0; i < layout.rank(); ++i) {
    for (size_t d = 0; d < axes.size(); ++d) {
      if (axes[d].dimension == layout.by_stride(i)) order.push_back(static_cast<int>(d));
    }
  }
  if (order.empty()) return order;
  // Of equals the dimension with the smallest stride of the result.
  const auto best = std::max_element(order.rbegin(), order.rend(), [&](int a, int b) {
    return vector_score(graph, a) < vector_score(graph, b);
  });
  const int vector_dimension = *best;
  order.erase(std::find(order.begin(), order.end(), vector_dimension));
  order.push_back(vector_dimension);
  return order;
}

bool SizeFacts::is_shorter(const PointGraph& graph, const LoopGroup& group, int64_t limit) {
  // A product of extents has no single symbol that a range could speak of.
  if (group.count != 1) return false;
  const ir::Dimension symbol = graph.dimensions[static_cast<size_t>(group.first)];
  const bool is_short = context_.graph.captured_extent(symbol) < limit;
  require(symbol, is_short ? 0 : limit, is_short ? limit - 1 : INT64_MAX);
  return is_short;
}

bool SizeFacts::holds_at_most(const PointGraph& graph, int first, int count, int64_t limit) {
  // Each extent is bounded on its own, by a power of two, so that near sizes share the facts.
  std::vector<int64_t> bounds;
  int64_t product = 1;
  for (int d = first; d < first + count; ++d) {
    const int64_t extent = context_.graph.captured_extent(graph.dimensions[static_cast<size_t>(d)]);
    int64_t power = 1;
    while (power < extent && power <= limit) power *= 2;
    bounds.push_back(power);
    if (power > limit || (product *= power) > limit) return false;
  }
  for (int d = 0; d < count; ++d) {
    require(graph.dimensions[static_cast<size_t>(first + d)], 0, bounds[static_cast<size_t>(d)]);
  }
  return true;
}

bool SizeFacts::holds_at_least(const PointGraph& graph, int first, int count, int64_t limit) {
  std::vector<int> symbols;
  int64_t points = 1;
  for (int d = first; d < first + count; ++d) {
    const ir::Dimension symbol = graph.dimensions[static_cast<size_t>(d)];
    if (symbol == ir::one) continue;
    symbols.push_back(symbol);
    points = runtime::saturating_multiply(points, context_.graph.captured_extent(symbol));
  }
  if (symbols.empty()) return points >= limit;
  const bool holds = points >= limit;
  const int64_t low = holds ? limit : 0, high = holds ? INT64_MAX : limit - 1;
  if (symbols.size() == 1) {
    require(symbols[0], low, high);
  } else {
    // In one order, so that kernels which walk the same space in different orders share the fact.
    std::sort(symbols.begin(), symbols.end());
    products_.push_back({std::move(symbols), low, high});
  }
  return holds;
}

void SizeFacts::require(ir::Dimension symbol, int64_t low, int64_t high) {
  for (runtime::ValidityRange& range : ranges_) {
    if (range.symbol != symbol) continue;
    range.low = std::max(range.low, low);
    range.high = std::min(range.high, high);
    return;
  }
  ranges_.push_back({symbol, low, high});
}

}  // namespace onepass::codegen
