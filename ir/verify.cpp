// SPDX-License-Identifier: Apache-2.0
// The invariants of graphs, one function each.
#include "onepass/ir/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "onepass/ir/edge_reason.h"
#include "onepass/ir/identifier.h"
#include "onepass/ir/print.h"
#include "onepass/ir/type_rules.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

using runtime::Symbol;

/// Thrown inside this file, caught in find_violation.
struct Broken {
  Violation violation;
};

class Verifier {
 public:
  /// `around` is the graph that a body stands in, whose extents it shares.
  Verifier(const Graph& graph, const Graph* around, SymbolTable* shared)
      : graph_(graph), around_(around), shared_(shared) {}

  void run() {
    check_symbols();
    check_facts();
    check_parameters();
    std::vector<Symbol> symbols;
    if (!around_) symbols = graph_.symbols;
    SymbolTable own(symbols, graph_.validity, graph_.equalities);
    if (!shared_) shared_ = &own;
    check_nodes(*shared_);
  }

 private:
  void check_nodes(SymbolTable& table) {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      node_ = static_cast<NodeId>(i);
      check_node(graph_.nodes[i], table);
    }
    node_ = -1;
    require(!graph_.outputs.empty(), "a graph has at least one output");
    for (const NodeId output : graph_.outputs) require(is_node(output), "an output is not a node");
  }

  void require(bool holds, std::string_view what) const {
    if (!holds) throw Broken{{node_, std::string(what)}};
  }

  bool is_node(NodeId id) const { return id >= 0 && static_cast<size_t>(id) < graph_.nodes.size(); }
  bool is_dimension(int64_t d) const {
    return d >= one && d < static_cast<int64_t>(graph_.symbols.size());
  }

  void check_symbols() const {
    std::unordered_set<std::string_view> names;
    for (size_t i = 0; i < graph_.symbols.size(); ++i) {
      const Symbol& symbol = graph_.symbols[i];
      require(is_identifier(symbol.name), "the name of a symbol is not an identifier");
      require(names.insert(symbol.name).second, "two symbols have one name");
      for (const int term : symbol.terms) {
        require(term >= one && term < static_cast<int>(i), "a symbol refers to a later one");
      }
      if (around_) {
        check_body_symbol(i);
      } else {
        check_derivation(symbol);
      }
    }
  }

  /// Bodies take extents from the graph around them.
  void check_body_symbol(size_t i) const {
    const Symbol& symbol = graph_.symbols[i];
    require(i < around_->symbols.size() && around_->symbols[i].name == symbol.name &&
                around_->symbols[i].value == symbol.value && symbol.kind == Symbol::Kind::given &&
                symbol.input == static_cast<int>(i) && symbol.terms.empty(),
            "a symbol of a body is not that of the graph around it");
  }

  void check_derivation(const Symbol& symbol) const {
    const size_t terms = symbol.terms.size();
    switch (symbol.kind) {
      case Symbol::Kind::input_extent:
        require(terms == 0 && symbol.value >= 0, "an input extent is negative or has terms");
        return check_input_extent(symbol);
      case Symbol::Kind::given:
        return require(terms == 0 && symbol.input >= 0, "a given extent has terms or no word");
      case Symbol::Kind::slice_length:
        require(terms == 1 && symbol.step != 0 && symbol.step != INT64_MIN,
                "a slice length has one term and a step");
        break;
      case Symbol::Kind::quotient:
        require(terms >= 1, "a quotient has no terms");
        break;
      case Symbol::Kind::sum:
      case Symbol::Kind::product:
        break;
    }
    for (const int term : symbol.terms) {
      require(graph_.captured_extent(term) >= 0, "a term of a symbol is negative");
    }
    require(symbol.value == value_of(symbol),
            "the value of a symbol does not follow from its terms");
  }

  void check_input_extent(const Symbol& symbol) const {
    const auto input = static_cast<size_t>(symbol.input);
    require(symbol.input >= 0 && input < graph_.inputs.size() && is_node(graph_.inputs[input].node),
            "a symbol names an input that is not there");
    const Type& type = graph_.node(graph_.inputs[input].node).type;
    require(symbol.dimension >= 0 && symbol.dimension < type.rank(),
            "a symbol names a dimension that is not there");
    const Dimension d = type.dimensions[symbol.dimension];
    require(is_dimension(d) && graph_.captured_extent(d) == symbol.value,
            "a symbol differs from the extent it names");
  }

  int64_t value_of(const Symbol& symbol) const {
    try {
      return derived_value(symbol, [&](int term) { return graph_.captured_extent(term); });
    } catch (const UserError&) {
      throw Broken{{-1, "the value of a symbol does not follow from its terms"}};
    }
  }

  void check_facts() const {
    const auto count = static_cast<int>(graph_.symbols.size());
    for (const runtime::ValidityRange& range : graph_.validity) {
      require(range.symbol >= 0 && range.symbol < count, "a range names no symbol");
      const int64_t value = graph_.captured_extent(range.symbol);
      require(value >= range.low && value <= range.high, "a captured value is outside its range");
    }
    for (const SymbolEquality& pair : graph_.equalities) {
      require(pair.first >= 0 && pair.first < pair.second && pair.second < count,
              "an equality does not name two symbols in order");
      require(graph_.captured_extent(pair.first) == graph_.captured_extent(pair.second),
              "symbols that must be equal differ");
    }
  }

  void check_parameters() const {
    const size_t inputs = graph_.inputs.size(), scalars = graph_.scalars.size();
    require(inputs + scalars <= graph_.nodes.size(), "inputs or scalars are missing");
    std::unordered_set<std::string_view> names;
    for (size_t i = 0; i < inputs; ++i) {
      const InputDeclaration& input = graph_.inputs[i];
      require(input.node == static_cast<NodeId>(i) && graph_.nodes[i].op == OpCode::input,
              "inputs are not the first nodes");
      require(is_identifier(input.name) && !is_scalar_name(input.name),
              "the name of an input is not an identifier, or that of a scalar");
      require(names.insert(input.name).second, "two inputs have one name");
      require(input.strides.empty() ||
                  input.strides.size() == static_cast<size_t>(graph_.nodes[i].type.rank()),
              "an input has not one stride per dimension");
      check_strides(input, graph_.nodes[i].type);
    }
    for (size_t i = 0; i < scalars; ++i) {
      require(graph_.scalars[i] == static_cast<NodeId>(inputs + i) &&
                  graph_.nodes[inputs + i].op == OpCode::scalar,
              "scalars do not follow the inputs");
    }
  }

  void check_strides(const InputDeclaration& input, const Type& type) const {
    for (size_t d = 0; d < input.strides.size(); ++d) {
      const Dimension extent = type.dimensions[static_cast<int>(d)];
      require(is_dimension(extent), "an extent is not a symbol");
      int64_t span = 0;
      require(input.strides[d] != INT64_MIN &&
                  !__builtin_mul_overflow(input.strides[d], graph_.captured_extent(extent), &span),
              "a stride is beyond every memory");
    }
  }

  void check_node(const Node& node, SymbolTable& table) const {
    const auto parameters = graph_.inputs.size() + graph_.scalars.size();
    require(is_parameter(node.op) == (static_cast<size_t>(node_) < parameters),
            "an input or scalar is not declared");
    for (const NodeId input : node.inputs) {
      require(input >= 0 && input < node_, "an operand is not an earlier node");
    }
    for (const Dimension d : node.type.dimensions) {
      require(is_dimension(d), "an extent is not a symbol");
      require(graph_.captured_extent(d) >= 0, "an extent is negative");
    }
    check_attributes(node);
    require((node.op == OpCode::fused) == (node.body != nullptr),
            "a fused node has no body, or another node has one");
    if (is_parameter(node.op) || node.op == OpCode::constant) return check_source(node);
    if (node.op == OpCode::fused) return check_fused(node, table);
    if (node.op == OpCode::result) return check_result(node);
    check_type(node, table);
  }

  void check_attributes(const Node& node) const {
    const AttributeRules rules = attribute_rules(node.op);
    for (const Attributes::Entry& entry : node.attributes.entries()) {
      require(
          std::find(rules.allowed.begin(), rules.allowed.end(), entry.key) != rules.allowed.end(),
          fmt::format("the op has no attribute '{}'", info(entry.key).name));
      check_words(entry);
    }
    for (const AttributeKey key : rules.required) {
      require(node.attributes.has(key),
              fmt::format("the attribute '{}' is missing", info(key).name));
    }
  }

  void check_words(const Attributes::Entry& entry) const {
    const AttributeKind kind = info(entry.key).kind;
    const bool is_list = kind == AttributeKind::integers || kind == AttributeKind::symbols ||
                         kind == AttributeKind::reasons;
    require(is_list || entry.words.size() == 1, "an attribute has not one value");
    if (entry.key == AttributeKey::dimensions) {
      require(entry.words.size() <= max_rank, "a shape has too many extents");
    }
    for (const int64_t word : entry.words) {
      const bool valid = kind == AttributeKind::boolean   ? word == 0 || word == 1
                         : kind == AttributeKind::dtype   ? word >= 0 && word < dtype_count
                         : kind == AttributeKind::word    ? word == 0 || word == 1
                         : kind == AttributeKind::symbols ? is_dimension(word)
                         : kind == AttributeKind::reasons
                             ? word >= 0 && word < int64_t{std::size(edge_reason_names)}
                             : true;
      require(valid,
              fmt::format("the attribute '{}' has an impossible value", info(entry.key).name));
    }
  }

  void check_source(const Node& node) const {
    require(node.inputs.empty(), "a source has operands");
    if (node.op == OpCode::input) return;
    require(node.type.rank() == 0, "a scalar has dimensions");
    require(node.op == OpCode::scalar || node.attributes.dtype() == node.type.dtype,
            "the dtype of a constant is not that of its type");
  }

  void check_fused(const Node& node, SymbolTable& table) const {
    const Graph& body = *node.body;
    require(!around_, "a body holds a fused node");
    require(is_identifier(body.name), "the name of a body is not an identifier");
    require(node.inputs.size() == body.inputs.size() + body.scalars.size(),
            "a fused node has not one operand per parameter of its body");
    if (const auto violation = find_violation_in(body, &graph_, &table)) {
      throw Broken{{node_, "in the body: " + violation->what}};
    }
    for (size_t i = 0; i < node.inputs.size(); ++i) check_binding(node, i);
    require(node.type == body.node(body.outputs[0]).type,
            "the type of a fused node is not that of its first result");
    const auto reasons = node.attributes.words(AttributeKey::reasons);
    require(reasons.empty() || reasons.size() == body.inputs.size(),
            "a fused node has not one reason per array");
  }

  void check_binding(const Node& fused, size_t i) const {
    const Graph& body = *fused.body;
    const Node& operand = graph_.node(fused.inputs[i]);
    require(operand.type == body.nodes[i].type,
            "an operand of a fused node has not the type of the body's parameter");
    const bool wants_scalar = i >= body.inputs.size();
    require(wants_scalar == (operand.op == OpCode::scalar),
            "a scalar is bound to an array of a body, or an array to a scalar");
    if (wants_scalar) return;
    const bool is_input = operand.op == OpCode::input;
    require(body.inputs[i].strides ==
                (is_input ? graph_.inputs[static_cast<size_t>(fused.inputs[i])].strides
                          : std::vector<int64_t>{}),
            "the strides of a body's parameter are not those of its operand");
  }

  void check_result(const Node& node) const {
    require(node.inputs.size() == 1 && graph_.node(node.inputs[0]).op == OpCode::fused,
            "a result does not belong to a fused node");
    const Graph& body = *graph_.node(node.inputs[0]).body;
    const int64_t index = node.attributes.word(AttributeKey::index);
    require(index >= 1 && index < static_cast<int64_t>(body.outputs.size()),
            "a result names no further output of its fused node");
    require(node.type == body.node(body.outputs[static_cast<size_t>(index)]).type,
            "the type of a result is not that of the body's output");
  }

  void check_type(const Node& node, SymbolTable& table) const {
    std::vector<Type> types;
    for (const NodeId input : node.inputs) types.push_back(graph_.node(input).type);
    Type expected;
    try {
      expected = infer(node.op, types, node.attributes, table);
    } catch (const UserError& error) {
      throw Broken{{node_, error.what()}};
    }
    bool same = expected.dtype == node.type.dtype && expected.rank() == node.type.rank();
    for (int d = 0; same && d < expected.rank(); ++d) {
      same = table.canonical(expected.dimensions[d]) == table.canonical(node.type.dimensions[d]);
    }
    require(same, fmt::format("the type is {}, but the op gives {}", print(graph_, node.type),
                              to_string(expected, table)));
  }

 public:
  static std::optional<Violation> find_violation_in(const Graph& graph, const Graph* around,
                                                    SymbolTable* shared) {
    try {
      Verifier(graph, around, shared).run();
    } catch (const Broken& broken) {
      return broken.violation;
    }
    return std::nullopt;
  }

 private:
  const Graph& graph_;
  const Graph* around_;
  SymbolTable* shared_;
  NodeId node_ = -1;
};

}  // namespace

std::optional<Violation> find_violation(const Graph& graph) {
  return Verifier::find_violation_in(graph, nullptr, nullptr);
}

void verify(const Graph& graph) {
  const std::optional<Violation> violation = find_violation(graph);
  if (!violation) return;
  const NodeId id = violation->node;
  const std::string where =
      id < 0 ? std::string() : fmt::format(", node {} ({})", id, to_string(graph.node(id).op));
  throw InternalError(fmt::format("graph {}{}: {}", graph.name, where, violation->what));
}

}  // namespace onepass::ir
