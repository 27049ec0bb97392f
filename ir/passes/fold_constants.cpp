// SPDX-License-Identifier: Apache-2.0
// Computes what depends on constants alone, with the interpreter, so that the bits are those of
// every mode.
#include <algorithm>
#include <cstring>
#include <optional>

#include "onepass/ir/interpret.h"
#include "onepass/ir/passes/passes.h"
#include "onepass/ir/passes/rewriter.h"
#include "onepass/runtime/array_view.h"

namespace onepass::ir {
namespace {

/// A half value in the middle of a graph is not rounded, which a constant could not express.
bool can_fold(const Node& node, const Rewriter& rewriter) {
  if (!is_elementwise(node.op) && node.op != OpCode::cast) return false;
  if (is_half(node.type.dtype) || node.inputs.empty()) return false;
  return std::all_of(node.inputs.begin(), node.inputs.end(), [&](NodeId input) {
    const Node& constant = rewriter.node(input);
    return constant.op == OpCode::constant && !is_half(constant.type.dtype);
  });
}

uint64_t interpreted(const Node& node, const Rewriter& rewriter, Accuracy accuracy) {
  Graph graph;
  Node copy = node;
  for (NodeId& input : copy.inputs) input = graph.append(rewriter.node(input));
  graph.outputs = {graph.append(std::move(copy))};
  uint64_t bytes = 0;
  const runtime::ArrayView view = runtime::dense_view(&bytes, node.type.dtype, Shape());
  interpret(graph, {}, {}, {}, {&view, 1}, accuracy);
  return bytes;
}

/// The value as a double; nothing for an integer that a double cannot hold.
std::optional<double> as_number(uint64_t bytes, DType dtype) {
  return visit_dtype(dtype, [&](auto element) -> std::optional<double> {
    using T = decltype(element);
    if constexpr (std::is_arithmetic_v<T>) {
      T value;
      std::memcpy(&value, &bytes, sizeof value);
      constexpr double largest = 9007199254740992.0;  // 2^53
      const auto number = static_cast<double>(value);
      if (std::is_integral_v<T> && !(number > -largest && number < largest)) return std::nullopt;
      return number;
    } else {
      return std::nullopt;
    }
  });
}

}  // namespace

void fold_constants(Graph& graph, const PassOptions& options) {
  Rewriter rewriter(graph);
  rewriter.run([&](Node node) {
    if (!can_fold(node, rewriter)) return rewriter.append(std::move(node));
    const auto number = as_number(interpreted(node, rewriter, options.accuracy), node.type.dtype);
    if (!number) return rewriter.append(std::move(node));
    Node constant;
    constant.op = OpCode::constant;
    constant.type = node.type;
    constant.attributes.set_number(AttributeKey::value, *number);
    constant.attributes.set(AttributeKey::dtype, static_cast<int64_t>(node.type.dtype));
    return rewriter.append(std::move(constant));
  });
}

}  // namespace onepass::ir
