// SPDX-License-Identifier: Apache-2.0
// A compiled kernel: the phases that run it, and how its integers and pointers follow from the
// arrays of a call.
//
// A kernel works on an *iteration space*: a list of dimensions whose extents are known at launch.
// Each array it touches is an *operand*: a map from iteration dimensions to the array's own
// dimensions. What the code receives is small and flat: base pointers, a few integers (extents and
// strides, each described by an IntegerParameter) and scalars.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "onepass/runtime/dtype.h"

namespace onepass::runtime {

/// What a phase function receives. `scratch` belongs to the task alone.
struct Arguments {
  std::byte* const* buffers;
  const int64_t* integers;
  const uint64_t* scalars;  // one 8-byte slot each, the value in its own dtype in the low bytes
  std::byte* scratch;
};

/// Runs iterations [begin, end) of the parallel loop. `begin` is a multiple of the phase's chunk.
using PhaseFunction = void (*)(const Arguments*, int64_t begin, int64_t end);

/// An integer that the code reads: where it comes from.
struct IntegerParameter {
  enum class Kind : uint8_t {
    extent,  // product of the iteration extents [dimension, dimension + count)
    stride,  // stride of `operand` along iteration dimension `dimension`, in elements
    first,   // slice_first(value of symbol `dimension`, start, step) of symbol.h
    begin,   // of the task's range across the parallel loop, along `dimension`
    end,     // of the same
  };
  Kind kind;
  int operand = -1;
  int dimension = 0;
  int count = 1;
  int64_t start = 0, step = 1;

  friend bool operator==(const IntegerParameter&, const IntegerParameter&) = default;
};

/// How one array is seen from the iteration space.
struct Operand {
  /// Along one iteration dimension: the array's dimension (-1: the array does not move) and the
  /// step in it.
  struct Axis {
    int dimension = -1;
    int64_t step = 1;
    friend bool operator==(const Axis&, const Axis&) = default;
  };
  /// Moves the base pointer along one dimension of the array, by
  /// scale * slice_first(extent, start, step) of symbol.h.
  struct Offset {
    static constexpr int own_extent = -2;  // the extent of the array's dimension
    int dimension = 0;
    int64_t start = 0;
    int64_t step = 1;
    int symbol = own_extent;  // the symbol whose value is the extent: for a slice of a slice
    int64_t scale = 1;
    friend bool operator==(const Offset&, const Offset&) = default;
  };
  int array = 0;  // index into the arrays of the launch
  DType dtype = DType::f32;
  bool written = false;
  std::vector<Axis> axes;  // one per iteration dimension
  std::vector<Offset> offsets;

  friend bool operator==(const Operand&, const Operand&) = default;
};

/// Memory shared by all tasks and phases of one launch, handed to the code as a further buffer
/// after the operands: `bytes_per_item` for each chunk of `chunk` iterations in the product of
/// extents [dimension, dimension + count).
struct Workspace {
  int64_t bytes_per_item = 0;
  int dimension = 0;
  int count = 1;
  int64_t chunk = 1;
};

/// What tasks also share out, in ranges of at least `chunk` iterations: the code reads its range as
/// integers.
struct Across {
  int begin = -1, end = -1;  // indices of IntegerParameters; -1: there is nothing
  int64_t chunk = 1;
};

struct Phase {
  PhaseFunction run = nullptr;
  int extent = 0;  // index of the IntegerParameter that is the extent of the parallel loop; -1: one
                   // iteration
  int64_t chunk = 1;  // ranges are cut at multiples of it, so the cut never shows in the bits
  Across across{};
  int64_t scratch_bytes = 0;
  double nanoseconds_per_element = 0.25;  // cost model: one iteration-space element on one thread
  double nanoseconds_per_result = 0;      // and each of the first `result_dimensions` dimensions
  int result_dimensions = 0;
};

/// What is known of a kernel apart from its machine code. Made by a planner, used by launch and by
/// explain.
struct KernelInterface {
  std::string name;
  std::vector<int> iteration_symbols;  // symbol of each iteration dimension; -1 is the constant 1
  std::vector<Operand> operands;       // buffers[i] of the Arguments; workspaces follow
  std::vector<IntegerParameter> integers;
  std::vector<int> scalars;  // slots of the program's scalars, in the order the code reads them
  std::vector<Workspace> workspaces;
  std::vector<Phase> phases;  // run in order; all tasks of one end before the next begins
};

struct Kernel {
  KernelInterface interface;
  std::shared_ptr<void> code;  // keeps the machine code mapped
  int64_t compile_nanoseconds = 0;
};

}  // namespace onepass::runtime
