// SPDX-License-Identifier: Apache-2.0
// Goes through the nodes in order; keeps each result as long as something reads it.
#include "onepass/ir/interpret.h"

#include <algorithm>
#include <vector>

#include "onepass/ir/convert_elements.h"
#include "onepass/runtime/buffer.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/mxcsr.h"

namespace onepass::ir {
namespace {

using runtime::ArrayView;
using runtime::Buffer;

Interpretation* interpretation_of(OpCode op) {
  if (is_elementwise(op)) return interpret_elementwise;
  switch (op) {
#define ONEPASS_STRUCTURAL_OP(name, ...) \
  case OpCode::name:                     \
    return interpret_##name;
#include "onepass/ir/structural_ops.def"
    default:
      throw InternalError("interpret: a node that is no op");
  }
}

/// What a call of a graph, or of the body of a fused node, provides.
struct GraphCall {
  std::span<const ArrayView> inputs;
  std::span<const uint64_t> scalars;
  std::span<const int64_t> given;
  Accuracy accuracy;
};

/// The values of a graph's nodes while it runs.
class GraphRun {
 public:
  GraphRun(const Graph& graph, const GraphCall& call);

  /// Computes every node. The last may write to the only output at once: nothing can fail after it.
  void run(std::span<const ArrayView> outputs);
  void copy_outputs(std::span<const ArrayView> outputs) const;

 private:
  Shape shape_of(const Type& type) const;
  void bind_parameters(const GraphCall& call);
  void run_node(NodeId id, const ArrayView* target);
  void run_constant(NodeId id);
  void run_fused(NodeId id);
  void release_operands(const Node& node);
  std::vector<ArrayView> operands_of(const Node& node) const;
  const ArrayView& value(NodeId id) const { return values_[static_cast<size_t>(id)]; }

  const Graph& graph_;
  Accuracy accuracy_;
  std::vector<int64_t> symbol_values_;
  std::vector<uint64_t> slots_;                  // scalars and constants, one a node
  std::vector<ArrayView> values_;                // one a node
  std::vector<Buffer> memory_;                   // of the node's value, if it has its own
  std::vector<std::vector<ArrayView>> results_;  // of fused nodes, all of them
  std::vector<std::vector<Buffer>> result_memory_;
  std::vector<int> uses_left_;
};

GraphRun::GraphRun(const Graph& graph, const GraphCall& call)
    : graph_(graph),
      accuracy_(call.accuracy),
      symbol_values_(graph.symbols.size()),
      slots_(graph.nodes.size()),
      values_(graph.nodes.size()),
      memory_(graph.nodes.size()),
      results_(graph.nodes.size()),
      result_memory_(graph.nodes.size()),
      uses_left_(count_uses(graph)) {
  std::vector<Shape> shapes;
  for (const ArrayView& input : call.inputs) shapes.push_back(input.shape);
  runtime::resolve_symbols(graph.symbols, shapes, call.given, symbol_values_);
  bind_parameters(call);
}

Shape GraphRun::shape_of(const Type& type) const {
  Shape shape;
  for (const Dimension d : type.dimensions) {
    shape.push_back(d == one ? 1 : symbol_values_[static_cast<size_t>(d)]);
  }
  return shape;
}

void GraphRun::bind_parameters(const GraphCall& call) {
  internal_check(
      call.inputs.size() == graph_.inputs.size() && call.scalars.size() == graph_.scalars.size(),
      "interpret: inputs or scalars do not match the graph");
  for (size_t i = 0; i < graph_.inputs.size(); ++i) {
    values_[static_cast<size_t>(graph_.inputs[i].node)] = call.inputs[i];
  }
  for (size_t i = 0; i < graph_.scalars.size(); ++i) {
    const auto node = static_cast<size_t>(graph_.scalars[i]);
    slots_[node] = call.scalars[i];
    values_[node] = runtime::dense_view(&slots_[node], graph_.nodes[node].type.dtype, {});
  }
}

std::vector<ArrayView> GraphRun::operands_of(const Node& node) const {
  std::vector<ArrayView> operands;
  for (const NodeId id : node.inputs) operands.push_back(value(id));
  return operands;
}

void GraphRun::run_constant(NodeId id) {
  const auto at = static_cast<size_t>(id);
  const Node& node = graph_.node(id);
  store_number(node.attributes.number(AttributeKey::value), node.type.dtype, &slots_[at]);
  values_[at] =
      broadcasted(runtime::dense_view(&slots_[at], node.type.dtype, {}), shape_of(node.type));
}

void GraphRun::run_fused(NodeId id) {
  const auto at = static_cast<size_t>(id);
  const Node& node = graph_.node(id);
  const Graph& body = *node.body;
  std::vector<ArrayView> arrays;
  std::vector<uint64_t> scalars;
  for (const NodeId input : node.inputs) {
    const ArrayView& operand = value(input);
    if (arrays.size() < body.inputs.size()) {
      arrays.push_back(operand);
    } else {
      uint64_t slot = 0;
      std::copy_n(operand.data, byte_size(operand.dtype), reinterpret_cast<std::byte*>(&slot));
      scalars.push_back(slot);
    }
  }
  GraphRun inner(body, {arrays, scalars, symbol_values_, accuracy_});
  for (const NodeId output : body.outputs) {
    const Type& type = body.node(output).type;
    const Shape shape = inner.shape_of(type);
    result_memory_[at].emplace_back(element_count(shape) * byte_size(type.dtype));
    results_[at].push_back(
        runtime::dense_view(result_memory_[at].back().data(), type.dtype, shape));
  }
  inner.run(results_[at]);
  inner.copy_outputs(results_[at]);
  values_[at] = results_[at][0];
}

void GraphRun::run_node(NodeId id, const ArrayView* target) {
  const auto at = static_cast<size_t>(id);
  const Node& node = graph_.node(id);
  if (is_parameter(node.op)) return;
  if (node.op == OpCode::constant) return run_constant(id);
  if (node.op == OpCode::fused) return run_fused(id);
  if (node.op == OpCode::result) {
    const auto index = static_cast<size_t>(node.attributes.word(AttributeKey::index));
    values_[at] = results_[static_cast<size_t>(node.inputs[0])][index];
    return;
  }
  if (target != nullptr) {
    values_[at] = *target;
  } else {
    const Shape shape = shape_of(node.type);
    memory_[at] = Buffer(element_count(shape) * byte_size(node.type.dtype));
    values_[at] = runtime::dense_view(memory_[at].data(), node.type.dtype, shape);
  }
  const std::vector<ArrayView> operands = operands_of(node);
  interpretation_of(node.op)({node, operands, values_[at], accuracy_});
}

void GraphRun::release_operands(const Node& node) {
  for (const NodeId input : node.inputs) {
    const auto at = static_cast<size_t>(input);
    // The results of a fused node are read by later `result` nodes and what follows them: they
    // stay.
    if (--uses_left_[at] == 0) memory_[at] = Buffer();
  }
}

void GraphRun::run(std::span<const ArrayView> outputs) {
  const auto last = static_cast<NodeId>(graph_.nodes.size()) - 1;
  const bool writes_through = computes_output_in_place(graph_);
  for (NodeId id = 0; id <= last; ++id) {
    run_node(id, writes_through && id == last ? outputs.data() : nullptr);
    release_operands(graph_.node(id));
  }
}

void GraphRun::copy_outputs(std::span<const ArrayView> outputs) const {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const ArrayView& from = value(graph_.outputs[i]);
    if (from.data != outputs[i].data) copy_elements(from, outputs[i]);
  }
}

}  // namespace

bool computes_output_in_place(const Graph& graph) {
  return graph.outputs.size() == 1 && !graph.nodes.empty() && is_step(graph.nodes.back().op) &&
         graph.outputs[0] == static_cast<NodeId>(graph.nodes.size()) - 1;
}

void interpret(const Graph& graph, std::span<const ArrayView> inputs,
               std::span<const uint64_t> scalars, std::span<const int64_t> given,
               std::span<const ArrayView> outputs, Accuracy accuracy) {
  const runtime::FloatingPointDefaults defaults;
  internal_check(outputs.size() == graph.outputs.size(),
                 "interpret: outputs do not match the graph");
  GraphRun run(graph, {inputs, scalars, given, accuracy});
  run.run(outputs);
  run.copy_outputs(outputs);
}

}  // namespace onepass::ir
