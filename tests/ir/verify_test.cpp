// SPDX-License-Identifier: Apache-2.0
// Each invariant, broken once.
#include "onepass/ir/verify.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "onepass/ir/parse.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

Graph small_graph() {
  return parse(
      "graph g(x: f32[n, m], y: f32[m], s0: scalar f32) where n = 4, m = 5, k = 20 is product(n, "
      "m), p = 9 is sum(n, m) require n in [0, end] { %0 = add x, y : f32[n, m] %1 = multiply %0, "
      "s0 : f32[n, m] %2 = sum %1 {axes = [1], keepdims = false} : f32[n] %3 = constant {value = "
      "2, "
      "dtype = f32} : f32[] return %2, %1 }");
}

Graph fused_graph() {
  Graph graph = small_graph();
  graph.nodes.pop_back();
  fuse(graph, {});
  return graph;
}

std::string broken(Graph graph, const std::function<void(Graph&)>& damage) {
  EXPECT_EQ(find_violation(graph), std::nullopt);
  damage(graph);
  const auto violation = find_violation(graph);
  return violation ? violation->what : "no violation";
}

Node& fused_node(Graph& graph) {
  for (Node& node : graph.nodes) {
    if (node.op == OpCode::fused) return node;
  }
  throw InternalError("no fused node");
}

/// Changes the body of the first fused node.
void change_body(Graph& graph, const std::function<void(Graph&)>& change) {
  auto body = std::make_shared<Graph>(*fused_node(graph).body);
  change(*body);
  fused_node(graph).body = body;
}

struct Damage {
  const char* what;
  void (*apply)(Graph&);
};

constexpr Damage damages[] = {
    {"the name of a symbol is not an identifier", [](Graph& g) { g.symbols[0].name = "2n"; }},
    {"two symbols have one name", [](Graph& g) { g.symbols[1].name = "n"; }},
    {"a symbol refers to a later one", [](Graph& g) { g.symbols[2].terms[0] = 3; }},
    {"an input extent is negative or has terms", [](Graph& g) { g.symbols[0].value = -4; }},
    {"a given extent has terms or no word",
     [](Graph& g) { g.symbols[3].kind = runtime::Symbol::Kind::given; }},
    {"a slice length has one term and a step",
     [](Graph& g) { g.symbols[3].kind = runtime::Symbol::Kind::slice_length; }},
    {"the value of a symbol does not follow from its terms",
     [](Graph& g) { g.symbols[2].value = 21; }},
    {"a symbol names an input that is not there", [](Graph& g) { g.symbols[0].input = 2; }},
    {"a symbol names a dimension that is not there", [](Graph& g) { g.symbols[0].dimension = 2; }},
    {"a symbol differs from the extent it names", [](Graph& g) { g.symbols[0].dimension = 1; }},
    {"a range names no symbol", [](Graph& g) { g.validity[0].symbol = 4; }},
    {"a captured value is outside its range", [](Graph& g) { g.validity[0].high = 3; }},
    {"an equality does not name two symbols in order",
     [](Graph& g) { g.equalities.push_back({1, 1}); }},
    {"symbols that must be equal differ", [](Graph& g) { g.equalities.push_back({0, 1}); }},
    {"inputs are not the first nodes", [](Graph& g) { g.nodes[1].op = OpCode::scalar; }},
    {"the name of an input is not an identifier, or that of a scalar",
     [](Graph& g) { g.inputs[0].name = "s1"; }},
    {"two inputs have one name", [](Graph& g) { g.inputs[1].name = "x"; }},
    {"an input has not one stride per dimension", [](Graph& g) { g.inputs[0].strides = {1}; }},
    {"a stride is beyond every memory", [](Graph& g) { g.inputs[0].strides = {INT64_MAX, 1}; }},
    {"scalars do not follow the inputs", [](Graph& g) { g.scalars[0] = 3; }},
    {"an input or scalar is not declared", [](Graph& g) { g.scalars.clear(); }},
    {"an operand is not an earlier node", [](Graph& g) { g.nodes[3].inputs[0] = 3; }},
    {"an extent is not a symbol", [](Graph& g) { g.nodes[3].type.dimensions[0] = 4; }},
    {"the op has no attribute 'axes'",
     [](Graph& g) { g.nodes[3].attributes.set(AttributeKey::axes, 0); }},
    {"the attribute 'keepdims' is missing",
     [](Graph& g) { g.nodes[5].attributes.erase(AttributeKey::keepdims); }},
    {"the attribute 'keepdims' has an impossible value",
     [](Graph& g) { g.nodes[5].attributes.set(AttributeKey::keepdims, 2); }},
    {"an attribute has not one value",
     [](Graph& g) { g.nodes[5].attributes.set(AttributeKey::keepdims, std::vector<int64_t>{}); }},
    {"a fused node has no body, or another node has one",
     [](Graph& g) { g.nodes[3].body = std::make_shared<Graph>(); }},
    {"a source has operands", [](Graph& g) { g.nodes[6].inputs = {0}; }},
    {"a scalar has dimensions", [](Graph& g) { g.nodes[2].type.dimensions = {0}; }},
    {"the dtype of a constant is not that of its type",
     [](Graph& g) { g.nodes[6].type.dtype = f64; }},
    {"a result does not belong to a fused node",
     [](Graph& g) {
       g.nodes[3].op = OpCode::result;
       g.nodes[3].inputs = {0};
       g.nodes[3].attributes.set(AttributeKey::index, 1);
     }},
    {"the type is f32[m, n], but the op gives f32[4, 5]",
     [](Graph& g) { g.nodes[3].type.dimensions = {1, 0}; }},
    {"add: 1 operands; it takes 2.", [](Graph& g) { g.nodes[3].inputs.pop_back(); }},
    {"a graph has at least one output", [](Graph& g) { g.outputs.clear(); }},
    {"an output is not a node", [](Graph& g) { g.outputs[0] = 7; }},
};

constexpr Damage fused_damages[] = {
    {"the name of a body is not an identifier",
     [](Graph& g) { change_body(g, [](Graph& body) { body.name = "a b"; }); }},
    {"a fused node has not one operand per parameter of its body",
     [](Graph& g) { fused_node(g).inputs.pop_back(); }},
    {"an operand of a fused node has not the type of the body's parameter",
     [](Graph& g) { std::swap(fused_node(g).inputs[0], fused_node(g).inputs[1]); }},
    {"the strides of a body's parameter are not those of its operand",
     [](Graph& g) { change_body(g, [](Graph& body) { body.inputs[0].strides = {7, 1}; }); }},
    {"in the body: an operand is not an earlier node",
     [](Graph& g) { change_body(g, [](Graph& body) { body.nodes.back().inputs[0] = 99; }); }},
    {"in the body: a symbol of a body is not that of the graph around it",
     [](Graph& g) { change_body(g, [](Graph& body) { body.symbols[0].name = "other"; }); }},
    {"in the body: a body holds a fused node",
     [](Graph& g) {
       const Node inner = fused_node(g);
       change_body(g, [&](Graph& body) {
         Node copy = inner;
         body.nodes.push_back(copy);
       });
     }},
    {"the type of a fused node is not that of its first result",
     [](Graph& g) { fused_node(g).type.dtype = f64; }},
    {"a fused node has not one reason per array",
     [](Graph& g) { fused_node(g).attributes.set(AttributeKey::reasons, {0, 0, 0}); }},
};

TEST(Verifier, NamesEveryBrokenInvariant) {
  for (const Damage& damage : damages) {
    EXPECT_EQ(broken(small_graph(), damage.apply), damage.what);
  }
}

TEST(Verifier, LooksIntoBodies) {
  for (const Damage& damage : fused_damages) {
    EXPECT_EQ(broken(fused_graph(), damage.apply), damage.what);
  }
}

TEST(Verifier, NamesTheNodeAndTheOp) {
  Graph graph = small_graph();
  graph.nodes[3].type.dtype = f64;
  try {
    verify(graph);
    FAIL();
  } catch (const InternalError& error) {
    EXPECT_TRUE(std::string_view(error.what())
                    .starts_with("graph g, node 3 (add): the type is f64[n, m], but the op gives "
                                 "f32[4, 5]"))
        << error.what();
  }
}

}  // namespace
}  // namespace onepass::ir
