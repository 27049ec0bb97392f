// SPDX-License-Identifier: Apache-2.0
// The statements of the loop language that hold no others, and the arrays that they touch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "onepass/codegen/affine.h"
#include "onepass/ir/op.h"
#include "onepass/runtime/dtype.h"

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

}  // namespace onepass::codegen
