// SPDX-License-Identifier: Apache-2.0
// From arrays to calls of machine code. A launch that runs on the caller alone touches no lock and
// no allocator.
#include "onepass/runtime/launch.h"

#include <algorithm>

#include "onepass/runtime/mxcsr.h"
#include "onepass/runtime/schedule.h"
#include "onepass/runtime/scratch.h"
#include "onepass/runtime/small_array.h"
#include "onepass/runtime/symbol.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass::runtime {
namespace {

constexpr size_t integers_of_task = 48;

/// The extent that a symbol stands for; -1 is the constant 1.
int64_t extent_of(const LaunchRequest& request, int symbol) {
  return symbol < 0 ? 1 : request.symbol_values[static_cast<size_t>(symbol)];
}

/// Unsigned within: what is never used, such as the stride of a single element, may be of any size.
int64_t wrapping_product(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

/// The iteration space of one launch.
class Extents {
 public:
  explicit Extents(const LaunchRequest& request)
      : values_(request.kernel.iteration_symbols.size()) {
    for (size_t d = 0; d < values_.size(); ++d) {
      values_[d] = extent_of(request, request.kernel.iteration_symbols[d]);
    }
  }

  /// Product over [dimension, dimension + count). Beside an extent of 0 the others may be huge.
  int64_t product(int dimension, int count) const {
    int64_t result = 1;
    for (int d = dimension; d < dimension + count; ++d) {
      result = wrapping_product(result, values_[static_cast<size_t>(d)]);
    }
    return result;
  }

  /// Of the first dimensions.
  double elements(size_t dimensions) const {
    double result = 1;
    for (size_t d = 0; d < dimensions; ++d) result *= static_cast<double>(values_[d]);
    return result;
  }

  /// What a phase takes on one thread.
  double nanoseconds(const Phase& phase) const {
    const double all = elements(values_.size()) * phase.nanoseconds_per_element;
    if (phase.nanoseconds_per_result == 0) return all;
    const double results = elements(static_cast<size_t>(phase.result_dimensions));
    return all + results * phase.nanoseconds_per_result;
  }

 private:
  SmallArray<int64_t, 16> values_;
};

int64_t phase_extent(const KernelInterface& kernel, const Phase& phase, const Extents& extents) {
  if (phase.extent < 0) return 1;
  const IntegerParameter& parameter = kernel.integers[static_cast<size_t>(phase.extent)];
  return extents.product(parameter.dimension, parameter.count);
}

int64_t workspace_bytes(const Workspace& workspace, const Extents& extents) {
  const int64_t items = extents.product(workspace.dimension, workspace.count);
  const int64_t chunks = items / workspace.chunk + (items % workspace.chunk != 0 ? 1 : 0);
  int64_t bytes = 0;
  if (__builtin_mul_overflow(chunks, workspace.bytes_per_item, &bytes)) return INT64_MAX;
  return aligned_bytes(bytes);
}

/// How the launch is run: decided once, so that the memory fits the tasks.
struct Plan {
  Extents extents;
  SmallArray<Grid, 4> grids;  // one per phase
  int64_t workspaces = 0;     // bytes of all workspaces
  int64_t scratch = 0;        // bytes of scratch of all tasks of the hungriest phase

  explicit Plan(const LaunchRequest& request)
      : extents(request), grids(request.kernel.phases.size()) {
    const KernelInterface& kernel = request.kernel;
    for (const Workspace& workspace : kernel.workspaces) {
      workspaces = saturating_add(workspaces, workspace_bytes(workspace, extents));
    }
    for (size_t i = 0; i < grids.size(); ++i) {
      const Phase& phase = kernel.phases[i];
      grids[i] = grid_of(kernel, phase);
      scratch = std::max(scratch, aligned_bytes(phase.scratch_bytes) * grids[i].tasks());
    }
  }

  Grid grid_of(const KernelInterface& kernel, const Phase& phase) const {
    const int64_t extent = phase_extent(kernel, phase, extents);
    const double nanoseconds = extents.nanoseconds(phase);
    // More integers would want memory for each task.
    if (phase.across.end < 0 || kernel.integers.size() > integers_of_task) {
      return {cut_loop(extent, phase.chunk, nanoseconds),
              {.chunks = 1, .nanoseconds = nanoseconds}};
    }
    const IntegerParameter& across = kernel.integers[static_cast<size_t>(phase.across.end)];
    return cut_grid(extent, phase.chunk, extents.product(across.dimension, across.count),
                    phase.across.chunk, nanoseconds);
  }

  int64_t bytes() const { return saturating_add(workspaces, scratch); }
};

/// The flat arguments of the machine code.
class Binding {
 public:
  Binding(const LaunchRequest& request, const Extents& extents)
      : buffers_(request.kernel.operands.size() + request.kernel.workspaces.size()),
        integers_(request.kernel.integers.size()),
        scalars_(request.kernel.scalars.size()) {
    const KernelInterface& kernel = request.kernel;
    for (size_t i = 0; i < kernel.operands.size(); ++i) {
      buffers_[i] = base_pointer(request, kernel.operands[i]);
    }
    for (size_t i = 0; i < integers_.size(); ++i) {
      integers_[i] = integer(request, extents, kernel.integers[i]);
    }
    for (size_t i = 0; i < scalars_.size(); ++i) {
      scalars_[i] = request.scalars[static_cast<size_t>(kernel.scalars[i])];
    }
  }

  void place_workspaces(const KernelInterface& kernel, const Extents& extents, std::byte* memory) {
    for (size_t i = 0; i < kernel.workspaces.size(); ++i) {
      buffers_[kernel.operands.size() + i] = memory;
      memory += workspace_bytes(kernel.workspaces[i], extents);
    }
  }

  Arguments arguments(std::byte* scratch) const {
    return {buffers_.data(), integers_.data(), scalars_.data(), scratch};
  }
  const SmallArray<int64_t, integers_of_task>& integers() const { return integers_; }

 private:
  static std::byte* base_pointer(const LaunchRequest& request, const Operand& operand) {
    const ArrayView& array = *request.arrays[static_cast<size_t>(operand.array)];
    if (array.data == nullptr) return nullptr;  // it has no elements
    int64_t elements = 0;
    for (const Operand::Offset& offset : operand.offsets) {
      const int64_t extent = offset.symbol == Operand::Offset::own_extent
                                 ? array.shape[offset.dimension]
                                 : extent_of(request, offset.symbol);
      const int64_t first = slice_first(extent, offset.start, offset.step);
      elements +=
          wrapping_product(wrapping_product(offset.scale, first), array.strides[offset.dimension]);
    }
    return array.data + elements * byte_size(operand.dtype);
  }

  static int64_t integer(const LaunchRequest& request, const Extents& extents,
                         const IntegerParameter& parameter) {
    switch (parameter.kind) {
      case IntegerParameter::Kind::extent:
        return extents.product(parameter.dimension, parameter.count);
      case IntegerParameter::Kind::stride:
        return stride(request, parameter);
      case IntegerParameter::Kind::first:
        return slice_first(extent_of(request, parameter.dimension), parameter.start,
                           parameter.step);
      case IntegerParameter::Kind::begin:
        return 0;
      case IntegerParameter::Kind::end:
        return extents.product(parameter.dimension, parameter.count);
    }
    __builtin_unreachable();
  }

  static int64_t stride(const LaunchRequest& request, const IntegerParameter& parameter) {
    const Operand& operand = request.kernel.operands[static_cast<size_t>(parameter.operand)];
    const Operand::Axis& axis = operand.axes[static_cast<size_t>(parameter.dimension)];
    if (axis.dimension < 0) return 0;
    const ArrayView& array = *request.arrays[static_cast<size_t>(operand.array)];
    return wrapping_product(array.strides[axis.dimension], axis.step);
  }

  SmallArray<std::byte*, 24> buffers_;
  SmallArray<int64_t, integers_of_task> integers_;
  SmallArray<uint64_t, 16> scalars_;
};

/// What the tasks of one phase share.
struct PhaseRun {
  const Binding& binding;
  const Phase& phase;
  const Grid& grid;
  std::byte* scratch;
  int64_t scratch_bytes;  // per task
};

void run_task(void* context, int64_t index) {
  const auto& run = *static_cast<const PhaseRun*>(context);
  const Arguments arguments = run.binding.arguments(run.scratch + index * run.scratch_bytes);
  run.phase.run(&arguments, run.grid.along.begin(index), run.grid.along.begin(index + 1));
}

/// The same with a range across the loop. Neighbours share what they read along it.
void run_task_of_grid(void* context, int64_t index) {
  const auto& run = *static_cast<const PhaseRun*>(context);
  const Cut& across = run.grid.across;
  const int64_t along = index / across.tasks, range = index % across.tasks;
  const std::span<const int64_t> shared = run.binding.integers().span();
  SmallArray<int64_t, integers_of_task> integers(shared.size());
  std::copy(shared.begin(), shared.end(), integers.data());
  integers[static_cast<size_t>(run.phase.across.begin)] = across.begin(range);
  integers[static_cast<size_t>(run.phase.across.end)] = across.begin(range + 1);
  Arguments arguments = run.binding.arguments(run.scratch + index * run.scratch_bytes);
  arguments.integers = integers.data();
  run.phase.run(&arguments, run.grid.along.begin(along), run.grid.along.begin(along + 1));
}

void run_phases(const KernelInterface& kernel, const Plan& plan, const Binding& binding,
                std::byte* scratch) {
  const FloatingPointDefaults defaults;
  for (size_t i = 0; i < plan.grids.size(); ++i) {
    const Phase& phase = kernel.phases[i];
    const Grid& grid = plan.grids[i];
    // A phase with nothing to do is skipped for itself: a sum over an empty axis still has results
    // to write.
    if (grid.along.extent <= 0) continue;
    PhaseRun run{binding, phase, grid, scratch, aligned_bytes(phase.scratch_bytes)};
    if (grid.tasks() == 1) {
      run_task(&run, 0);
    } else {
      parallel_tasks(grid.tasks(), grid.across.tasks == 1 ? run_task : run_task_of_grid, &run,
                     grid.along.nanoseconds);
    }
  }
}

void run_plan(const LaunchRequest& request, const Plan& plan, std::span<std::byte> memory) {
  // What the caller brought may be too small if another thread called set_threads after
  // launch_bytes.
  const bool brought = static_cast<int64_t>(memory.size()) >= plan.bytes();
  const ThreadScratch own(brought ? 0 : plan.bytes());
  std::byte* const data = brought ? memory.data() : own.data();
  Binding binding(request, plan.extents);
  binding.place_workspaces(request.kernel, plan.extents, data);
  run_phases(request.kernel, plan, binding, data + plan.workspaces);
}

}  // namespace

int64_t launch_bytes(const LaunchRequest& request) { return Plan(request).bytes(); }

void launch(const LaunchRequest& request, std::span<std::byte> memory) {
  run_plan(request, Plan(request), memory);
}

void launch(const Kernel& kernel, std::span<const ArrayView> arrays,
            std::span<const int64_t> symbol_values, std::span<const uint64_t> scalars) {
  SmallArray<const ArrayView*, 24> pointers(arrays.size());
  for (size_t i = 0; i < arrays.size(); ++i) pointers[i] = &arrays[i];
  launch({kernel.interface, pointers.span(), symbol_values, scalars});
}

}  // namespace onepass::runtime
