// SPDX-License-Identifier: Apache-2.0
// Graphs: equality, uses, facts of sizes.
#include "onepass/ir/graph.h"

namespace onepass::ir {
namespace {

bool equal(const InputDeclaration& a, const InputDeclaration& b) {
  return a.name == b.name && a.node == b.node && a.strides == b.strides;
}

bool equal(const Node& a, const Node& b) {
  if (a.op != b.op || a.inputs != b.inputs || a.type != b.type || !(a.attributes == b.attributes)) {
    return false;
  }
  if (a.body == b.body) return true;
  return a.body && b.body && *a.body == *b.body;
}

bool equal(const runtime::ValidityRange& a, const runtime::ValidityRange& b) {
  return a.symbol == b.symbol && a.low == b.low && a.high == b.high;
}

template <class List>
bool all_equal(const List& a, const List& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return equal(x, y); });
}

}  // namespace

NodeId Graph::append(Node node) {
  nodes.push_back(std::move(node));
  return static_cast<NodeId>(nodes.size()) - 1;
}

Shape Graph::captured_shape(const Type& type) const {
  Shape shape;
  for (const Dimension d : type.dimensions) shape.push_back(captured_extent(d));
  return shape;
}

bool operator==(const Graph& a, const Graph& b) {
  return a.name == b.name && a.symbols == b.symbols && all_equal(a.validity, b.validity) &&
         a.equalities == b.equalities && all_equal(a.inputs, b.inputs) && a.scalars == b.scalars &&
         all_equal(a.nodes, b.nodes) && a.outputs == b.outputs;
}

std::vector<int> count_uses(const Graph& graph) {
  std::vector<int> uses(graph.nodes.size());
  for (const Node& node : graph.nodes) {
    for (const NodeId input : node.inputs) ++uses[static_cast<size_t>(input)];
  }
  for (const NodeId output : graph.outputs) ++uses[static_cast<size_t>(output)];
  return uses;
}

bool facts_hold(const Graph& graph, std::span<const int64_t> symbol_values) {
  const auto value = [&](int symbol) { return symbol_values[static_cast<size_t>(symbol)]; };
  for (const runtime::ValidityRange& range : graph.validity) {
    if (value(range.symbol) < range.low || value(range.symbol) > range.high) return false;
  }
  for (const SymbolEquality& pair : graph.equalities) {
    if (value(pair.first) != value(pair.second)) return false;
  }
  return true;
}

std::vector<std::pair<int, int>> first_places(const Graph& graph) {
  std::vector<std::pair<int, int>> places(graph.symbols.size(), {-1, -1});
  for (size_t i = graph.inputs.size(); i-- > 0;) {
    const Dimensions& dimensions = graph.node(graph.inputs[i].node).type.dimensions;
    for (int d = dimensions.rank() - 1; d >= 0; --d) {
      if (dimensions[d] != one) {
        places[static_cast<size_t>(dimensions[d])] = {static_cast<int>(i), d};
      }
    }
  }
  return places;
}

std::vector<runtime::Symbol> body_symbols(const Graph& graph, size_t count) {
  std::vector<runtime::Symbol> symbols(count);
  for (size_t i = 0; i < count; ++i) {
    symbols[i].name = graph.symbols[i].name;
    symbols[i].value = graph.symbols[i].value;
    symbols[i].kind = runtime::Symbol::Kind::given;
    symbols[i].input = static_cast<int>(i);
  }
  return symbols;
}

}  // namespace onepass::ir
