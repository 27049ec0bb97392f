// SPDX-License-Identifier: Apache-2.0
// The graph: a list of typed nodes in single-assignment form. The interpreter (ir/interpret.h) is its executable meaning.
//
// Semantics. Every mode computes exactly this.
//  - IEEE 754, round to nearest, subnormals and signed zeros kept, no reassociation, no implicit contraction: a fused
//    multiply-add happens only where a node or a formula says `fma`. Two NaNs are the same result.
//  - Element-wise ops broadcast: extents are equal or 1, missing ones count as 1 on the left. Inputs of an op have one
//    dtype; promotion is an explicit cast that the builder inserts.
//  - Integers wrap. x // 0 = 0, x % 0 = 0; the smallest integer divided by -1 or negated wraps; a shift by the width or
//    more gives 0 (arithmetic right: the sign). Float to integer saturates and NaN gives 0.
//  - f16 and bf16 are storage: between the inputs and the outputs of a graph they are computed in f32 (pass widen_half),
//    rounded once at an output or at an explicit cast.
//  - A scalar written by the user is a run-time argument (node `scalar`); only `constant` nodes may be folded.
//  - sum has the fixed order of docs/ir.md; matmul accumulates k in index order by fma (N > 1) or in the order of an
//    inner sum with the product fused into the lane (N = 1).
//  - An extent is the constant 1 or a symbol. Two symbols are equal only if an op requires it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "onepass/ir/attributes.h"
#include "onepass/ir/op.h"
#include "onepass/ir/type.h"
#include "onepass/runtime/symbol.h"

namespace onepass::ir {

class Graph;

/// Index of a node in its graph. Inputs of a node have smaller ids.
using NodeId = int;

struct Node {
  OpCode op = OpCode::constant;
  std::vector<NodeId> inputs;
  Attributes attributes;
  Type type;                          // of a fused node: of its first result
  std::shared_ptr<const Graph> body;  // of a fused node: one input node per operand, one output per result
};

/// An array that the call provides. `strides` are those of the captured call, in elements; empty means dense.
struct InputDeclaration {
  std::string name;
  NodeId node = 0;
  std::vector<int64_t> strides;
};

class Graph {
 public:
  std::string name = "main";
  std::vector<runtime::Symbol> symbols;
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

}  // namespace onepass::ir
