// SPDX-License-Identifier: Apache-2.0
// Graphs as Graphviz source.
#include <fmt/format.h>

#include <vector>

#include "onepass/ir/print.h"

namespace onepass::ir {
namespace {

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

using Reached = std::vector<bool>;  // by node

/// The nodes that outputs depend on. Of a fused node's operands only those that its body uses
/// count: the exponent that is compiled in is a parameter that nothing reads.
Reached reached_nodes(const Graph& graph) {
  Reached reached(graph.nodes.size());
  for (const NodeId output : graph.outputs) reached[static_cast<size_t>(output)] = true;
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    if (!reached[i]) continue;
    const Node& node = graph.nodes[i];
    const Reached body = node.body == nullptr ? Reached() : reached_nodes(*node.body);
    for (size_t k = 0; k < node.inputs.size(); ++k) {
      if (node.body == nullptr || body[k]) reached[static_cast<size_t>(node.inputs[k])] = true;
    }
  }
  return reached;
}

class DotPrinter {
 public:
  std::string run(const Graph& graph) {
    out_ = fmt::format("digraph {} {{\n  rankdir=TB;\n  node [fontname=\"Helvetica\"];\n",
                       quoted(graph.name));
    nodes(graph, "n");
    for (size_t i = 0; i < graph.outputs.size(); ++i) {
      line("o{} [label=\"output {}\", shape=ellipse, style=dashed];", i, i);
      line("{} -> o{};", source(graph, "n", graph.outputs[i]), i);
    }
    return out_ + "}\n";
  }

 private:
  template <class... Arguments>
  void line(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    out_ += "  " + fmt::format(format, std::forward<Arguments>(arguments)...) + "\n";
  }

  /// The name of the box whose value a node stands for.
  static std::string source(const Graph& graph, const std::string& prefix, NodeId id) {
    const Node& node = graph.node(id);
    if (node.op == OpCode::result) {
      return body_source(graph, prefix, node.inputs[0],
                         static_cast<size_t>(node.attributes.word(AttributeKey::index)));
    }
    if (node.op == OpCode::fused) return body_source(graph, prefix, id, 0);
    return fmt::format("{}{}", prefix, id);
  }

  static std::string body_source(const Graph& graph, const std::string& prefix, NodeId fused,
                                 size_t result) {
    const Graph& body = *graph.node(fused).body;
    const NodeId output = body.outputs[result];
    if (is_parameter(body.node(output).op)) {
      return source(graph, prefix, graph.node(fused).inputs[static_cast<size_t>(output)]);
    }
    return fmt::format("{}{}_{}", prefix, fused, output);
  }

  void box(const Graph& graph, const std::string& name, NodeId id) {
    const Node& node = graph.node(id);
    std::string label(to_string(node.op));
    const char* shape = "box";
    if (node.op == OpCode::input || node.op == OpCode::scalar) {
      const auto i = static_cast<size_t>(id);
      label = i < graph.inputs.size() ? graph.inputs[i].name
                                      : fmt::format("s{}", i - graph.inputs.size());
      shape = "ellipse";
    } else if (node.op == OpCode::constant) {
      label = fmt::format("{}", node.attributes.number(AttributeKey::value));
      shape = "plaintext";
    } else if (node.attributes.has(AttributeKey::exponent)) {
      label += fmt::format(" {}", node.attributes.number(AttributeKey::exponent));
    }
    line("{} [label={}, shape={}];", name, quoted(label + "\n" + print(graph, node.type)), shape);
  }

  void nodes(const Graph& graph, const std::string& prefix) {
    const Reached reached = reached_nodes(graph);
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      const auto id = static_cast<NodeId>(i);
      const Node& node = graph.node(id);
      if (node.op == OpCode::result || !reached[i]) continue;
      if (node.op == OpCode::fused) {
        cluster(graph, prefix, id);
        continue;
      }
      box(graph, fmt::format("{}{}", prefix, id), id);
      for (const NodeId input : node.inputs) {
        line("{} -> {}{};", source(graph, prefix, input), prefix, id);
      }
    }
  }

  void cluster(const Graph& graph, const std::string& prefix, NodeId id) {
    const Node& fused = graph.node(id);
    const Graph& body = *fused.body;
    const Reached reached = reached_nodes(body);
    line("subgraph cluster_{}{} {{", prefix, id);
    line("  label={}; style=rounded;", quoted(body.name));
    for (size_t i = 0; i < body.nodes.size(); ++i) {
      if (is_parameter(body.nodes[i].op) || !reached[i]) continue;
      box(body, fmt::format("{}{}_{}", prefix, id, i), static_cast<NodeId>(i));
    }
    line("}}");
    for (size_t i = 0; i < body.nodes.size(); ++i) {
      if (!reached[i]) continue;
      for (const NodeId input : body.nodes[i].inputs) {
        const bool outside = is_parameter(body.node(input).op);
        line("{} -> {}{}_{};",
             outside ? source(graph, prefix, fused.inputs[static_cast<size_t>(input)])
                     : fmt::format("{}{}_{}", prefix, id, input),
             prefix, id, i);
      }
    }
  }

  std::string out_;
};

}  // namespace

std::string print_dot(const Graph& graph) { return DotPrinter().run(graph); }

}  // namespace onepass::ir
