// SPDX-License-Identifier: Apache-2.0
// Merges equal nodes, found by hash.
#include <unordered_set>

#include "onepass/ir/passes/passes.h"
#include "onepass/ir/passes/rewriter.h"

namespace onepass::ir {
namespace {

uint64_t mixed(uint64_t hash, uint64_t word) {
  constexpr uint64_t odd_constant = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  hash = (hash ^ word) * odd_constant;
  return hash ^ hash >> 32;
}

struct NodeHash {
  const Rewriter* rewriter;
  size_t operator()(NodeId id) const {
    const Node& node = rewriter->node(id);
    uint64_t hash = mixed(static_cast<uint64_t>(node.op), static_cast<uint64_t>(node.type.dtype));
    for (const NodeId input : node.inputs) hash = mixed(hash, static_cast<uint64_t>(input));
    for (const Attributes::Entry& entry : node.attributes.entries()) {
      hash = mixed(hash, static_cast<uint64_t>(entry.key));
      for (const int64_t word : entry.words) hash = mixed(hash, static_cast<uint64_t>(word));
    }
    return hash;
  }
};

struct NodeEqual {
  const Rewriter* rewriter;
  bool operator()(NodeId a, NodeId b) const {
    const Node& x = rewriter->node(a);
    const Node& y = rewriter->node(b);
    return x.op == y.op && x.inputs == y.inputs && x.type == y.type && x.attributes == y.attributes;
  }
};

}  // namespace

void eliminate_common(Graph& graph, const PassOptions&) {
  Rewriter rewriter(graph);
  std::unordered_set<NodeId, NodeHash, NodeEqual> seen(graph.nodes.size(), NodeHash{&rewriter},
                                                       NodeEqual{&rewriter});
  rewriter.run([&](Node node) {
    if (node.body || node.op == OpCode::result) return rewriter.append(std::move(node));
    const NodeId candidate = rewriter.append(std::move(node));
    const auto [place, is_new] = seen.insert(candidate);
    if (!is_new) rewriter.drop_last();
    return *place;
  });
}

}  // namespace onepass::ir
