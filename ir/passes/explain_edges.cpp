// SPDX-License-Identifier: Apache-2.0
// Tells, edge by edge, what fusion did: which values stay in registers, which go through memory,
// and why.
#include <fmt/format.h>

#include <cmath>
#include <unordered_set>

#include "onepass/ir/passes/pipeline.h"

namespace onepass::ir {
namespace {

int64_t bytes_of(const Graph& graph, const Type& type) {
  double bytes = byte_size(type.dtype);
  for (const int64_t extent : graph.captured_shape(type)) bytes *= static_cast<double>(extent);
  constexpr double largest = 4e18;  // twice as much still fits
  return static_cast<int64_t>(std::min(bytes, largest));
}

/// "gelu_0 %3 tanh"
std::string label(const Graph& body, NodeId id) {
  const size_t parameters = body.inputs.size() + body.scalars.size();
  if (static_cast<size_t>(id) < parameters) return body.name;
  return fmt::format("{} %{} {}", body.name, static_cast<size_t>(id) - parameters,
                     to_string(body.node(id).op));
}

class EdgeList {
 public:
  explicit EdgeList(const Graph& graph) : graph_(graph), written_(graph.nodes.size(), false) {}

  std::vector<Edge> run() {
    for (const Node& node : graph_.nodes) {
      if (node.op != OpCode::fused) continue;
      boundaries(node);
      inside(node);
    }
    return std::move(edges_);
  }

 private:
  /// Operands that are arrays: each is read once, and written once if a kernel makes it.
  void boundaries(const Node& fused) {
    const auto reasons = fused.attributes.words(AttributeKey::reasons);
    for (size_t i = 0; i < fused.body->inputs.size(); ++i) {
      Edge edge;
      edge.consumer = first_reader(*fused.body, static_cast<NodeId>(i));
      edge.reason =
          i < reasons.size() ? static_cast<EdgeReason>(reasons[i]) : EdgeReason::shape_change;
      edge.bytes = bytes_of(graph_, fused.body->nodes[i].type);
      NodeId source = fused.inputs[i];
      while (graph_.node(source).op == OpCode::reshape) source = graph_.node(source).inputs[0];
      if (graph_.node(source).op != OpCode::input && !written_[static_cast<size_t>(source)]) {
        written_[static_cast<size_t>(source)] = true;
        edge.bytes *= 2;
      }
      edge.producer = producer(source);
      edges_.push_back(std::move(edge));
    }
  }

  std::string producer(NodeId source) const {
    const Node& node = graph_.node(source);
    if (node.op == OpCode::input) return graph_.inputs[static_cast<size_t>(source)].name;
    const bool further = node.op == OpCode::result;
    const Graph& body = further ? *graph_.node(node.inputs[0]).body : *node.body;
    const int64_t index = further ? node.attributes.word(AttributeKey::index) : 0;
    return label(body, body.outputs[static_cast<size_t>(index)]);
  }

  static std::string first_reader(const Graph& body, NodeId parameter) {
    for (size_t i = 0; i < body.nodes.size(); ++i) {
      for (const NodeId input : body.nodes[i].inputs) {
        if (input == parameter) return label(body, static_cast<NodeId>(i));
      }
    }
    return body.name;
  }

  /// Values that no memory sees: fusion saves writing and reading each once for every reader.
  void inside(const Node& fused) {
    const Graph& body = *fused.body;
    std::vector<bool> saved(body.nodes.size(), false);
    for (const NodeId output : body.outputs) saved[static_cast<size_t>(output)] = true;
    for (size_t i = 0; i < body.nodes.size(); ++i) {
      std::unordered_set<NodeId> seen;
      for (const NodeId input : body.nodes[i].inputs) {
        const OpCode op = body.node(input).op;
        if (is_parameter(op) || op == OpCode::constant || !seen.insert(input).second) continue;
        const bool first = !saved[static_cast<size_t>(input)];
        saved[static_cast<size_t>(input)] = true;
        edges_.push_back({label(body, input), label(body, static_cast<NodeId>(i)),
                          EdgeReason::fused,
                          bytes_of(graph_, body.node(input).type) * (first ? 2 : 1)});
      }
    }
  }

  const Graph& graph_;
  std::vector<bool> written_;
  std::vector<Edge> edges_;
};

}  // namespace

std::vector<Edge> explain_edges(const Graph& graph) { return EdgeList(graph).run(); }

}  // namespace onepass::ir
