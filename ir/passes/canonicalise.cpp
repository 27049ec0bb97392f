// SPDX-License-Identifier: Apache-2.0
// One spelling for equal things, so that later passes need to know one only.
#include <algorithm>

#include "onepass/ir/cumulative.h"
#include "onepass/ir/passes/passes.h"
#include "onepass/ir/passes/rewriter.h"

namespace onepass::ir {
namespace {

bool is_scalar_source(OpCode op) { return op == OpCode::scalar || op == OpCode::constant; }

/// Arrays and computed values by age, then scalars and constants.
void order_inputs(Node& node, const Rewriter& rewriter) {
  if (!(info(node.op).laws & laws::commutative)) return;
  std::sort(node.inputs.begin(), node.inputs.end(), [&](NodeId a, NodeId b) {
    const bool a_late = is_scalar_source(rewriter.node(a).op);
    const bool b_late = is_scalar_source(rewriter.node(b).op);
    return std::pair(a_late, a) < std::pair(b_late, b);
  });
}

/// A half value that was computed is not rounded yet; a cast to its own dtype rounds it.
bool cast_changes_nothing(const Node& cast, const Node& input) {
  if (cast.type != input.type) return false;
  return !is_half(cast.type.dtype) || input.op == OpCode::input || input.op == OpCode::cast;
}

bool is_identity_permutation(const Node& node) {
  const auto permutation = node.attributes.words(AttributeKey::permutation);
  return std::is_sorted(permutation.begin(), permutation.end());
}

bool takes_everything(const Node& node) {
  using enum AttributeKey;
  const auto all = [&](AttributeKey key, int64_t value) {
    const auto words = node.attributes.words(key);
    return std::all_of(words.begin(), words.end(), [&](int64_t word) { return word == value; });
  };
  return all(start, 0) && all(stop, runtime::slice_end) && all(step, 1);
}

bool runs_over_one(const Node& node) {
  return node.type.dimensions[static_cast<int>(node.attributes.word(AttributeKey::axis))] == one;
}

/// True if the node is its only input under another name.
bool changes_nothing(const Node& node, const Rewriter& rewriter) {
  if (node.inputs.size() != 1) return false;
  const Node& input = rewriter.node(node.inputs[0]);
  switch (node.op) {
    case OpCode::cast:
      return cast_changes_nothing(node, input);
    case OpCode::reshape:
    case OpCode::broadcast_to:
      return node.type == input.type;
    case OpCode::permute_dims:
      return is_identity_permutation(node);
    case OpCode::slice:
      return takes_everything(node);
    case OpCode::concat:
      return true;
    default:
      if (is_cumulative(node.op)) return node.type == input.type && runs_over_one(node);
      return is_reduction(node.op) && gives_elements(node.op) && node.type == input.type &&
             node.attributes.words(AttributeKey::axes).empty();
  }
}

}  // namespace

void canonicalise(Graph& graph, const PassOptions&) {
  Rewriter rewriter(graph);
  rewriter.run([&](Node node) {
    if (changes_nothing(node, rewriter)) return node.inputs[0];
    if (node.op == OpCode::square) {
      node.op = OpCode::multiply;
      node.inputs.push_back(node.inputs[0]);
    }
    order_inputs(node, rewriter);
    return rewriter.append(std::move(node));
  });
}

}  // namespace onepass::ir
