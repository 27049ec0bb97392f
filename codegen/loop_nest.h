// SPDX-License-Identifier: Apache-2.0
// The loop language that every kernel is planned into: structured loops, affine loads and stores,
// scalar bodies over the op table, and the steps of the fixed reduction tree. Printable,
// verifiable, free of LLVM. The schedule is data.
//
// Meaning.
//  - A nest has one statement list per phase; each starts with one `parallel` loop (or none: then
//    it runs once).
//  - Inside a `vector` loop a value has `step` lanes, one per iteration; values that do not depend
//    on the loop variable are uniform (scalars) and stand for all lanes. The emitter runs whole
//    vectors, then one masked vector for the rest: masked lanes load nothing, store nothing; their
//    values are arbitrary until a Fill replaces them.
//  - Values are single-assignment and visible in the statements after them and in loops nested
//    there. What must live across iterations goes through an array.
//  - A register array has compile-time indices only; its elements are `lanes` wide and live in SSA
//    values.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "onepass/codegen/affine.h"
#include "onepass/codegen/statement.h"
#include "onepass/ir/passes/passes.h"
#include "onepass/runtime/kernel.h"

namespace onepass::codegen {

/// Runs procedure `procedure` of the nest with `arguments` as its parameters.
struct Call {
  int procedure;
  std::vector<Bound> arguments;
};

/// fixed: no loop; the variable stands at the value of `end`, and the body runs once.
enum class LoopKind : uint8_t { parallel, serial, unrolled, vector, fixed };

/// The statements that hold statements, and all of them. Members of one class, because initialisers
/// of members are compiled at its end, where each of these types is complete.
struct Nested {
  struct For;
  struct If;
  struct Parts;
  using Statement = std::variant<Load, Store, Transpose, LoadTurned, LoadBytes, SumBytes, Prefetch,
                                 Constant, ScalarArgument, IndexValue, Compute, Convert, Fill,
                                 TreePush, TreeFold, LaneFold, Call, For, If, Parts>;
  using Block = std::vector<Statement>;

  struct For {
    LoopKind kind = LoopKind::serial;
    VariableId variable = 0;
    Affine begin{};
    Bound end{};
    int64_t step = 1;  // vector: the number of lanes
    /// vector: how many vectors an iteration of the main loop takes; the rest goes one by one.
    int unroll = 1;
    /// vector: end - begin is at most `step`, so no loop is needed. Others: false.
    bool single = false;
    /// vector: end - begin is a multiple of `step`, so no mask is needed.
    bool exact = false;
    /// parallel: if >= 0, the body runs once for a range of iterations, ending at this variable.
    VariableId range_end = -1;
    std::vector<Statement> body{};
    /// serial: runs once, with the variable at the first iteration that does not fit whole, if end
    /// - begin is not a multiple of step. Empty: the body also runs for the partial step.
    std::vector<Statement> rest{};
  };

  /// `then` if smaller < larger, else `otherwise`.
  struct If {
    Affine smaller;
    Bound larger;
    Block then, otherwise{};
  };
  /// [begin, end) in as few parts of at most bodies.size() units as possible, evenly. A part of n
  /// units runs bodies[n - 1], or `others` if that is empty, with `variable` at its begin and
  /// `count` as n. The last part may end within a unit.
  struct Parts {
    VariableId variable = 0, count = 0;
    Affine begin{};
    Bound end{};
    int64_t unit = 1;
    std::vector<Block> bodies{};
    Block others{};
  };
};
using For = Nested::For;
using If = Nested::If;
using Parts = Nested::Parts;
using Statement = Nested::Statement;
using Block = Nested::Block;

/// Statements that see their parameters and nothing of where they are called from, so that neither
/// code nor registers of one place depend on the other.
struct Procedure {
  std::string name;
  std::vector<VariableId> parameters;
  Block body;
};

struct LoopNest {
  std::string name;
  /// How the kernel meets its arrays; phases have no code yet. integers, scalars, operands as the
  /// nest refers to them.
  runtime::KernelInterface interface;
  std::vector<Array> arrays;
  std::vector<std::string> variables;  // names, by VariableId
  std::vector<Procedure> procedures;
  std::vector<Block> phases;
  int value_count = 0;  // ValueIds are below it
  ir::Accuracy accuracy = ir::Accuracy::strict;
};

/// The text of a nest, complete: equal text (for one target) means equal code. Used as cache key
/// and by explain.
std::string print(const LoopNest& nest);

/// Throws InternalError naming the statement and the broken rule.
void verify(const LoopNest& nest);

}  // namespace onepass::codegen
