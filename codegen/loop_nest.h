// SPDX-License-Identifier: Apache-2.0
// The loop language that every kernel is planned into: structured loops, affine loads and stores,
// scalar bodies over the op table, and the steps of the fixed reduction tree. Printable,
// verifiable, free of LLVM. The schedule is data.
//
// Meaning.
//  - A nest has one statement list per phase; each starts with one `parallel` loop (or none: then
//  it runs once).
//  - Inside a `vector` loop a value has `step` lanes, one per iteration; values that do not depend
//  on the loop variable
//    are uniform (scalars) and stand for all lanes. The emitter runs whole vectors, then one masked
//    vector for the rest: masked lanes load nothing, store nothing; their values are arbitrary
//    until a Fill replaces them.
//  - Values are single-assignment and visible in the statements after them and in loops nested
//  there. What must live
//    across iterations goes through an array.
//  - A register array has compile-time indices only; its elements are `lanes` wide and live in SSA
//  values.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "onepass/codegen/affine.h"
#include "onepass/ir/op.h"
#include "onepass/ir/passes/passes.h"
#include "onepass/runtime/dtype.h"
#include "onepass/runtime/kernel.h"

namespace onepass::codegen {

using ValueId = int;
using ArrayId = int;

struct Array {
  enum class Space : uint8_t {
    buffer,     // Arguments::buffers[buffer], indexed in elements
    scratch,    // `elements` elements of the task's scratch memory, 64-byte aligned
    registers,  // `elements` SSA values of `lanes` lanes each
  };
  std::string name;
  DType dtype = DType::f32;
  Space space = Space::buffer;
  int buffer = 0;
  int64_t elements = 0;
  int lanes = 1;
  bool written = false;
  bool streamed = false;  // stores may bypass the caches
};

struct Load {
  ValueId result;
  ArrayId array;
  Affine index;
};
struct Store {
  ArrayId array;
  Affine index;
  ValueId value;
  /// Scratch and registers: lanes that a mask turns off are written too, with arbitrary values.
  bool all_lanes = false;
};
/// target[r * pitch + c] = source[index + r + c * stride] for r in [0, rows), c in [0, columns).
/// `target` is scratch; what it holds elsewhere becomes arbitrary.
struct Transpose {
  ArrayId target;
  ArrayId source;
  Affine index;
  Affine stride;
  Bound rows, columns;  // each with a constant among its values
  int64_t pitch = 0;
};
inline constexpr int64_t turned_bytes = 16;
/// target[c][lane l] = source[index + c + l * stride] for all elements c and lanes l of `target`,
/// which are registers; those of a lane take at most `turned_bytes`.
struct LoadTurned {
  ArrayId target;
  ArrayId source;
  Affine index;
  Affine stride;
};
/// Four adjacent elements of an array of bytes as the bytes of one i32. The place does not differ
/// between lanes.
struct LoadBytes {
  ValueId result;
  ArrayId array;
  Affine index;
};
/// In each lane: sum plus the products of the four bytes of `left`, unsigned, and those of `right`,
/// signed. All are i32; the sum wraps.
struct SumBytes {
  ValueId result;
  ValueId sum;
  ValueId left, right;
};
/// Asks for the cache line of an element that will be read soon. The place may lie outside of the
/// array.
struct Prefetch {
  ArrayId array;
  Affine index;
};
/// A constant in every lane: the bits of a value of `dtype` in the low bytes.
struct Constant {
  ValueId result;
  DType dtype;
  uint64_t bits;
};
/// Run-time scalar `index` of the kernel.
struct ScalarArgument {
  ValueId result;
  DType dtype;
  int index;
};
/// An integer of the loops as a value: one per lane where the vector variable occurs.
struct IndexValue {
  ValueId result;
  DType dtype;
  Affine index;
};
/// A row of the op table on values of `dtype` (the dtype of its operands; of where: of the last
/// two).
struct Compute {
  ValueId result;
  ir::OpCode op;
  DType dtype;
  std::vector<ValueId> operands;
  double exponent = 0;  // of pow with one operand
};
struct Convert {
  ValueId result;
  ValueId operand;
  DType from, to;
};
/// The operand where lanes are active, `identity` where the mask of the enclosing vector loop is
/// off.
struct Fill {
  ValueId result;
  ValueId operand;
  ValueId identity;
};
/// One step of the pairwise tree: pushes register array `source` as item number `index` on `stack`
/// (scratch). While the low bits of the index are ones: source = op(stack[level], source), level +
/// 1; then stack[level] = source.
///
/// An item of level l lies at place + l * pitch of its stack; pitch 0: items lie side by side.
///
/// Here and in the next two: if `positions` is an array (of i64), an item is `source` with it, its
/// stack is `position_stack`, and op is the comparison by which ir/extreme_position.h chooses.
struct TreePush {
  ArrayId stack;
  ArrayId source;
  ir::OpCode op;
  DType dtype;
  Affine index;
  ArrayId position_stack = -1;
  ArrayId positions = -1;
  Affine place{};
  int64_t pitch = 0;
};
/// Combines what is on the stack after `count` (at least 1) pushes into register array `target`:
/// from the lowest level up, target = op(stack[level], target).
struct TreeFold {
  ArrayId target;
  ArrayId stack;
  ir::OpCode op;
  DType dtype;
  Affine count;
  ArrayId position_stack = -1;
  ArrayId positions = -1;
  Affine place{};
  int64_t pitch = 0;
};
/// All lanes of register array `source` to one uniform value: lane[l] = op(lane[l], lane[l + h]), h
/// halving. With positions, here of i64 or i32, the result is that of the chosen lane.
struct LaneFold {
  ValueId result;
  ArrayId source;
  ir::OpCode op;
  DType dtype;
  ArrayId positions = -1;
};

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
