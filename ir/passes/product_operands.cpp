// SPDX-License-Identifier: Apache-2.0
// Products compared by the types of their operands.
#include "onepass/ir/passes/product_operands.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "onepass/ir/counting_emitter.h"
#include "onepass/ir/passes/node_roles.h"
#include "onepass/ir/passes/size_facts.h"

namespace onepass::ir {
namespace {

/// What is applied to the left operand is applied where one pass over all columns follows.
constexpr int64_t few_columns = 64;

Dimension columns_of(const Node& product) {
  const Dimensions& dimensions = product.type.dimensions;
  return dimensions[dimensions.rank() - 1];
}

/// Whether the node is a generated product whose right operand has columns, one or more.
bool has_columns(const Graph& graph, const Node& node) {
  return node.op == OpCode::matmul && kind_of(graph, node) == ClusterKind::product &&
         graph.node(node.inputs[1]).type.rank() >= 2;
}

bool same_tile_size(const Node& a, const Node& b) {
  const auto sizes = [](const Node& node) {
    return node.attributes.words(AttributeKey::tile_size);
  };
  const auto x = sizes(a), y = sizes(b);
  return std::equal(x.begin(), x.end(), y.begin(), y.end());
}

/// Whether the node is a generated matrix product that could have a companion: the sum over one
/// column has an order of its own.
bool can_share(const Graph& graph, const Node& node) {
  return has_columns(graph, node) && columns_of(node) != one &&
         graph.captured_extent(columns_of(node)) != 1;
}

bool same_but_columns(const Dimensions& a, const Dimensions& b) {
  return a.rank() == b.rank() && std::equal(a.begin(), a.end() - 1, b.begin(), b.end() - 1);
}

/// Whether two products differ in their right operands, and perhaps in the symbols of their
/// columns, only.
bool match_but_columns(const Graph& graph, const Node& a, const Node& b) {
  const Type &right_a = graph.node(a.inputs[1]).type, &right_b = graph.node(b.inputs[1]).type;
  return a.inputs[0] == b.inputs[0] && a.type.dtype == b.type.dtype &&
         right_a.dtype == right_b.dtype && same_but_columns(a.type.dimensions, b.type.dimensions) &&
         same_but_columns(right_a.dimensions, right_b.dimensions) && same_tile_size(a, b);
}

/// What computing one element of the node takes, in additions; 0 for views.
double cost_per_element(const Graph& graph, const Node& node) {
  if (node.op == OpCode::cast) return 1;
  if (!is_elementwise(node.op) || node.inputs.empty()) return 0;
  return op_cost(node.op, graph.node(node.inputs.back()).type.dtype, Accuracy::strict).cost;
}

void rename_symbol(Graph& graph, Dimension from, Dimension to) {
  for (Node& node : graph.nodes) {
    Dimensions& own = node.type.dimensions;
    for (int d = 0; d < own.rank(); ++d) own[d] = own[d] == from ? to : own[d];
    if (!node.attributes.has(AttributeKey::dimensions)) continue;
    const auto words = node.attributes.words(AttributeKey::dimensions);
    std::vector<int64_t> dimensions(words.begin(), words.end());
    std::replace(dimensions.begin(), dimensions.end(), int64_t{from}, int64_t{to});
    node.attributes.set(AttributeKey::dimensions, std::move(dimensions));
  }
}

/// Gives products of one left operand that have equally many columns one symbol for them.
void tie_columns(Graph& graph) {
  const std::vector<bool> live = live_nodes(graph);
  std::vector<NodeId> products;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!live[i] || !can_share(graph, graph.nodes[i])) continue;
    for (const NodeId other : products) {
      if (!match_but_columns(graph, graph.node(other), graph.nodes[i])) continue;
      const auto [first, second] =
          std::minmax({columns_of(graph.node(other)), columns_of(graph.nodes[i])});
      if (first == second || graph.captured_extent(first) != graph.captured_extent(second))
        continue;
      graph.equalities.push_back({first, second});
      rename_symbol(graph, second, first);
    }
    products.push_back(static_cast<NodeId>(i));
  }
}

}  // namespace

bool share_left_operand(const Graph& graph, std::span<const NodeId> a, std::span<const NodeId> b) {
  if (a.empty() || b.empty() || a.size() + b.size() > most_products) return false;
  const Node &first = graph.node(a[0]), &second = graph.node(b[0]);
  return can_share(graph, first) && can_share(graph, second) &&
         match_but_columns(graph, first, second) && columns_of(first) == columns_of(second);
}

void fix_columns(Graph& graph) {
  tie_columns(graph);
  for (const Node& node : graph.nodes) {
    if (!has_columns(graph, node) || is_source(graph.node(node.inputs[0]).op)) continue;
    const Dimension columns = columns_of(node);
    if (columns == one) continue;
    const bool few = graph.captured_extent(columns) <= few_columns;
    require(graph, {columns, few ? 0 : few_columns + 1, few ? few_columns : INT64_MAX});
  }
}

namespace {

/// The generated products of a kernel that multiply an array as it lies in memory.
struct ArrayProduct {
  const Node* node;
  int input;     // of the body: the left operand
  NodeId array;  // of the graph: the same
};
std::vector<ArrayProduct> array_products(const Node& fused) {
  std::vector<ArrayProduct> products;
  if (fused.op != OpCode::fused) return products;
  for (const Node& node : fused.body->nodes) {
    if (node.op != OpCode::matmul || kind_of(*fused.body, node) != ClusterKind::product) continue;
    const int left = node.inputs[0];
    if (left >= static_cast<int>(fused.body->inputs.size())) continue;
    products.push_back({&node, left, fused.inputs[static_cast<size_t>(left)]});
  }
  return products;
}

std::string why_apart(const Graph& graph, const Node& first, const Node& second, size_t together) {
  const int64_t columns = graph.captured_extent(columns_of(first));
  const int64_t others = graph.captured_extent(columns_of(second));
  if (columns != others) return fmt::format("{} columns against {}", columns, others);
  if (columns == 1) return "a product of one column has an order of its own";
  if (together > most_products) return fmt::format("a kernel holds {} of them", most_products);
  return "one waits for the other, or their right operands or tiles differ";
}

}  // namespace

std::string why_products_are_apart(const Graph& graph, const Node& fused) {
  const std::vector<ArrayProduct> own = array_products(fused);
  if (own.empty()) return "";
  for (const Node& node : graph.nodes) {
    if (node.body == fused.body) return "";
    const std::vector<ArrayProduct> others = array_products(node);
    if (others.empty() || others[0].array != own[0].array) continue;
    const auto input = static_cast<size_t>(own[0].input);
    return fmt::format("{} apart from {} ({})", fused.body->inputs[input].name, node.body->name,
                       why_apart(graph, *own[0].node, *others[0].node, own.size() + others.size()));
  }
  return "";
}

bool is_read_again(const Graph& graph, const Node& product, size_t index) {
  // Integers are multiplied so slowly that copies do not count.
  const bool many_columns = is_floating(product.type.dtype) && has_columns(graph, product) &&
                            graph.captured_extent(columns_of(product)) > few_columns;
  if (index == 0 && many_columns) return true;
  const Dimensions& result = product.type.dimensions;
  const Dimensions& operand = graph.node(product.inputs[index]).type.dimensions;
  const auto batch_rank = [&](size_t i) {
    constexpr int matrix = 2;
    return std::max(graph.node(product.inputs[i]).type.rank() - matrix, 0);
  };
  const int own = batch_rank(index), all = std::max(own, batch_rank(1 - index));
  for (int d = 0; d < all; ++d) {
    const int place = own - all + d;
    const bool moves = place >= 0 && operand[place] != one;
    if (!moves && result[d] != one) return true;
  }
  return false;
}

bool joins_prologue(const Graph& graph, NodeId id, Space space, double& cost) {
  constexpr double dearest = 16;
  const bool again = space == Space::left_again || space == Space::right_again;
  const double own = cost_per_element(graph, graph.node(id));
  if (again ? own > 0 : cost + own > dearest) return false;
  cost += own;
  return true;
}

}  // namespace onepass::ir
