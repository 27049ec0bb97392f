// SPDX-License-Identifier: Apache-2.0
// Turns what a builder collected into a finished graph: order of nodes, symbols in use, names.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "onepass/ir/builder_state.h"
#include "onepass/ir/identifier.h"

namespace onepass::ir {
namespace {

using runtime::Symbol;

/// Puts inputs and scalars first and gives every literal of the call its slot.
class NodeOrder {
 public:
  NodeOrder(Graph& from, const WeakScalars& scalars)
      : from_(from), slots_(scalars.slots()), moved_to_(from.nodes.size(), -1) {}

  Graph run() {
    to_.name = from_.name;
    to_.nodes.reserve(from_.nodes.size() + slots_.size());
    for (InputDeclaration& input : from_.inputs) {
      const NodeId node = move(input.node);
      to_.inputs.push_back({std::move(input.name), node, std::move(input.strides)});
    }
    for (const WeakScalars::Slot& slot : slots_) declare(slot);
    for (size_t s = 0; s < slots_.size(); ++s) convert(slots_[s], to_.scalars[s]);
    for (size_t i = 0; i < from_.nodes.size(); ++i) {
      if (moved_to_[i] < 0) move(static_cast<NodeId>(i));
    }
    for (const NodeId output : from_.outputs) to_.outputs.push_back(moved_to(output));
    return std::move(to_);
  }

 private:
  NodeId& moved_to(NodeId id) { return moved_to_[static_cast<size_t>(id)]; }

  NodeId move(NodeId id) {
    Node node = std::move(from_.node(id));
    for (NodeId& input : node.inputs) input = moved_to(input);
    return moved_to(id) = to_.append(std::move(node));
  }

  void declare(const WeakScalars::Slot& slot) {
    Node node;
    node.op = OpCode::scalar;
    node.type.dtype = slot.dtype;
    to_.scalars.push_back(to_.append(std::move(node)));
    const auto reader = slot.nodes.find(slot.dtype);
    if (reader != slot.nodes.end()) moved_to(reader->second) = to_.scalars.back();
  }

  /// Readers of another dtype than the slot's get a cast.
  void convert(const WeakScalars::Slot& slot, NodeId scalar) {
    for (const auto& [dtype, reader] : slot.nodes) {
      if (dtype == slot.dtype) continue;
      Node cast;
      cast.op = OpCode::cast;
      cast.inputs = {scalar};
      cast.attributes.set(AttributeKey::dtype, static_cast<int64_t>(dtype));
      cast.type.dtype = dtype;
      moved_to(reader) = to_.append(std::move(cast));
    }
  }

  Graph& from_;
  Graph to_;
  std::vector<WeakScalars::Slot> slots_;
  std::vector<NodeId> moved_to_;
};

/// Replaces merged symbols, keeps what is in use, and turns mergers that no type shows into
/// equalities.
class SymbolOrder {
 public:
  SymbolOrder(Graph& graph, const std::vector<Symbol>& symbols, const SymbolTable& table)
      : graph_(graph),
        symbols_(symbols),
        table_(table),
        class_(symbols.size()),
        used_(symbols.size(), false) {}

  void run() {
    merge_equal_derivations();
    for (Node& node : graph_.nodes) replace(node);
    for (const runtime::ValidityRange& range : table_.ranges()) mark(range.symbol);
    collect_equalities();
    mark_terms();
    renumber();
  }

 private:
  /// The symbol that stands for d after all mergers: the oldest of its class.
  Dimension kept(Dimension d) const {
    while (d != one && class_[static_cast<size_t>(d)] != d) d = class_[static_cast<size_t>(d)];
    return d;
  }

  bool merge(Dimension a, Dimension b) {
    a = kept(a);
    b = kept(b);
    if (a == b) return false;
    class_[static_cast<size_t>(std::max(a, b))] = std::min(a, b);
    return true;
  }

  /// Mergers can make terms equal, with them what is derived from them, and so on.
  void merge_equal_derivations() {
    for (size_t i = 0; i < symbols_.size(); ++i) {
      class_[i] = table_.canonical(static_cast<Dimension>(i));
    }
    for (bool merged = true; merged;) {
      merged = false;
      std::unordered_map<std::string, int> known;
      for (size_t i = 0; i < symbols_.size(); ++i) {
        Symbol& symbol = symbols_[i];
        if (symbol.terms.empty()) continue;
        for (int& term : symbol.terms) term = kept(term);
        if (symbol.kind == Symbol::Kind::product) {
          std::sort(symbol.terms.begin(), symbol.terms.end());
        }
        const auto id = static_cast<int>(i);
        if (merge(known.emplace(derivation(symbol), id).first->second, id)) merged = true;
      }
    }
  }

  void mark(Dimension d) {
    if (d != one) used_[static_cast<size_t>(d)] = true;
  }

  void replace(Node& node) {
    for (int i = 0; i < node.type.rank(); ++i) {
      Dimension& d = node.type.dimensions[i];
      d = kept(d);
      mark(d);
    }
    if (!node.attributes.has(AttributeKey::dimensions)) return;
    const Dimensions& dimensions = node.type.dimensions;
    node.attributes.set(AttributeKey::dimensions, {dimensions.begin(), dimensions.end()});
  }

  /// A merged input extent shows in the type of its input; anything else must be tested by name.
  void collect_equalities() {
    std::unordered_set<std::string> known;
    for (size_t i = 0; i < symbols_.size(); ++i) {
      const Symbol& symbol = symbols_[i];
      // Of symbols that are derived alike the first one stands for all.
      if (!symbol.terms.empty() && !known.insert(derivation(symbol)).second) continue;
      const Dimension other = kept(static_cast<Dimension>(i));
      if (other == static_cast<Dimension>(i) || other == one) continue;
      if (symbol.kind == Symbol::Kind::input_extent) continue;
      mark(other);
      mark(static_cast<Dimension>(i));
      graph_.equalities.push_back({other, static_cast<int>(i)});
    }
  }

  void mark_terms() {
    for (size_t i = symbols_.size(); i-- > 0;) {
      if (!used_[i]) continue;
      for (const int term : symbols_[i].terms) mark(term);
    }
  }

  void renumber() {
    std::vector<int> place(symbols_.size(), one);
    const auto placed = [&](int d) { return d == one ? one : place[static_cast<size_t>(d)]; };
    for (size_t i = 0; i < symbols_.size(); ++i) {
      if (!used_[i]) continue;
      place[i] = static_cast<int>(graph_.symbols.size());
      for (int& term : symbols_[i].terms) term = placed(term);
      graph_.symbols.push_back(symbols_[i]);
    }
    for (runtime::ValidityRange range : table_.ranges()) {
      range.symbol = placed(range.symbol);
      graph_.validity.push_back(range);
    }
    for (SymbolEquality& pair : graph_.equalities) {
      pair = {placed(pair.first), placed(pair.second)};
    }
    for (Node& node : graph_.nodes) {
      for (int i = 0; i < node.type.rank(); ++i) {
        node.type.dimensions[i] = placed(node.type.dimensions[i]);
      }
      if (!node.attributes.has(AttributeKey::dimensions)) continue;
      const Dimensions& dimensions = node.type.dimensions;
      node.attributes.set(AttributeKey::dimensions, {dimensions.begin(), dimensions.end()});
    }
  }

  Graph& graph_;
  std::vector<Symbol> symbols_;
  const SymbolTable& table_;
  std::vector<int> class_;  // an older symbol that stands for each, or itself
  std::vector<bool> used_;
};

/// The i-th name of a list that starts with the letters people use for extents.
std::string symbol_name(size_t i) {
  static constexpr std::string_view letters = "nmkpqrtuvwabcdefghjl";
  const std::string letter(1, letters[i % letters.size()]);
  return i < letters.size() ? letter : fmt::format("{}{}", letter, i / letters.size());
}

void name_everything(Graph& graph) {
  std::unordered_set<std::string> taken;
  graph.name = as_identifier(graph.name, "main");
  std::unordered_map<std::string, int> repeats;
  for (InputDeclaration& input : graph.inputs) {
    const std::string wanted = as_identifier(input.name, "x");
    input.name = wanted;
    while (!taken.insert(input.name).second) {
      input.name = fmt::format("{}_{}", wanted, ++repeats[wanted]);
    }
  }
  size_t next = 0;
  for (Symbol& symbol : graph.symbols) {
    do {
      symbol.name = symbol_name(next++);
    } while (!taken.insert(symbol.name).second);
  }
}

}  // namespace

Graph assemble(Graph& graph, const SymbolTable& symbols, const WeakScalars& scalars) {
  Graph ordered = NodeOrder(graph, scalars).run();
  SymbolOrder(ordered, graph.symbols, symbols).run();
  name_everything(ordered);
  return ordered;
}

}  // namespace onepass::ir
