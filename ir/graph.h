// SPDX-License-Identifier: Apache-2.0
// The graph: a list of typed nodes in single-assignment form. The interpreter (ir/interpret.h) is
// its executable meaning.
//
// Semantics. Every mode computes exactly this.
//  - IEEE 754, round to nearest, subnormals and signed zeros kept, no reassociation, no implicit
//  contraction: a fused
//    multiply-add happens only where a node or a formula says `fma`. Two NaNs are the same result.
//  - Element-wise ops broadcast: extents are equal or 1, missing ones count as 1 on the left.
//  Inputs of an op have one
//    dtype; promotion is an explicit cast that the builder inserts.
//  - Integers wrap. x // 0 = 0, x % 0 = 0; the smallest integer divided by -1 or negated wraps; a
//  shift by the width or
//    more gives 0 (arithmetic right: the sign). Float to integer saturates and NaN gives 0.
//  - f16 and bf16 are storage: between the inputs and the outputs of a graph they are computed in
//  f32 (pass widen_half),
//    rounded once at an output or at an explicit cast.
//  - A scalar written by the user is a run-time argument (node `scalar`); only `constant` nodes may
//  be folded. Accuracy fast compiles 0.5 and 1 in: engine/literal.h.
//  - Reductions have the fixed order of docs/ir.md; matmul accumulates k in index order by fma (N >
//  1) or in the order of an
//    inner sum with the product fused into the lane (N = 1).
//  - An extent is the constant 1 or a symbol. Two symbols are equal only if an op requires it.
//
// Shape of a graph. The nodes begin with the inputs, then the scalars, each in the order of the
// call; they stay even if nothing uses them. A literal beside a f16 or bf16 tensor is an f32 of
// rank 0, which the type rules allow there. Bodies of fused nodes: the first body.inputs.size()
// operands of the fused node are arrays, the others scalars. A body numbers symbols like the graph
// around it and takes their values from there: symbol i is of kind `given`, word i.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "onepass/ir/attributes.h"
#include "onepass/ir/op.h"
#include "onepass/ir/type.h"
#include "onepass/runtime/program.h"
#include "onepass/runtime/symbol.h"

namespace onepass::ir {

class Graph;

/// Index of a node in its graph. Inputs of a node have smaller ids.
using NodeId = int;

struct Node {
  OpCode op = OpCode::constant;
  std::vector<NodeId> inputs;
  Attributes attributes;
  Type type;  // of a fused node: of its first result
  std::shared_ptr<const Graph>
      body;  // of a fused node: one input node per operand, one output per result
};

/// An array that the call provides. `strides` are those of the captured call, in elements; empty
/// means dense.
struct InputDeclaration {
  std::string name;
  NodeId node = 0;
  std::vector<int64_t> strides;
};

/// Two symbols that have one value in every call this graph is right for, though each is derived on
/// its own.
struct SymbolEquality {
  int first = 0, second = 0;
  friend bool operator==(const SymbolEquality&, const SymbolEquality&) = default;
};

class Graph {
 public:
  std::string name = "main";
  std::vector<runtime::Symbol> symbols;
  /// Facts of the sizes that this graph relies on, besides the types of its inputs. The guard tests
  /// them.
  std::vector<runtime::ValidityRange> validity;
  std::vector<SymbolEquality> equalities;
  std::vector<InputDeclaration> inputs;  // in the order of the call
  std::vector<NodeId> scalars;           // `scalar` nodes in the order of the call
  std::vector<Node> nodes;
  std::vector<NodeId> outputs;

  const Node& node(NodeId id) const { return nodes[static_cast<size_t>(id)]; }
  Node& node(NodeId id) { return nodes[static_cast<size_t>(id)]; }
  NodeId append(Node node);

  /// The extents of a type as they were at capture.
  Shape captured_shape(const Type& type) const;
  int64_t captured_extent(Dimension d) const {
    return d == one ? 1 : symbols[static_cast<size_t>(d)].value;
  }
};

/// Structural equality: same names, symbols, nodes and outputs, in the same order.
bool operator==(const Graph& a, const Graph& b);

/// How many nodes and outputs use each node.
std::vector<int> count_uses(const Graph& graph);

/// True for nodes that stand first in every graph: inputs and scalars.
constexpr bool is_parameter(OpCode op) { return op == OpCode::input || op == OpCode::scalar; }

/// True if `graph`, captured with other sizes, is right for symbols of these values.
bool facts_hold(const Graph& graph, std::span<const int64_t> symbol_values);

/// For each symbol the input and dimension where the types of the inputs first name it, or (-1,
/// -1).
std::vector<std::pair<int, int>> first_places(const Graph& graph);

/// The symbols of a body whose highest symbol in use is `count` - 1: see "Shape of a graph".
std::vector<runtime::Symbol> body_symbols(const Graph& graph, size_t count);

}  // namespace onepass::ir
