// SPDX-License-Identifier: Apache-2.0
// What the passes are told of a call.
#pragma once

#include "onepass/codegen/provider_tuning.h"
#include "onepass/engine/options.h"
#include "onepass/ir/passes/passes.h"

namespace onepass {

inline ir::PassOptions pass_options(const EvaluateOptions& options) {
  return {options.mode, options.accuracy, options.provider, codegen::tuned_provider};
}

}  // namespace onepass
