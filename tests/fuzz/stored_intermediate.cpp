// SPDX-License-Identifier: Apache-2.0
#include "stored_intermediate.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph_ways.h"
#include "onepass/ir/passes/passes.h"
#include "onepass/ir/verify.h"

namespace onepass::fuzz {
namespace {

using ir::Graph;
using ir::Mode;
using ir::Node;
using ir::NodeId;
using ir::RandomCase;

/// Puts a new input after the others and lets every reader of `node` read it.
void replace_by_input(Graph& graph, NodeId node) {
  const auto place = static_cast<NodeId>(graph.inputs.size());
  const auto moved = [&](NodeId id) {
    if (id == node) return place;
    return id < place ? id : id + 1;
  };
  Node input;
  input.op = ir::OpCode::input;
  input.type = graph.node(node).type;
  for (Node& reader : graph.nodes) {
    std::transform(reader.inputs.begin(), reader.inputs.end(), reader.inputs.begin(), moved);
  }
  std::transform(graph.outputs.begin(), graph.outputs.end(), graph.outputs.begin(), moved);
  std::transform(graph.scalars.begin(), graph.scalars.end(), graph.scalars.begin(), moved);
  graph.nodes.insert(graph.nodes.begin() + place, std::move(input));
  graph.inputs.push_back({"stored", place, {}});
}

}  // namespace

std::vector<NodeId> intermediates(const Graph& graph) {
  std::vector<NodeId> result;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto id = static_cast<NodeId>(i);
    const ir::OpCode op = graph.nodes[i].op;
    if (ir::is_parameter(op) || op == ir::OpCode::constant) continue;
    if (std::find(graph.outputs.begin(), graph.outputs.end(), id) == graph.outputs.end()) {
      result.push_back(id);
    }
  }
  return result;
}

RandomCase with_output(const RandomCase& random, NodeId node) {
  RandomCase result = random;
  result.graph.outputs.push_back(node);
  return result;
}

RandomCase with_input_for(const RandomCase& random, NodeId node, const runtime::ArrayView& value) {
  RandomCase result = random;
  replace_by_input(result.graph, node);
  ir::eliminate_dead(result.graph, {});
  ir::verify(result.graph);
  result.inputs.push_back(value);
  return result;
}

std::optional<std::string> difference_when_stored(const RandomCase& random, NodeId node,
                                                  bool split) {
  const Results expected = interpreted(random);
  const RandomCase stored = with_output(random, node);
  for (const codegen::Target& target : targets()) {
    Results results = compiled(stored, Mode::fused, target, 2);
    const auto describe = [&](const char* how, const std::string& what) {
      return fmt::format("%{} stored as {}, {}: {}", node, how, to_string(target.instruction_set),
                         what);
    };
    if (const auto found = difference(random.graph, results, expected)) {
      return describe("an output", *found);
    }
    if (!split) continue;
    const ir::Type& type = random.graph.node(node).type;
    const RandomCase rest = with_input_for(
        random, node,
        runtime::dense_view(results.back().data(), type.dtype, random.graph.captured_shape(type)));
    if (const auto found =
            difference(random.graph, compiled(rest, Mode::fused, target, 2), expected)) {
      return describe("an input", *found);
    }
  }
  return std::nullopt;
}

}  // namespace onepass::fuzz
