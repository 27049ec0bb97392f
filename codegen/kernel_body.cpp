// SPDX-License-Identifier: Apache-2.0
// Bodies of one node: arrays first, then scalars, constants cloned inside.
#include "onepass/codegen/kernel_body.h"

#include <algorithm>
#include <string>

namespace onepass::codegen {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::OpCode;

class BodyMaker {
 public:
  BodyMaker(const Graph& graph, std::string name) : graph_(graph) {
    body_->name = std::move(name);
    body_->symbols = ir::body_symbols(graph, graph.symbols.size());
  }

  /// Makes `nodes` of the graph operands: nodes of the body stand in for them.
  void add_operands(const std::vector<NodeId>& nodes) {
    for (const NodeId id : nodes) {
      const OpCode op = graph_.node(id).op;
      if (op != OpCode::scalar && op != OpCode::constant) add_input(id);
    }
    for (const NodeId id : nodes) {
      if (graph_.node(id).op == OpCode::scalar) add_scalar(id);
    }
    for (const NodeId id : nodes) {
      if (graph_.node(id).op == OpCode::constant && inside(id) < 0) add(id, graph_.node(id));
    }
  }

  NodeId inside(NodeId id) const {
    const auto found = std::find(outside_.begin(), outside_.end(), id);
    return found == outside_.end() ? -1 : static_cast<NodeId>(found - outside_.begin());
  }

  /// Adds a copy of node `id` whose inputs are operands.
  NodeId add_copy(NodeId id) {
    Node node = graph_.node(id);
    for (NodeId& input : node.inputs) input = inside(input);
    return add(id, std::move(node));
  }

  Node finish(NodeId output) {
    body_->outputs = {output};
    Node fused;
    fused.op = OpCode::fused;
    fused.inputs = std::move(operands_);
    fused.type = body_->node(output).type;
    fused.body = std::move(body_);
    return fused;
  }

 private:
  NodeId add(NodeId id, Node node) {
    outside_.push_back(id);
    return body_->append(std::move(node));
  }

  void add_input(NodeId id) {
    if (inside(id) >= 0) return;
    Node node;
    node.op = OpCode::input;
    node.type = graph_.node(id).type;
    const std::string name = "x" + std::to_string(body_->inputs.size());
    body_->inputs.push_back({name, add(id, std::move(node)), {}});
    operands_.push_back(id);
  }

  void add_scalar(NodeId id) {
    if (inside(id) >= 0) return;
    body_->scalars.push_back(add(id, graph_.node(id)));
    operands_.push_back(id);
  }

  const Graph& graph_;
  std::shared_ptr<Graph> body_ = std::make_shared<Graph>();
  std::vector<NodeId> outside_;   // by node of the body: the node of the graph
  std::vector<NodeId> operands_;  // of the fused node
};

}  // namespace

Node kernel_of_node(const Graph& graph, NodeId id) {
  BodyMaker maker(graph, std::string(ir::to_string(graph.node(id).op)));
  maker.add_operands(graph.node(id).inputs);
  return maker.finish(maker.add_copy(id));
}

Node kernel_of_copy(const Graph& graph, NodeId id) {
  BodyMaker maker(graph, "copy");
  maker.add_operands({id});
  return maker.finish(maker.inside(id));
}

}  // namespace onepass::codegen
