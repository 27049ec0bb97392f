// SPDX-License-Identifier: Apache-2.0
// Runs a program: takes all memory and checks all indices that can be known, then goes step by
// step.
#include "onepass/runtime/program.h"

#include <algorithm>

#include "onepass/runtime/blas.h"
#include "onepass/runtime/gather.h"
#include "onepass/runtime/launch.h"
#include "onepass/runtime/output_stand_ins.h"
#include "onepass/runtime/program_arrays.h"
#include "onepass/runtime/temporaries.h"

namespace onepass::runtime {
namespace {

/// The arrays of one launch, as its kernel numbers them.
class LaunchArrays {
 public:
  LaunchArrays(const KernelLaunch& step, const BoundArrays& arrays)
      : pointers_(step.arrays.size()) {
    for (size_t i = 0; i < step.arrays.size(); ++i) pointers_[i] = arrays[step.arrays[i]];
  }

  LaunchRequest request(const KernelLaunch& step, const Call& call) const {
    return {step.kernel->interface, pointers_.span(), call.symbol_values, call.scalars};
  }

 private:
  SmallArray<const ArrayView*, usual_arrays> pointers_;
};

ProductRequest product_request(const LibraryProduct& product, const BoundArrays& arrays,
                               const Call& call) {
  return {product, *arrays[product.lhs], *arrays[product.rhs], *arrays[product.result],
          call.symbol_values};
}

/// Bytes that a step needs besides its arrays.
struct StepBytes {
  const BoundArrays& arrays;
  const Call& call;

  int64_t operator()(const KernelLaunch& step) const {
    const LaunchArrays operands(step, arrays);
    return launch_bytes(operands.request(step, call));
  }
  int64_t operator()(const LibraryProduct& step) const {
    return product_bytes(product_request(step, arrays, call));
  }
  int64_t operator()(const Gather&) const { return 0; }
};

struct StepRunner {
  const BoundArrays& arrays;
  const Call& call;
  std::span<std::byte> memory;

  void operator()(const KernelLaunch& step) const {
    const LaunchArrays operands(step, arrays);
    launch(operands.request(step, call), memory);
  }
  void operator()(const LibraryProduct& step) const {
    run_product(product_request(step, arrays, call), memory);
  }
  void operator()(const Gather& step) const {
    check_indices(*arrays[step.source], *arrays[step.indices], step.axis);
    gather(*arrays[step.source], *arrays[step.indices], *arrays[step.result], step.axis);
  }
};

/// Indices that the caller gave are checked before anything is stored.
void check_given_indices(const Program& program, const BoundArrays& arrays) {
  for (const Step& step : program.steps) {
    const auto* const gather = std::get_if<Gather>(&step);
    if (gather == nullptr) continue;
    const ProgramArray& storage = program.arrays[storage_of(program, gather->indices)];
    if (storage.kind != ProgramArray::Kind::input) continue;
    check_indices(*arrays[gather->source], *arrays[gather->indices], gather->axis);
  }
}

void run_steps(const Program& program, const Call& call, const BoundArrays& arrays) {
  check_given_indices(program, arrays);
  // One block serves all steps, since they run one after the other.
  int64_t bytes = 0;
  for (const Step& step : program.steps) {
    bytes = std::max(bytes, std::visit(StepBytes{arrays, call}, step));
  }
  Buffer memory;
  if (bytes > 0) memory = Buffer(bytes);
  const StepRunner runner{arrays, call, {memory.data(), static_cast<size_t>(memory.size())}};
  for (const Step& step : program.steps) std::visit(runner, step);
}

}  // namespace

void run(const Program& program, const Call& call) {
  if (program.direct && program.direct->run(call)) return;
  const TemporaryMemory temporaries(program, call.symbol_values);
  if (program.steps.size() == 1 && std::holds_alternative<KernelLaunch>(program.steps[0])) {
    const BoundArrays arrays(program, call, call.outputs, temporaries);
    return StepRunner{arrays, call, {}}(std::get<KernelLaunch>(program.steps[0]));
  }
  if (!needs_stand_ins(program)) {
    return run_steps(program, call, BoundArrays(program, call, call.outputs, temporaries));
  }
  const OutputStandIns stand_ins(call.outputs);
  run_steps(program, call, BoundArrays(program, call, stand_ins.pointers(), temporaries));
  stand_ins.copy_to(call.outputs);
}

}  // namespace onepass::runtime
