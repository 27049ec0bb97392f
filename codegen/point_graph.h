// SPDX-License-Identifier: Apache-2.0
// What a fused body computes at one point of its iteration space. Views are gone: they became the
// way each load walks through its array. Reductions and products are cut points: their results
// appear as accumulators, their operands as roots.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "onepass/codegen/plan.h"
#include "onepass/ir/op.h"
#include "onepass/runtime/kernel.h"

namespace onepass::codegen {

/// Index into PointGraph::points. Inputs of a point have smaller ids.
using PointId = int;

/// Iteration dimensions as bits.
using DimensionSet = uint32_t;

constexpr DimensionSet dimension_bit(int dimension) { return DimensionSet{1} << dimension; }
/// Dimensions [first, first + count).
constexpr DimensionSet dimension_range(int first, int count) {
  return (dimension_bit(count) - 1) << first;
}

struct Point {
  enum class Kind : uint8_t {
    load,         // operand `index`
    constant,     // `bits`
    scalar,       // scalar `index` of the kernel
    position,     // step * iteration dimension `index` + the values of `offsets`
    compute,      // `op` on `inputs`
    convert,      // inputs[0] to another dtype
    accumulator,  // result of reduction `index`
  };
  Kind kind = Kind::constant;
  DType dtype = DType::f32;  // of the value
  int index = 0;
  uint64_t bits = 0;
  int64_t step = 0;
  std::vector<runtime::Operand::Offset> offsets{};
  ir::OpCode op = ir::OpCode::add;
  DType operand_dtype = DType::f32;  // of a compute: as Compute::dtype; of a convert: the source
  double exponent = 0;
  std::vector<PointId> inputs{};
  DimensionSet depends = 0;  // iteration dimensions that the value depends on
};

/// A reduction or a product that the body contains.
struct Reduction {
  ir::OpCode op = ir::OpCode::sum;  // how accumulators are combined
  bool product = false;             // of roots[0]; or the sum of roots[0] * roots[1]
  std::vector<PointId> roots{};
  DType dtype = DType::f32;     // of the accumulator and of the roots; a position is beside it
  double correction = 0;        // of an average
  bool inner = true;            // no product: the reduced axes include the last logical axis
  int running = -1;             // the iteration dimension of a running reduction, else -1
  int rows = -1, columns = -1;  // product: iteration dimensions M and N; -1 where the extent is 1
  int64_t tile_size = 0;        // product: 0 is the planner's choice
  bool provider_is_tuned = false;  // product: generated since the call asked for what is tuned
  ir::Dimension column_symbol = ir::one;
};

/// A matrix of which a kernel keeps a block of rows in scratch at a time.
struct Window {
  int operand = -1;           // stands for it; the last one
  int row = -1, column = -1;  // iteration dimensions
  int64_t rows = 0;           // of a block
  int64_t pitch = 0;          // from row to row in scratch
};

struct PointGraph {
  std::vector<ir::Dimension>
      dimensions;  // the iteration space: those of the results, then the reduced ones
  int kept = 0;    // dimensions below it are those of the results
  std::vector<runtime::Operand> operands;  // loads first, then one per result
  std::vector<runtime::Layout> layouts;    // of the array of each operand
  std::vector<int> scalars;                // scalar slots of the program
  std::vector<Point> points;
  std::vector<Reduction> reductions;
  std::vector<PointId> results;  // one per result of the fused node
  int first_result_operand = 0;  // operand of results[0]; the others follow
  std::optional<Window> window{};

  /// The same computation with dimension order[i] as the new dimension i.
  void reorder(const std::vector<int>& order);
  /// Whether `operand` moves along an iteration dimension, as far as its layout tells.
  bool moves(int operand, int dimension) const;
  /// The step in elements where it is known when compiling (unit stride times step), else 0.
  int64_t known_stride(int operand, int dimension) const;
};

/// Derives the points of a fused node.
PointGraph build_point_graph(const PlanContext& context);

/// The points that `roots` need, inputs before users, `roots` included.
std::vector<PointId> reachable(const PointGraph& graph, const std::vector<PointId>& roots);

}  // namespace onepass::codegen
