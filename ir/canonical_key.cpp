// SPDX-License-Identifier: Apache-2.0
// The bytes that name a graph's code: what two graphs must share to be compiled once.
#include "onepass/ir/print.h"
#include "onepass/runtime/layout.h"

namespace onepass::ir {
namespace {

/// Every list is preceded by its length, so that no two graphs give the same bytes.
class KeyWriter {
 public:
  void graph(const Graph& graph) {
    list(graph.symbols, [&](const runtime::Symbol& s) { symbol(s); });
    list(graph.validity, [&](const runtime::ValidityRange& range) {
      number(range.symbol);
      number(range.low);
      number(range.high);
    });
    list(graph.equalities, [&](const SymbolEquality& pair) {
      number(pair.first);
      number(pair.second);
    });
    list(graph.inputs, [&](const InputDeclaration& input) { layout(graph, input); });
    number(static_cast<int64_t>(graph.scalars.size()));
    list(graph.nodes, [&](const Node& n) { node(n); });
    list(graph.outputs, [&](NodeId output) { number(output); });
  }

  std::string take() { return std::move(bytes_); }

 private:
  /// Seven bits a byte: most numbers are small. Zigzag, so that -1 is small too.
  void number(int64_t value) {
    auto rest = static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
    while (rest >= 128) {
      bytes_.push_back(static_cast<char>(rest | 128));
      rest >>= 7;
    }
    bytes_.push_back(static_cast<char>(rest));
  }

  template <class Items, class Write>
  void list(const Items& items, Write write) {
    number(static_cast<int64_t>(items.size()));
    for (const auto& item : items) write(item);
  }

  void symbol(const runtime::Symbol& symbol) {
    number(static_cast<int64_t>(symbol.kind));
    number(symbol.input);
    number(symbol.dimension);
    list(symbol.terms, [&](int term) { number(term); });
    number(symbol.start);
    number(symbol.stop);
    number(symbol.step);
  }

  void layout(const Graph& graph, const InputDeclaration& input) {
    const Type& type = graph.node(input.node).type;
    const Shape shape = graph.captured_shape(type);
    const Strides strides =
        input.strides.empty() ? row_major_strides(shape) : Strides(input.strides);
    number(static_cast<int64_t>(runtime::Layout(type.dtype, shape, strides).bits()));
  }

  void node(const Node& node) {
    number(static_cast<int64_t>(node.op));
    list(node.inputs, [&](NodeId input) { number(input); });
    number(static_cast<int64_t>(node.type.dtype));
    number(node.type.rank());
    for (const Dimension d : node.type.dimensions) number(d);
    for (const Attributes::Entry& entry : node.attributes.entries()) {
      if (entry.key == AttributeKey::reasons) continue;  // for people only
      number(static_cast<int64_t>(entry.key) + 1);
      list(entry.words, [&](int64_t word) { number(word); });
    }
    number(0);
    number(node.body != nullptr);
    if (node.body) graph(*node.body);
  }

  std::string bytes_;
};

}  // namespace

std::string canonical_key(const Graph& graph) {
  KeyWriter writer;
  writer.graph(graph);
  return writer.take();
}

}  // namespace onepass::ir
