// SPDX-License-Identifier: Apache-2.0
// Layouts from stand-in extents: any numbers that are neither 0 nor 1, so that nothing holds by
// coincidence.
#include "onepass/codegen/dense_layout.h"

namespace onepass::codegen {
namespace {

constexpr int64_t stand_in = 3;
constexpr int64_t whole_stand_in = 7;  // of the dimension that a section is a range of

Shape stand_in_shape(const ir::Type& type) {
  Shape shape;
  for (const ir::Dimension d : type.dimensions) shape.push_back(d == ir::one ? 1 : stand_in);
  return shape;
}

}  // namespace

runtime::Layout dense_layout(const ir::Type& type) {
  const Shape shape = stand_in_shape(type);
  return {type.dtype, shape, row_major_strides(shape)};
}

runtime::Layout section_layout(const ir::Type& type, int dimension) {
  const Shape shape = stand_in_shape(type);
  Shape whole = shape;
  whole[dimension] = whole_stand_in;
  return {type.dtype, shape, row_major_strides(whole)};
}

}  // namespace onepass::codegen
