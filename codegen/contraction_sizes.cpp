// SPDX-License-Identifier: Apache-2.0
// The registers of tiles, and questions about the sizes and operands of a product.
#include "onepass/codegen/contraction_sizes.h"

#include <bit>
#include <iterator>

#include "onepass/codegen/contraction_operands.h"

namespace onepass::codegen {
namespace {

/// Rows of a register tile by number of vectors, 1 first: as many as leave registers for the
/// operands and do not make code too long.
constexpr int rows_of_32[] = {12, 8, 6, 6, 5};
constexpr int rows_of_16[] = {8, 6};
/// By number of rows, 1 first: as many vectors as leave registers for the operands. More than one
/// of them hides the latency of a chain of additions.
constexpr int vectors_of_32[] = {8, 8, 6, 6, 5, 4, 3, 3};
constexpr int vectors_of_16[] = {6, 4, 3, 2, 2, 2};
/// The widest tile when there are more columns.
constexpr int usual_vectors_of_32 = 4, usual_vectors_of_16 = 2;

/// One row takes long runs of what comes from memory one after the other.
constexpr int wide_row_of_32 = 24, wide_row_of_16 = 12;

}  // namespace

TileRegisters::TileRegisters(const Target& target)
    : many(target.vector_registers() > 16),
      usual_vectors(many ? usual_vectors_of_32 : usual_vectors_of_16),
      widest(many ? static_cast<int>(std::size(rows_of_32))
                  : static_cast<int>(std::size(rows_of_16))),
      few_rows(many ? static_cast<int>(std::size(vectors_of_32))
                    : static_cast<int>(std::size(vectors_of_16))),
      wide_row(many ? wide_row_of_32 : wide_row_of_16) {}

int TileRegisters::rows(int vectors) const { return (many ? rows_of_32 : rows_of_16)[vectors - 1]; }

int TileRegisters::vectors(int rows) const {
  return (many ? vectors_of_32 : vectors_of_16)[rows - 1];
}

ContractionSizes::ContractionSizes(const PlanContext& context, const PointGraph& graph,
                                   const ContractionSpace& space, SizeFacts& facts)
    : context_(context),
      graph_(graph),
      space_(space),
      facts_(facts),
      registers_(context.target),
      lanes_(narrowed(context.target.lanes(byte_size(graph.reductions[0].dtype)))) {}

ir::Dimension ContractionSizes::symbol(size_t group) const {
  return graph_.dimensions[static_cast<size_t>(space_.groups[group].first)];
}

int64_t ContractionSizes::extent(std::optional<size_t> group) const {
  return group ? context_.graph.captured_extent(symbol(*group)) : 1;
}

/// Fewer lanes than a register has if they hold all columns: masked stores are slow.
int ContractionSizes::narrowed(int lanes) {
  constexpr int fewest = 4;
  while (lanes > fewest && !has(space_.column, lanes / 2 + 1)) lanes /= 2;
  return lanes;
}

bool ContractionSizes::is_plain(PointId id, size_t group) const {
  return is_plain_load(graph_, id, space_.groups[group]);
}

bool ContractionSizes::has(std::optional<size_t> group, int64_t limit) {
  if (!group) return 1 >= limit;
  return !facts_.is_shorter(graph_, space_.groups[*group], limit);
}

bool ContractionSizes::has_many_columns() { return has(space_.column, 16 * lanes_); }

bool ContractionSizes::is_narrow() const {
  return extent(space_.column) <= int64_t{registers_.widest} * lanes_;
}

int ContractionSizes::most_few_rows() const {
  const bool one_vector = extent(space_.column) <= lanes_;
  return registers_.many && one_vector ? 2 * registers_.few_rows : registers_.few_rows;
}

bool ContractionSizes::has_few_rows() const { return extent(space_.row) <= most_few_rows(); }

bool ContractionSizes::holds_right(int64_t bytes) {
  return facts_.holds_at_least(graph_, space_.groups[space_.column].first, 2,
                               bytes / byte_size(graph_.reductions[0].dtype));
}

bool ContractionSizes::sums_bytes() {
  constexpr int64_t fewest_rows = 4, fewest_terms = 16;
  const Reduction& product = graph_.reductions[0];
  const auto is_byte = [&](PointId id, DType dtype) {
    const Point& point = graph_.points[static_cast<size_t>(id)];
    return point.kind == Point::Kind::convert && point.operand_dtype == dtype;
  };
  const bool left = is_byte(product.roots[0], i8) || is_byte(product.roots[0], u8);
  return graph_.reductions.size() == 1 && product.dtype == i32 && left &&
         is_byte(product.roots[1], i8) && has(space_.row, fewest_rows) &&
         has(space_.depth, fewest_terms);
}

std::optional<ProductClass> ContractionSizes::product_class() const {
  if (!context_.target.tuned_for_host || !space_.depth) return std::nullopt;
  if (graph_.reductions.size() != 1) return std::nullopt;  // several are cut for one another
  const auto& roots = graph_.reductions[0].roots;
  ProductClass product{graph_.reductions[0].dtype, is_plain(roots[0], *space_.depth),
                       is_plain(roots[1], space_.column)};
  const auto bits = [&](size_t group) {
    const bool is_single = space_.groups[group].count == 1;
    return is_single ? static_cast<int>(std::bit_width(static_cast<uint64_t>(extent(group)))) : 0;
  };
  product.row_bits = space_.row ? bits(*space_.row) : 1;
  product.column_bits = bits(space_.column);
  product.depth_bits = bits(*space_.depth);
  const bool is_known = product.row_bits > 0 && product.column_bits > 0 && product.depth_bits > 0;
  return is_known ? std::optional(product) : std::nullopt;
}

}  // namespace onepass::codegen
