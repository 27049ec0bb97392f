// SPDX-License-Identifier: Apache-2.0
// The proof of one function of one type: from the op to rows of the table.
#pragma once

#include "onepass/ir/modes.h"
#include "onepass/runtime/dtype.h"
#include "points.h"
#include "progress.h"
#include "table.h"

namespace onepass::prove {

struct Request {
  ir::OpCode op;
  DType dtype;  // f32 or f64
  std::vector<ir::Accuracy> accuracies;
  uint64_t points;
  Stratum stratum;
  int threads;
};

struct ProvenRow {
  Row row;
  std::string failure;  // why the bound does not hold, or empty
};

/// A row for each accuracy.
std::vector<ProvenRow> proven_rows(const Request& request, Progress& progress);

/// The bound of the op's row in ops.def.
double stated_bound(ir::OpCode op, DType dtype, ir::Accuracy accuracy);

std::string_view name_of(ir::Accuracy accuracy);

}  // namespace onepass::prove
