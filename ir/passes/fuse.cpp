// SPDX-License-Identifier: Apache-2.0
// Turns clusters into fused nodes with bodies. Afterwards a graph holds inputs, scalars, fused
// nodes, their further results and reshapes; every output is a result of a fused node, or a reshape
// of one, that no other output names.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "onepass/ir/edge_reason.h"
#include "onepass/ir/passes/clusters.h"
#include "onepass/ir/passes/column_strips.h"
#include "onepass/ir/passes/product_operands.h"
#include "onepass/ir/passes/product_rows.h"
#include "onepass/runtime/layout.h"

namespace onepass::ir {
namespace {

/// Builds the body of one fused node while its operands are found.
class BodyBuilder {
 public:
  BodyBuilder(const Graph& graph, const Clusters& clusters, int cluster)
      : graph_(graph), clusters_(clusters), cluster_(cluster) {}

  /// The old nodes that the body reads: arrays, then scalars.
  void find_operands(const std::vector<NodeId>& nodes) {
    std::unordered_set<NodeId> seen;
    for (const NodeId id : nodes) {
      for (const NodeId input : graph_.node(id).inputs) find_operand(input, seen);
    }
  }

  const std::vector<NodeId>& arrays() const { return arrays_; }
  const std::vector<NodeId>& scalars() const { return scalars_; }

  void declare(NodeId array, std::string name, std::vector<int64_t> strides) {
    const NodeId node = parameter(OpCode::input, graph_.node(array).type);
    body_.inputs.push_back({std::move(name), node, std::move(strides)});
    local_[array] = node;
  }

  void declare_scalars() {
    for (const NodeId id : scalars_) {
      local_[id] = parameter(OpCode::scalar, graph_.node(id).type);
      body_.scalars.push_back(local_[id]);
    }
  }

  void add(NodeId id) {
    Node node = graph_.node(id);
    for (NodeId& input : node.inputs) input = local(input);
    note_symbols(node.type);
    local_[id] = body_.append(std::move(node));
  }

  void add_output(NodeId id) { body_.outputs.push_back(local(id)); }

  Graph take(std::string name) {
    body_.name = std::move(name);
    body_.symbols = body_symbols(graph_, symbol_count_);
    return std::move(body_);
  }

 private:
  bool is_inside(NodeId id) const { return clusters_.of_node[static_cast<size_t>(id)] == cluster_; }
  bool is_cloned(NodeId id) const { return clusters_.is_cloned[static_cast<size_t>(id)]; }

  void find_operand(NodeId id, std::unordered_set<NodeId>& seen) {
    if (is_inside(id) || !seen.insert(id).second) return;
    if (!is_cloned(id)) {
      arrays_.push_back(id);
    } else if (graph_.node(id).op == OpCode::scalar) {
      scalars_.push_back(id);
    } else {
      // As deep as the largest clone at most.
      for (const NodeId input : graph_.node(id).inputs) find_operand(input, seen);
    }
  }

  NodeId parameter(OpCode op, const Type& type) {
    Node node;
    node.op = op;
    node.type = type;
    note_symbols(type);
    return body_.append(std::move(node));
  }

  void note_symbols(const Type& type) {
    for (const Dimension d : type.dimensions) {
      symbol_count_ = std::max(symbol_count_, static_cast<size_t>(d + 1));
    }
  }

  NodeId local(NodeId id) {
    const auto found = local_.find(id);
    if (found != local_.end()) return found->second;
    add(id);  // a constant or a scalar computation: cloned
    return local_[id];
  }

  const Graph& graph_;
  const Clusters& clusters_;
  int cluster_;
  Graph body_;
  size_t symbol_count_ = 0;
  std::vector<NodeId> arrays_, scalars_;
  std::unordered_map<NodeId, NodeId> local_;
};

class Fuser {
 public:
  Fuser(Graph& graph, Mode mode)
      : graph_(graph),
        mode_(mode),
        clusters_(find_clusters(graph, mode)),
        is_result_(graph.nodes.size(), false),
        detour_(graph.nodes.size(), EdgeReason::shape_change),
        moved_to_(graph.nodes.size(), -1) {}

  void run() {
    find_results();
    begin();
    for (size_t c = 0; c < clusters_.list.size(); ++c) add_cluster(static_cast<int>(c));
    std::unordered_set<NodeId> claimed;
    for (const NodeId output : graph_.outputs) add_output(output, claimed);
    graph_.nodes = std::move(fused_.nodes);
    graph_.outputs = std::move(fused_.outputs);
  }

 private:
  int cluster_of(NodeId id) const { return clusters_.of_node[static_cast<size_t>(id)]; }
  NodeId& moved_to(NodeId id) { return moved_to_[static_cast<size_t>(id)]; }
  const Cluster& cluster(int c) const { return clusters_.list[static_cast<size_t>(c)]; }

  /// Nodes that a kernel must store: outputs, and what other kernels read.
  void find_results() {
    for (const NodeId output : graph_.outputs) is_result_[static_cast<size_t>(output)] = true;
    for (const Cluster& cluster : clusters_.list) {
      for (const NodeId id : cluster.nodes) {
        for (const NodeId input : graph_.node(id).inputs) {
          if (cluster_of(input) == cluster_of(id)) continue;
          is_result_[static_cast<size_t>(input)] = true;
          note_reader(input, cluster.kind);
        }
      }
    }
  }

  void begin() {
    for (size_t i = 0; i < graph_.inputs.size() + graph_.scalars.size(); ++i) {
      moved_to_[i] = fused_.append(graph_.nodes[i]);
    }
  }

  void add_cluster(int c) {
    if (cluster(c).kind == ClusterKind::reshape) return add_reshape(cluster(c).nodes[0]);
    BodyBuilder body(graph_, clusters_, c);
    body.find_operands(cluster(c).nodes);
    std::vector<NodeId> operands;
    std::vector<int64_t> reasons;
    declare_operands(body, operands, reasons, c);
    std::vector<NodeId> results;
    for (const NodeId id : cluster(c).nodes) {
      body.add(id);
      if (!is_result_[static_cast<size_t>(id)]) continue;
      body.add_output(id);
      results.push_back(id);
    }
    append_fused(body.take(next_name()), std::move(operands), std::move(reasons), results);
  }

  void declare_operands(BodyBuilder& body, std::vector<NodeId>& operands,
                        std::vector<int64_t>& reasons, int c) {
    std::unordered_set<std::string> names;
    for (const NodeId array : body.arrays()) {
      const bool is_input = graph_.node(array).op == OpCode::input;
      if (is_input) names.insert(graph_.inputs[static_cast<size_t>(array)].name);
    }
    int temporaries = 0;
    for (const NodeId array : body.arrays()) {
      const bool is_input = graph_.node(array).op == OpCode::input;
      const InputDeclaration* declared =
          is_input ? &graph_.inputs[static_cast<size_t>(array)] : nullptr;
      std::string name = is_input ? declared->name : fmt::format("t{}", temporaries++);
      while (!is_input && !names.insert(name).second) name += '_';
      body.declare(array, std::move(name), is_input ? declared->strides : std::vector<int64_t>{});
      operands.push_back(moved_to(array));
      reasons.push_back(static_cast<int64_t>(reason(array, c)));
    }
    body.declare_scalars();
    for (const NodeId scalar : body.scalars()) operands.push_back(moved_to(scalar));
  }

  EdgeReason reason(NodeId array, int consumer) const {
    const int producer = cluster_of(array);
    if (producer < 0) return EdgeReason::graph_input;
    if (mode_ == Mode::unfused) return EdgeReason::mode;
    const auto either = [&](ClusterKind kind) {
      return cluster(producer).kind == kind || cluster(consumer).kind == kind;
    };
    if (either(ClusterKind::library)) return EdgeReason::library_call;
    if (either(ClusterKind::movement) || either(ClusterKind::reshape)) {
      return EdgeReason::shape_change;
    }
    if (either(ClusterKind::product)) {
      const bool costly = clusters_.is_costly[static_cast<size_t>(array)];
      return costly ? EdgeReason::computed_again : EdgeReason::product;
    }
    if (either(ClusterKind::reduce) || either(ClusterKind::running)) return EdgeReason::reduction;
    return detour_[static_cast<size_t>(array)];
  }

  /// Between two element-wise kernels something else reads the value, or it is read under several
  /// views.
  void note_reader(NodeId array, ClusterKind reader) {
    EdgeReason& detour = detour_[static_cast<size_t>(array)];
    if (reader == ClusterKind::library) detour = EdgeReason::library_call;
    if (detour != EdgeReason::shape_change) return;
    if (reader == ClusterKind::product) detour = EdgeReason::product;
    if (reader == ClusterKind::reduce || reader == ClusterKind::running) {
      detour = EdgeReason::reduction;
    }
  }

  std::string next_name() { return fmt::format("{}_{}", graph_.name, kernels_++); }

  /// Appends the node and its further results; `results` are old nodes, in the order of the body's
  /// outputs.
  NodeId append_fused(Graph body, std::vector<NodeId> operands, std::vector<int64_t> reasons,
                      const std::vector<NodeId>& results) {
    const auto shared = std::make_shared<const Graph>(std::move(body));
    Node node;
    node.op = OpCode::fused;
    node.inputs = std::move(operands);
    node.attributes.set(AttributeKey::reasons, std::move(reasons));
    node.type = shared->node(shared->outputs[0]).type;
    node.body = shared;
    const NodeId fused = fused_.append(std::move(node));
    for (size_t i = 0; i < results.size(); ++i) {
      moved_to(results[i]) = i == 0 ? fused : append_result(fused, *shared, i);
    }
    return fused;
  }

  NodeId append_result(NodeId fused, const Graph& body, size_t index) {
    Node node;
    node.op = OpCode::result;
    node.inputs = {fused};
    node.attributes.set(AttributeKey::index, static_cast<int64_t>(index));
    node.type = body.node(body.outputs[index]).type;
    return fused_.append(std::move(node));
  }

  /// Other extents for the same memory, which must be dense.
  void add_reshape(NodeId id) {
    Node node = graph_.node(id);
    const NodeId input = node.inputs[0];
    node.inputs[0] = is_dense(input) ? moved_to(input) : append_copy(moved_to(input));
    moved_to(id) = fused_.append(std::move(node));
  }

  bool is_dense(NodeId id) const {
    if (graph_.node(id).op != OpCode::input) return true;
    const std::vector<int64_t>& strides = graph_.inputs[static_cast<size_t>(id)].strides;
    if (strides.empty()) return true;
    const Type& type = graph_.node(id).type;
    return runtime::Layout(type.dtype, graph_.captured_shape(type), Strides(strides)).is_dense();
  }

  /// A kernel that stores a value again: `id` is a node of the new graph.
  NodeId append_copy(NodeId id) {
    const Node& source = fused_.node(id);
    Graph body;
    Node parameter;
    parameter.op = source.op == OpCode::scalar ? OpCode::scalar : OpCode::input;
    parameter.type = source.type;
    body.append(std::move(parameter));
    std::vector<int64_t> reasons;
    if (source.op == OpCode::scalar) {
      body.scalars = {0};
    } else {
      const bool is_input = source.op == OpCode::input;
      const auto i = static_cast<size_t>(id);
      body.inputs.push_back({is_input ? graph_.inputs[i].name : "t0", 0,
                             is_input ? graph_.inputs[i].strides : std::vector<int64_t>{}});
      reasons.push_back(
          static_cast<int64_t>(is_input ? EdgeReason::graph_input : EdgeReason::shape_change));
    }
    body.outputs = {0};
    size_t symbols = 0;
    for (const Dimension d : source.type.dimensions) {
      symbols = std::max(symbols, static_cast<size_t>(d + 1));
    }
    body.symbols = body_symbols(graph_, symbols);
    body.name = next_name();
    return append_fused(std::move(body), {id}, std::move(reasons), {});
  }

  NodeId append_constant(NodeId id) {
    Graph body;
    body.append(graph_.node(id));
    body.outputs = {0};
    body.name = next_name();
    return append_fused(std::move(body), {}, {}, {});
  }

  /// The node whose memory a node of the new graph names.
  NodeId storage(NodeId id) const {
    while (fused_.node(id).op == OpCode::reshape) id = fused_.node(id).inputs[0];
    return id;
  }

  /// Each output is memory of its own.
  void add_output(NodeId old, std::unordered_set<NodeId>& claimed) {
    if (graph_.node(old).op == OpCode::constant) {
      fused_.outputs.push_back(append_constant(old));
      return;
    }
    const NodeId id = moved_to(old);
    const NodeId root = storage(id);
    const bool owned = !is_parameter(fused_.node(root).op) && claimed.insert(root).second;
    fused_.outputs.push_back(owned ? id : append_copy(id));
  }

  Graph& graph_;
  Mode mode_;
  Clusters clusters_;
  Graph fused_;
  std::vector<bool> is_result_;
  std::vector<EdgeReason> detour_;
  std::vector<NodeId> moved_to_;
  int kernels_ = 0;
};

}  // namespace

void fuse(Graph& graph, const PassOptions& options) {
  if (options.mode == Mode::interpreted) return;
  if (options.mode == Mode::fused) {
    fix_columns(graph);
    fix_column_strips(graph);
    fix_rows(graph);
  }
  Fuser(graph, options.mode).run();
}

}  // namespace onepass::ir
