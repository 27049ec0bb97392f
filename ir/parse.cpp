// SPDX-License-Identifier: Apache-2.0
// Reads graphs: a parser of one token look-ahead. The grammar is the printer's.
#include "onepass/ir/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <unordered_map>

#include "onepass/ir/identifier.h"
#include "onepass/ir/token_reader.h"
#include "onepass/ir/verify.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

using runtime::Symbol;
using Kind = Token::Kind;
using SymbolNames = std::unordered_map<std::string, int>;

/// A type whose extents are not looked up yet: parameters come before the symbols.
struct OpenType {
  DType dtype = DType::f32;
  std::vector<Token> extents;
};

class GraphParser {
 public:
  explicit GraphParser(TokenReader& reader) : reader_(reader) {}

  Graph graph() {
    reader_.expect("graph");
    graph_.name = reader_.word("the name of the graph");
    const std::vector<OpenType> types = parameters();
    if (reader_.accept("where")) symbols();
    for (size_t i = 0; i < types.size(); ++i) graph_.nodes[i].type = closed(types[i]);
    default_derivations();
    if (reader_.accept("require")) facts();
    reader_.expect("{");
    nodes();
    reader_.expect("}");
    if (!reader_.at_kind(Kind::end)) reader_.fail("the end of the text");
    check();
    return std::move(graph_);
  }

 private:
  // Parameters.

  std::vector<OpenType> parameters() {
    std::vector<OpenType> types;
    reader_.expect("(");
    if (reader_.accept(")")) return types;
    do types.push_back(parameter());
    while (reader_.accept(","));
    reader_.expect(")");
    return types;
  }

  OpenType parameter() {
    const Token place = reader_.here();
    const std::string name = reader_.word("the name of a parameter");
    reader_.expect(":");
    const bool is_scalar = reader_.accept("scalar");
    if (is_scalar != is_scalar_name(name)) {
      Lexer::fail_at(place, is_scalar ? "a scalar's name, s and its number" : "an input's name");
    }
    declare(name, place, is_scalar);
    if (is_scalar) return {reader_.dtype(), {}};
    const OpenType type = open_type();
    if (reader_.accept("strides")) {
      std::vector<int64_t>& strides = graph_.inputs.back().strides;
      reader_.list([&] { strides.push_back(reader_.integer("a stride")); });
      if (strides.empty()) Lexer::fail_at(place, "strides, or none at all");
    }
    return type;
  }

  void declare(const std::string& name, const Token& place, bool is_scalar) {
    Node node;
    node.op = is_scalar ? OpCode::scalar : OpCode::input;
    const NodeId id = graph_.append(std::move(node));
    places_.push_back(place);
    if (is_scalar) {
      if (name != fmt::format("s{}", graph_.scalars.size())) {
        Lexer::fail_at(place, fmt::format("'s{}'", graph_.scalars.size()));
      }
      graph_.scalars.push_back(id);
    } else {
      if (!graph_.scalars.empty()) Lexer::fail_at(place, "inputs before scalars");
      graph_.inputs.push_back({name, id, {}});
    }
    if (!names_.emplace(name, id).second) Lexer::fail_at(place, "another name");
  }

  OpenType open_type() {
    OpenType type;
    type.dtype = reader_.dtype();
    reader_.list([&] {
      if (type.extents.size() == max_rank) reader_.fail("at most 8 dimensions");
      if (!reader_.at_kind(Kind::word) && reader_.here().text != "1") reader_.fail("an extent");
      type.extents.push_back(reader_.take());
    });
    return type;
  }

  Dimension closed(const Token& extent) const {
    if (extent.text == "1") return one;
    const auto found = symbol_names_->find(std::string(extent.text));
    if (found == symbol_names_->end()) Lexer::fail_at(extent, "1 or the name of an extent");
    return found->second;
  }

  Type closed(const OpenType& open) const {
    Type type{open.dtype, {}};
    for (const Token& extent : open.extents) type.dimensions.push_back(closed(extent));
    return type;
  }

  // Symbols and facts.

  void symbols() {
    do {
      const Token place = reader_.here();
      Symbol symbol;
      symbol.name = reader_.word("the name of an extent");
      reader_.expect("=");
      symbol.value = reader_.integer("the value of an extent");
      symbol.input = -1;
      if (reader_.accept("is")) derivation(symbol);
      const auto number = static_cast<int>(graph_.symbols.size());
      if (!own_symbol_names_.emplace(symbol.name, number).second)
        Lexer::fail_at(place, "another name");
      graph_.symbols.push_back(std::move(symbol));
    } while (reader_.accept(","));
  }

  void derivation(Symbol& symbol) {
    const Token place = reader_.here();
    const std::string kind = reader_.word("how the extent is derived");
    reader_.expect("(");
    symbol.input = 0;
    if (kind == "extent") {
      symbol.input = reader_.small_integer("the number of an input");
      reader_.expect(",");
      symbol.dimension = reader_.small_integer("a dimension");
    } else if (kind == "given") {
      symbol.kind = Symbol::Kind::given;
      symbol.input = reader_.small_integer("the number of a given extent");
    } else {
      terms(symbol, kind, place);
    }
    reader_.expect(")");
  }

  void terms(Symbol& symbol, const std::string& kind, const Token& place) {
    const std::pair<std::string_view, Symbol::Kind> kinds[] = {
        {"sum", Symbol::Kind::sum},
        {"product", Symbol::Kind::product},
        {"quotient", Symbol::Kind::quotient},
        {"slice_length", Symbol::Kind::slice_length}};
    const auto found = std::find_if(std::begin(kinds), std::end(kinds),
                                    [&](const auto& entry) { return entry.first == kind; });
    if (found == std::end(kinds)) {
      Lexer::fail_at(place, "extent, given, sum, product, quotient or slice_length");
    }
    symbol.kind = found->second;
    if (symbol.kind == Symbol::Kind::slice_length) return slice_terms(symbol);
    if (reader_.at(")")) return;
    do symbol.terms.push_back(closed(reader_.take()));
    while (reader_.accept(","));
  }

  void slice_terms(Symbol& symbol) {
    symbol.terms.push_back(closed(reader_.take()));
    reader_.expect(",");
    symbol.start = reader_.integer("the start of a slice");
    reader_.expect(",");
    symbol.stop = reader_.integer("the stop of a slice");
    reader_.expect(",");
    symbol.step = reader_.integer("the step of a slice");
  }

  /// A symbol without a derivation is the extent where the parameters name it first.
  void default_derivations() {
    const auto places = first_places(graph_);
    for (size_t i = 0; i < graph_.symbols.size(); ++i) {
      Symbol& symbol = graph_.symbols[i];
      if (symbol.input >= 0) continue;
      if (places[i].first < 0) {
        reader_.fail(fmt::format("a parameter that names the extent '{}'", symbol.name));
      }
      std::tie(symbol.input, symbol.dimension) = places[i];
    }
  }

  int symbol_number() {
    const Token place = reader_.take();
    const Dimension d = place.kind == Kind::word ? closed(place) : one;
    if (d == one) Lexer::fail_at(place, "the name of an extent");
    return d;
  }

  void facts() {
    do {
      const int symbol = symbol_number();
      if (reader_.accept("==")) {
        graph_.equalities.push_back({symbol, symbol_number()});
        continue;
      }
      reader_.expect("in");
      reader_.expect("[");
      runtime::ValidityRange range;
      range.symbol = symbol;
      range.low = reader_.integer("the lowest value");
      reader_.expect(",");
      range.high = reader_.integer("the highest value");
      reader_.expect("]");
      graph_.validity.push_back(range);
    } while (reader_.accept(","));
  }

  // Nodes.

  void nodes() {
    const size_t parameters = graph_.nodes.size();
    while (!reader_.at("return")) {
      const std::string name = fmt::format("%{}", graph_.nodes.size() - parameters);
      if (reader_.here().text != name) reader_.fail(fmt::format("'{}' or 'return'", name));
      places_.push_back(reader_.take());
      reader_.expect("=");
      graph_.append(node());
    }
    reader_.take();
    operands(graph_.outputs);
    if (graph_.outputs.empty()) reader_.fail("an output");
  }

  Node node() {
    Node node;
    const auto op = op_from_name(reader_.here().text);
    if (!op || !reader_.at_kind(Kind::word) || is_parameter(*op)) reader_.fail("the name of an op");
    if (around_ && (*op == OpCode::fused || *op == OpCode::result)) {
      reader_.fail("an op that a body may hold");
    }
    reader_.take();
    node.op = *op;
    auto body = std::make_shared<Graph>();
    if (node.op == OpCode::fused) {
      bindings(node, *body);
    } else {
      operands(node.inputs);
    }
    if (reader_.accept("{")) attributes(node.attributes);
    reader_.expect(":");
    node.type = closed(open_type());
    if (node.op == OpCode::fused) {
      GraphParser(reader_, *body, graph_, *symbol_names_).body_nodes();
      node.body = std::move(body);
    }
    return node;
  }

  void operands(std::vector<NodeId>& ids) {
    if (!reader_.at_kind(Kind::word) && !reader_.at_kind(Kind::value)) return;
    do ids.push_back(operand());
    while (reader_.accept(","));
  }

  NodeId operand() {
    const Token token = reader_.here();
    if (token.kind == Kind::word) {
      const auto found = names_.find(std::string(token.text));
      if (found == names_.end()) reader_.fail("the name of a parameter");
      reader_.take();
      return found->second;
    }
    if (token.kind != Kind::value) reader_.fail("an operand");
    size_t number = 0;
    const char* end = token.text.data() + token.text.size();
    const auto result = std::from_chars(token.text.data() + 1, end, number);
    const size_t parameters = graph_.inputs.size() + graph_.scalars.size();
    const bool known =
        result.ec == std::errc() && result.ptr == end && number < graph_.nodes.size() - parameters;
    if (!known) reader_.fail("an earlier value");
    reader_.take();
    return static_cast<NodeId>(number + parameters);
  }

  // Attributes.

  void attributes(Attributes& attributes) {
    do {
      const auto key = attribute_from_name(reader_.here().text);
      if (!key || !reader_.at_kind(Kind::word)) reader_.fail("the name of an attribute");
      if (attributes.has(*key)) reader_.fail("each attribute once");
      reader_.take();
      reader_.expect("=");
      read_attribute(reader_, attributes, *key, [&](const Token& token) { return closed(token); });
    } while (reader_.accept(","));
    reader_.expect("}");
  }

  // Bodies.

  GraphParser(TokenReader& reader, Graph& body, const Graph& around,
              const SymbolNames& symbol_names)
      : reader_(reader), around_(&around), body_(&body), symbol_names_(&symbol_names) {
    graph_ = std::move(body);
    for (const InputDeclaration& input : graph_.inputs) names_.emplace(input.name, input.node);
    for (size_t i = 0; i < graph_.scalars.size(); ++i) {
      names_.emplace(fmt::format("s{}", i), graph_.scalars[i]);
    }
  }

  /// "name(x = x, t = %1)"
  void bindings(Node& node, Graph& body) {
    body.name = reader_.word("the name of the kernel");
    reader_.expect("(");
    if (reader_.accept(")")) return;
    do {
      const Token place = reader_.here();
      const std::string name = reader_.word("the name of a parameter");
      reader_.expect("=");
      const NodeId operand = this->operand();
      node.inputs.push_back(operand);
      bind(body, name, place, operand);
    } while (reader_.accept(","));
    reader_.expect(")");
  }

  void bind(Graph& body, const std::string& name, const Token& place, NodeId operand) const {
    const bool is_scalar = is_scalar_name(name);
    Node parameter;
    parameter.op = is_scalar ? OpCode::scalar : OpCode::input;
    parameter.type = graph_.node(operand).type;
    const NodeId id = body.append(std::move(parameter));
    if (is_scalar) {
      if (name != fmt::format("s{}", body.scalars.size())) {
        Lexer::fail_at(place, fmt::format("'s{}'", body.scalars.size()));
      }
      body.scalars.push_back(id);
      return;
    }
    if (!body.scalars.empty()) Lexer::fail_at(place, "arrays before scalars");
    const bool is_input = static_cast<size_t>(operand) < graph_.inputs.size();
    body.inputs.push_back(
        {name, id,
         is_input ? graph_.inputs[static_cast<size_t>(operand)].strides : std::vector<int64_t>{}});
  }

  void body_nodes() {
    reader_.expect("{");
    nodes();
    reader_.expect("}");
    Dimension highest = one;
    for (const Node& node : graph_.nodes) {
      for (const Dimension d : node.type.dimensions) highest = std::max(highest, d);
    }
    graph_.symbols = body_symbols(*around_, static_cast<size_t>(highest + 1));
    *body_ = std::move(graph_);
  }

  /// Text may say anything: what is no graph is the reader's error, at the node where it shows.
  void check() const {
    const std::optional<Violation> violation = find_violation(graph_);
    if (!violation) return;
    const Token place =
        violation->node < 0 ? Token{} : places_[static_cast<size_t>(violation->node)];
    throw UserError(
        fmt::format("parse: line {}, column {}: {}.", place.line, place.column, violation->what));
  }

  TokenReader& reader_;
  Graph graph_;
  const Graph* around_ = nullptr;
  Graph* body_ = nullptr;
  std::unordered_map<std::string, NodeId> names_;
  SymbolNames own_symbol_names_;
  const SymbolNames* symbol_names_ = &own_symbol_names_;
  std::vector<Token> places_;  // of each node
};

}  // namespace

Graph parse(std::string_view text) {
  TokenReader reader(text);
  return GraphParser(reader).graph();
}

}  // namespace onepass::ir
