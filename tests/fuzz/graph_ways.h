// SPDX-License-Identifier: Apache-2.0
// Computes a random graph in every way that must not show in the bits.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "onepass/codegen/target.h"
#include "onepass/ir/modes.h"
#include "random_graph.h"

namespace onepass::fuzz {

/// The elements of every output, in row-major order.
using Results = std::vector<std::vector<std::byte>>;

/// Instruction sets of this CPU that code is generated for.
std::vector<codegen::Target> targets();

/// What the interpreter makes of the graph after the passes of mode `interpreted`.
Results interpreted(const ir::RandomCase& random, ir::Accuracy accuracy = ir::Accuracy::strict);

/// Compiles for one target and runs on one number of threads, into dense outputs.
Results compiled(const ir::RandomCase& random, ir::Mode mode, const codegen::Target& target,
                 int threads);

/// Nothing if every mode, target and number of threads gives the interpreter's bits, into outputs
/// of several layouts, and writes nothing else; otherwise what differs.
std::optional<std::string> difference_between_ways(const ir::RandomCase& random,
                                                   ir::Accuracy accuracy);

/// Where `got` differs from `expected` in the outputs of `graph`. `got` may hold more outputs.
std::optional<std::string> difference(const ir::Graph& graph, const Results& got,
                                      const Results& expected);

}  // namespace onepass::fuzz
