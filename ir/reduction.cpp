// SPDX-License-Identifier: Apache-2.0
// The table of reductions and its dtype rules.
#include "onepass/ir/reduction.h"

#include <limits>

#include "onepass/ir/type_rules.h"

namespace onepass::ir {
namespace {

using std::nullopt;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

constexpr ReductionInfo table[] = {
#define ONEPASS_REDUCTION(name, attributes, combine, identity, empty, rule, doc) \
  {OpCode::combine, identity, empty, ReductionRule::rule},
#include "onepass/ir/reductions.def"
};

constexpr OpCode codes[] = {
#define ONEPASS_REDUCTION(name, ...) OpCode::name,
#include "onepass/ir/reductions.def"
};

DType widened(DType dtype) {
  if (dtype == boolean || is_signed_integer(dtype)) return i64;
  return is_unsigned_integer(dtype) ? u64 : dtype;
}

DType accumulator_of_floats(DType dtype) { return is_half(dtype) ? f32 : dtype; }

}  // namespace

const ReductionInfo& reduction_info(OpCode op) {
  return table[static_cast<size_t>(op) - static_cast<size_t>(OpCode::sum)];
}

std::span<const OpCode> reductions() { return codes; }

std::optional<ReductionDtypes> reduction_dtypes(OpCode op, DType dtype) {
  switch (reduction_info(op).rule) {
    case ReductionRule::widening: {
      const DType wide = widened(dtype);
      const DType carried = accumulator_of_floats(wide);
      return ReductionDtypes{wide, carried, carried, wide};
    }
    case ReductionRule::ordering:
    case ReductionRule::position: {
      if (!accepts(TypeRule::ordering, dtype)) return nullopt;
      const DType carried = accumulator_of_floats(dtype);
      if (finds_position(op)) return ReductionDtypes{dtype, carried, i64, i64};
      return ReductionDtypes{dtype, carried, carried, dtype};
    }
    case ReductionRule::averaging: {
      if (!is_floating(dtype)) return nullopt;
      const DType carried = accumulator_of_floats(dtype);
      return ReductionDtypes{dtype, carried, carried, dtype};
    }
    case ReductionRule::truth:
      return ReductionDtypes{boolean, u8, u8, boolean};
    case ReductionRule::counting:
      return ReductionDtypes{boolean, i64, i64, i64};
  }
  return nullopt;
}

}  // namespace onepass::ir
