// SPDX-License-Identifier: Apache-2.0
// Runs a graph node by node on the host: the executable meaning of the IR, and the slow side of
// every race.
//
// Orders that decide bits, besides those of the formulas:
//  - A reduction flattens its reduced axes row-major to i in [0, n). If they include the last axis
//  of the operand (inner):
//    L lanes with L * sizeof(accumulator) = 256 bytes, but at most 64; lane = i mod L; blocks of
//    16 L elements are combined in index order into lanes that begin at the identity; blocks are
//    combined lane by lane, then lanes by halving. Otherwise (outer) each column combines runs of
//    16 rows in index order, beginning at the identity, and runs are combined.
//  - Blocks and runs combine pairwise by index, as a binary counter carries: block b joins the
//  pending ones of
//    its size, one for each low bit of b that is set, older before newer. In the end pending ones
//    are joined from the newest to the oldest, older before newer.
//  - The op that combines, its identity, which missing elements are too, and the result over no
//  elements are in reductions.def. Integers wrap.
//  - A running reduction combines blocks of 256 elements along its axis in index order, beginning
//  at the identity; each
//    result is the offset of its block joined with what the block has so far, the offset first. The
//    first offset is the identity, the next one the last result of its block.
//  - A product with N = 1 is the inner sum with the product fused into the lane: lane = fma(a, b,
//  lane). With N > 1
//    each element begins at +0 and takes sum = fma(a, b, sum) for k in index order. K = 0 gives +0.
#pragma once

#include <cstdint>
#include <span>

#include "onepass/ir/graph.h"
#include "onepass/ir/modes.h"
#include "onepass/runtime/array_view.h"

namespace onepass::ir {

/// Computes the outputs of `graph` into `outputs` (any strides; must not overlap the inputs). Every
/// intermediate is materialised. `given` are the call's given extents, `scalars` 8-byte slots in
/// the dtype of the scalar nodes. Fused nodes are run by interpreting their bodies. Nothing is
/// stored in `outputs` if it throws.
void interpret(const Graph& graph, std::span<const runtime::ArrayView> inputs,
               std::span<const uint64_t> scalars, std::span<const int64_t> given,
               std::span<const runtime::ArrayView> outputs, Accuracy accuracy);

/// True for the ops of both tables: each is a step of its own. Other nodes are sources of data, and
/// fused nodes stand for the steps of their bodies.
constexpr bool is_step(OpCode op) { return op > OpCode::result; }

/// True if the last step of interpret() stores its value in the only output; otherwise outputs are
/// copied at the end.
bool computes_output_in_place(const Graph& graph);

/// One node with everything it reads. `result` has the extents of its type; all that can fail does
/// before its first store.
struct NodeRun {
  const Node& node;
  std::span<const runtime::ArrayView> inputs;
  const runtime::ArrayView& result;
  Accuracy accuracy;
};

void interpret_elementwise(const NodeRun& run);

/// One function for each row of structural_ops.def.
using Interpretation = void(const NodeRun& run);
#define ONEPASS_STRUCTURAL_OP(name, ...) Interpretation interpret_##name;
#include "onepass/ir/structural_ops.def"

}  // namespace onepass::ir
