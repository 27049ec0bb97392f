// SPDX-License-Identifier: Apache-2.0
// The text form of graphs.
#include "onepass/ir/print.h"

#include <fmt/format.h>

#include <bit>
#include <iterator>

#include "onepass/ir/edge_reason.h"

namespace onepass::ir {
namespace {

using runtime::Symbol;

class Printer {
 public:
  Printer(const Graph& graph, std::string& out) : graph_(graph), out_(out) {}

  void graph() {
    put("graph {}(", graph_.name);
    parameters();
    put(")");
    symbols();
    facts();
    put(" {{\n");
    body(1);
    put("}}\n");
  }

  void type(const Type& type) {
    put("{}[", to_string(type.dtype));
    for (int i = 0; i < type.rank(); ++i) {
      put("{}{}", i == 0 ? "" : ", ", dimension(type.dimensions[i]));
    }
    put("]");
  }

 private:
  template <class... Arguments>
  void put(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Arguments>(arguments)...);
  }

  std::string dimension(Dimension d) const {
    return d == one ? "1" : graph_.symbols[static_cast<size_t>(d)].name;
  }

  std::string operand(NodeId id) const {
    const auto i = static_cast<size_t>(id);
    const size_t inputs = graph_.inputs.size(), scalars = graph_.scalars.size();
    if (i < inputs) return graph_.inputs[i].name;
    if (i < inputs + scalars) return fmt::format("s{}", i - inputs);
    return fmt::format("%{}", i - inputs - scalars);
  }

  void parameters() {
    for (size_t i = 0; i < graph_.inputs.size(); ++i) {
      const InputDeclaration& input = graph_.inputs[i];
      put("{}{}: ", i == 0 ? "" : ", ", input.name);
      type(graph_.node(input.node).type);
      if (input.strides.empty()) continue;
      put(" strides ");
      list(input.strides);
    }
    for (size_t i = 0; i < graph_.scalars.size(); ++i) {
      put("{}s{}: scalar {}", i == 0 && graph_.inputs.empty() ? "" : ", ", i,
          to_string(graph_.node(graph_.scalars[i]).type.dtype));
    }
  }

  void symbols() {
    const auto places = first_places(graph_);
    for (size_t i = 0; i < graph_.symbols.size(); ++i) {
      const Symbol& symbol = graph_.symbols[i];
      put("{}{} = {}", i == 0 ? " where " : ", ", graph_.symbols[i].name, graph_.symbols[i].value);
      // The parameters say already where an extent comes from if they name it first there.
      const bool is_said = symbol.kind == Symbol::Kind::input_extent &&
                           std::pair(symbol.input, symbol.dimension) == places[i];
      if (!is_said) derivation(symbol);
    }
  }

  void derivation(const Symbol& symbol) {
    switch (symbol.kind) {
      case Symbol::Kind::input_extent:
        return put(" is extent({}, {})", symbol.input, symbol.dimension);
      case Symbol::Kind::given:
        return put(" is given({})", symbol.input);
      case Symbol::Kind::sum:
        put(" is sum(");
        break;
      case Symbol::Kind::product:
        put(" is product(");
        break;
      case Symbol::Kind::quotient:
        put(" is quotient(");
        break;
      case Symbol::Kind::slice_length:
        put(" is slice_length(");
        break;
    }
    for (size_t i = 0; i < symbol.terms.size(); ++i) {
      put("{}{}", i == 0 ? "" : ", ", dimension(symbol.terms[i]));
    }
    if (symbol.kind == Symbol::Kind::slice_length) {
      put(", {}, {}, {}", integer(symbol.start), integer(symbol.stop), symbol.step);
    }
    put(")");
  }

  void facts() {
    const char* separator = " require ";
    for (const runtime::ValidityRange& range : graph_.validity) {
      put("{}{} in [{}, {}]", separator, dimension(range.symbol), integer(range.low),
          integer(range.high));
      separator = ", ";
    }
    for (const SymbolEquality& pair : graph_.equalities) {
      put("{}{} == {}", separator, dimension(pair.first), dimension(pair.second));
      separator = ", ";
    }
  }

  /// The largest word is how slices and ranges say "to the end".
  static std::string integer(int64_t word) {
    return word == runtime::slice_end ? "end" : std::to_string(word);
  }

  template <class Words>
  void list(const Words& words) {
    put("[");
    for (size_t i = 0; i < words.size(); ++i) put("{}{}", i == 0 ? "" : ", ", integer(words[i]));
    put("]");
  }

  void attribute(const Attributes::Entry& entry) {
    put("{} = ", info(entry.key).name);
    const int64_t word = entry.words.empty() ? 0 : entry.words[0];
    switch (info(entry.key).kind) {
      case AttributeKind::number:
        return put("{}", std::bit_cast<double>(word));
      case AttributeKind::integer:
        return put("{}", integer(word));
      case AttributeKind::integers:
        return list(entry.words);
      case AttributeKind::boolean:
        return put("{}", word != 0);
      case AttributeKind::dtype:
        return put("{}", to_string(static_cast<DType>(word)));
      case AttributeKind::word:
        return put("{}",
                   word == static_cast<int64_t>(Provider::openblas) ? "openblas" : "generated");
      case AttributeKind::symbols:
        return names(entry.words, [&](int64_t d) { return dimension(static_cast<int>(d)); });
      case AttributeKind::reasons:
        return names(entry.words, [](int64_t r) { return to_string(static_cast<EdgeReason>(r)); });
    }
  }

  template <class Name>
  void names(const std::vector<int64_t>& words, Name name) {
    put("[");
    for (size_t i = 0; i < words.size(); ++i) put("{}{}", i == 0 ? "" : ", ", name(words[i]));
    put("]");
  }

  void attributes(const Attributes& attributes) {
    if (attributes.empty()) return;
    put(" {{");
    const char* separator = "";
    for (const Attributes::Entry& entry : attributes.entries()) {
      put("{}", separator);
      attribute(entry);
      separator = ", ";
    }
    put("}}");
  }

  void indent(int depth) { out_.append(static_cast<size_t>(depth) * 2, ' '); }

  void body(int depth) {
    const size_t first = graph_.inputs.size() + graph_.scalars.size();
    for (size_t i = first; i < graph_.nodes.size(); ++i) node(static_cast<NodeId>(i), depth);
    indent(depth);
    put("return");
    operands(graph_.outputs);
    put("\n");
  }

  void operands(const std::vector<NodeId>& ids) {
    for (size_t i = 0; i < ids.size(); ++i) put("{}{}", i == 0 ? " " : ", ", operand(ids[i]));
  }

  void node(NodeId id, int depth) {
    const Node& node = graph_.node(id);
    indent(depth);
    put("{} = {}", operand(id), to_string(node.op));
    if (node.body) {
      bindings(node);
    } else {
      operands(node.inputs);
    }
    attributes(node.attributes);
    put(" : ");
    type(node.type);
    if (node.body) {
      put(" {{\n");
      Printer(*node.body, out_).body(depth + 1);
      indent(depth);
      put("}}");
    }
    put("\n");
  }

  /// "name(x = x, t = %1)": what the body calls its operands.
  void bindings(const Node& node) {
    put(" {}(", node.body->name);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const size_t arrays = node.body->inputs.size();
      put("{}{} = {}", i == 0 ? "" : ", ",
          i < arrays ? node.body->inputs[i].name : fmt::format("s{}", i - arrays),
          operand(node.inputs[i]));
    }
    put(")");
  }

  const Graph& graph_;
  std::string& out_;
};

}  // namespace

std::string print(const Graph& graph) {
  std::string out;
  Printer(graph, out).graph();
  return out;
}

std::string print(const Graph& graph, const Type& type) {
  std::string out;
  Printer(graph, out).type(type);
  return out;
}

}  // namespace onepass::ir
