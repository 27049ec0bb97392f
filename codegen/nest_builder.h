// SPDX-License-Identifier: Apache-2.0
// Collects the parts of a loop nest: arrays, variables, values and the integers that the code
// reads.
#pragma once

#include <string>
#include <vector>

#include "onepass/codegen/affine.h"
#include "onepass/codegen/loop_nest.h"
#include "onepass/codegen/point_graph.h"

namespace onepass::codegen {

inline For loop_over(LoopKind kind, VariableId id, Affine begin, Bound end, int64_t step = 1) {
  For loop;
  loop.kind = kind;
  loop.variable = id;
  loop.begin = std::move(begin);
  loop.end = std::move(end);
  loop.step = step;
  return loop;
}

class NestBuilder {
 public:
  /// Every operand of `graph` becomes the array of the same number; its window becomes scratch.
  NestBuilder(const PlanContext& context, const PointGraph& graph);

  VariableId variable(std::string name);
  ValueId value() { return nest_.value_count++; }

  ArrayId scratch(std::string name, DType dtype, int64_t elements);
  /// Stores to `array` may bypass the caches.
  void stream(ArrayId array) { nest_.arrays[static_cast<size_t>(array)].streamed = true; }
  ArrayId registers(std::string name, DType dtype, int64_t elements, int lanes);
  /// Memory of all tasks: `elements` for each chunk of `chunk` points of dimensions [first, first +
  /// count).
  ArrayId workspace(DType dtype, int64_t elements, int first, int count, int64_t chunk);

  /// The integer that holds an extent, a stride, or the first index of a slice.
  int extent(int first, int count);
  /// What tasks of the phase that is added next share out across their loop: [begin, end) of an
  /// extent, in ranges of at least `chunk`.
  struct AcrossRange {
    int begin, end;  // integers
  };
  AcrossRange across(int first, int count, int64_t chunk);
  int stride(int operand, int dimension);
  int first_index(const runtime::Operand::Offset& offset);

  /// From here on the window of the graph begins with this row.
  void move_window(Affine first) { window_begin_ = std::move(first); }
  const Affine& window_begin() const { return window_begin_; }

  /// The number of the procedure, for calls.
  int add_procedure(Procedure procedure);

  const Array& array(ArrayId id) const { return nest_.arrays[static_cast<size_t>(id)]; }

  /// Adds a phase whose parallel loop runs over integer `extent`; -1: it has none and runs once.
  void add_phase(std::vector<Statement> statements, int extent, int64_t chunk,
                 double nanoseconds_per_element);
  /// The last phase takes so much more for each element of the first `dimensions` dimensions.
  void add_result_cost(int dimensions, double nanoseconds_per_result);

  /// The finished, verified nest.
  LoopNest finish();

 private:
  int integer(const runtime::IntegerParameter& parameter);
  std::string unique(std::string name) const;

  LoopNest nest_;
  Affine window_begin_;
  runtime::Across across_;  // of the phase that is added next
};

}  // namespace onepass::codegen
