// SPDX-License-Identifier: Apache-2.0
// What an Explanation holds: the call it explains, and what became of it.
#pragma once

#include <memory>
#include <vector>

#include "onepass/engine/explain.h"
#include "onepass/engine/roofline.h"
#include "onepass/engine/tape.h"
#include "onepass/ir/graph.h"
#include "onepass/ir/passes/pipeline.h"

namespace onepass {

struct Explanation::State {
  Tape tape;
  std::vector<Tensor> leaves;
  std::vector<const TensorHeader*> headers;
  std::vector<uint64_t> literals;
  std::vector<int64_t> words, extents;
  EvaluateOptions options;

  ir::Graph captured, fused;
  std::vector<ir::PassRecord> passes;
  std::vector<uint32_t>
      packed_inputs;                  // constants that code reads as dense rows, or panels of them
  std::vector<bool> constant_inputs;  // of which code may read panels

  double seconds = 0;  // 0: not measured
  MachinePeaks peaks;

  CallArguments arguments() const { return {headers, literals, words, extents}; }
};

}  // namespace onepass
