// SPDX-License-Identifier: Apache-2.0
// Goes through the nodes as the interpreter does, and counts.
#include "onepass/ir/interpreter_steps.h"

#include <algorithm>

#include "onepass/ir/counting_emitter.h"
#include "onepass/ir/cumulative.h"
#include "onepass/ir/interpret.h"

namespace onepass::ir {
namespace {

int64_t elements(const Graph& graph, const Type& type) {
  return element_count(graph.captured_shape(type));
}

int64_t bytes(const Graph& graph, const Type& type) {
  return elements(graph, type) * byte_size(type.dtype);
}

/// What the formula of an op does for one element.
double element_flops(const Graph& graph, const Node& node, Accuracy accuracy) {
  const DType dtype = graph.node(node.inputs.back()).type.dtype;
  if (!is_floating(dtype)) return 1;
  if (node.attributes.has(AttributeKey::exponent)) return 2;
  return op_cost(node.op, dtype, accuracy).flops;
}

/// The bytes of an array of the call: a dimension of stride 0 repeats what is there.
int64_t input_bytes(const Graph& graph, NodeId id) {
  const Type& type = graph.node(id).type;
  const auto input = std::find_if(graph.inputs.begin(), graph.inputs.end(),
                                  [&](const InputDeclaration& i) { return i.node == id; });
  if (input == graph.inputs.end() || input->strides.empty()) return bytes(graph, type);
  int64_t count = 1;
  for (int d = 0; d < type.rank(); ++d) {
    const int64_t extent = graph.captured_extent(type.dimensions[d]);
    const bool is_repeated = extent > 0 && input->strides[static_cast<size_t>(d)] == 0;
    if (!is_repeated) count *= extent;
  }
  return count * byte_size(type.dtype);
}

int64_t operand_bytes(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (node.op == OpCode::scalar || node.op == OpCode::constant) return 0;
  return node.op == OpCode::input ? input_bytes(graph, id) : bytes(graph, node.type);
}

int64_t bytes_read(const Graph& graph, const Node& node) {
  // These two touch only the elements that they keep.
  if (node.op == OpCode::slice) return bytes(graph, node.type);
  if (node.op == OpCode::take) {
    return bytes(graph, node.type) + operand_bytes(graph, node.inputs[1]);
  }
  int64_t sum = 0;
  for (auto input = node.inputs.begin(); input != node.inputs.end(); ++input) {
    const bool is_repeated = std::find(node.inputs.begin(), input, *input) != input;
    if (!is_repeated) sum += operand_bytes(graph, *input);
  }
  return sum;
}

void add_steps(const Graph& graph, Accuracy accuracy, std::vector<InterpreterStep>& steps) {
  for (const Node& node : graph.nodes) {
    if (node.op == OpCode::fused) add_steps(*node.body, accuracy, steps);
    if (!is_step(node.op)) continue;
    steps.push_back({std::string(to_string(node.op)), is_elementwise(node.op),
                     bytes_read(graph, node), bytes(graph, node.type),
                     node_flops(graph, node, accuracy)});
  }
  if (computes_output_in_place(graph)) return;
  for (const NodeId output : graph.outputs) {
    steps.push_back(
        {"copy", false, operand_bytes(graph, output), bytes(graph, graph.node(output).type), 0});
  }
}

}  // namespace

double node_flops(const Graph& graph, const Node& node, Accuracy accuracy) {
  if (is_elementwise(node.op)) {
    return static_cast<double>(elements(graph, node.type)) * element_flops(graph, node, accuracy);
  }
  if (is_reduction(node.op)) {
    return static_cast<double>(elements(graph, graph.node(node.inputs[0]).type));
  }
  if (is_cumulative(node.op)) return 2 * static_cast<double>(elements(graph, node.type));
  if (node.op == OpCode::matmul) {
    const Dimensions& lhs = graph.node(node.inputs[0]).type.dimensions;
    return 2.0 * static_cast<double>(elements(graph, node.type)) *
           static_cast<double>(graph.captured_extent(lhs[lhs.rank() - 1]));
  }
  return 0;
}

std::vector<InterpreterStep> interpreter_steps(const Graph& graph, Accuracy accuracy) {
  std::vector<InterpreterStep> steps;
  add_steps(graph, accuracy, steps);
  return steps;
}

}  // namespace onepass::ir
