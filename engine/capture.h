// SPDX-License-Identifier: Apache-2.0
// Capture: a tape and the arguments of a call become a graph. The only place where expressions meet
// the IR.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "onepass/engine/options.h"
#include "onepass/engine/tape.h"
#include "onepass/ir/graph.h"

namespace onepass {

/// What inputs are called; others are x, y, z, ..
using LeafNames = std::unordered_map<const TensorHeader*, std::string>;

struct Captured {
  ir::Graph graph;
  std::vector<uint32_t> input_leaves;   // for each input of the graph: a leaf of the call
  std::vector<uint32_t> given_extents;  // for each given extent of the graph: an extent of the call
};

/// Builds the graph of a call: leaves that are the same tensor become one input, literals become
/// scalars (under Accuracy::fast those with a literal_class become constants), structural functions
/// become nodes. Throws the UserError of whatever does not fit.
Captured capture(const Tape& tape, const CallArguments& call, Accuracy accuracy,
                 const LeafNames& names = {});

}  // namespace onepass
