// SPDX-License-Identifier: Apache-2.0
// Rows of products by type, and by what a cache holds.
#include "onepass/ir/passes/product_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "onepass/ir/passes/node_roles.h"
#include "onepass/ir/passes/product_operands.h"
#include "onepass/ir/passes/size_facts.h"

namespace onepass::ir {
namespace {

/// Longer rows leave room for few of them.
constexpr int64_t longest_row = 512;
/// Products of more terms take so long that their matrix comes and goes meanwhile.
constexpr int64_t most_terms = 192;
/// Smaller matrices stay in the second level cache between two kernels.
constexpr int64_t fewest_rows = 512, fewest_rows_of_batch = 64;

/// Rows, columns and terms of a generated product of two matrices, none of extent 1 for certain.
struct Sizes {
  Dimension rows, columns, terms;
  bool is_batch;
};
std::optional<Sizes> sizes_of(const Graph& graph, const Node& node) {
  constexpr int matrix = 2;
  if (node.op != OpCode::matmul || kind_of(graph, node) != ClusterKind::product) return {};
  if (node.attributes.has(AttributeKey::tile_size)) return {};
  const Dimensions& left = graph.node(node.inputs[0]).type.dimensions;
  if (left.rank() < matrix || graph.node(node.inputs[1]).type.rank() < matrix) return {};
  const Dimensions& result = node.type.dimensions;
  const int rank = result.rank();
  const Sizes sizes{result[rank - 2], result[rank - 1], left[left.rank() - 1],
                    moving_extents(result).size() > matrix};
  if (sizes.rows == one || sizes.columns == one || sizes.terms == one) return {};
  return sizes;
}

bool are_rows_of(const Node& product, const RowSpace& rows) {
  return rows.columns == 0 && rows.kept + 1 == static_cast<int>(rows.extents.size()) &&
         moving_extents(product.type.dimensions) == rows.extents;
}

/// Why it does not pay, empty if it does; `asked` gets what was asked to know it.
std::string obstacle(const Graph& graph, const Sizes& sizes,
                     std::vector<runtime::ValidityRange>& asked) {
  const auto extent = [&](Dimension symbol) { return graph.captured_extent(symbol); };
  const auto is_below = [&](Dimension symbol, int64_t limit) {
    const bool is_below = extent(symbol) < limit;
    asked.push_back({symbol, is_below ? 0 : limit, is_below ? limit - 1 : INT64_MAX});
    return is_below;
  };
  constexpr int64_t two = 2;
  if (!is_below(sizes.columns, longest_row + 1)) {
    return fmt::format("{} columns, more than {}", extent(sizes.columns), longest_row);
  }
  if (is_below(sizes.columns, two)) return "a product of one column has an order of its own";
  if (!is_below(sizes.terms, most_terms + 1)) {
    return fmt::format("{} terms, more than {}", extent(sizes.terms), most_terms);
  }
  const int64_t fewest = sizes.is_batch ? fewest_rows_of_batch : fewest_rows;
  if (is_below(sizes.rows, fewest)) {
    return fmt::format("{} rows, fewer than {}", extent(sizes.rows), fewest);
  }
  return "";
}

}  // namespace

bool holds_product(const Graph& graph, std::span<const NodeId> products, const ResultSpace& space,
                   NodeId product) {
  if (!space.has_rows()) return share_left_operand(graph, products, std::span(&product, 1));
  const Node& node = graph.node(product);
  const auto sizes = sizes_of(graph, node);
  std::vector<runtime::ValidityRange> asked;
  return products.empty() && sizes && are_rows_of(node, *space.rows) &&
         obstacle(graph, *sizes, asked).empty();
}

void fix_rows(Graph& graph) {
  std::vector<RowSpace> spaces;
  for (const Node& node : graph.nodes) {
    if (const auto rows = row_space(graph, node)) spaces.push_back(*rows);
  }
  std::vector<runtime::ValidityRange> asked;
  for (const Node& node : graph.nodes) {
    const auto sizes = sizes_of(graph, node);
    const bool may_be = sizes && std::any_of(spaces.begin(), spaces.end(), [&](const RowSpace& s) {
                          return are_rows_of(node, s);
                        });
    if (may_be) obstacle(graph, *sizes, asked);
  }
  for (const runtime::ValidityRange& range : asked) require(graph, range);
}

std::string why_rows_are_apart(const Graph& graph, const Node& fused) {
  const auto rows = row_space(*fused.body);
  if (!rows) return "";
  for (const NodeId input : fused.inputs) {
    const Node& producer = graph.node(input);
    if (producer.op != OpCode::fused) continue;
    const Graph& body = *producer.body;
    const Node& product = body.node(body.outputs[0]);
    const auto sizes = sizes_of(body, product);
    if (!sizes || !are_rows_of(product, *rows)) continue;
    std::vector<runtime::ValidityRange> asked;
    const std::string why = obstacle(body, *sizes, asked);
    return fmt::format("apart from the product of {} ({})", body.name,
                       why.empty() ? "which others read too" : why);
  }
  return "";
}

}  // namespace onepass::ir
