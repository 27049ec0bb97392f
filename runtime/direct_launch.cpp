// SPDX-License-Identifier: Apache-2.0
// The shortest way from views to machine code.
#include "onepass/runtime/direct_launch.h"

#include <algorithm>

#include "onepass/runtime/mxcsr.h"
#include "onepass/runtime/program.h"
#include "onepass/runtime/schedule.h"

namespace onepass::runtime {

std::optional<DirectLaunch> DirectLaunch::of(const Program& program) {
  if (program.steps.size() != 1) return std::nullopt;
  const auto* const step = std::get_if<KernelLaunch>(&program.steps[0]);
  if (step == nullptr) return std::nullopt;
  const KernelInterface& kernel = step->kernel->interface;
  const bool is_plain = kernel.phases.size() == 1 && kernel.phases[0].scratch_bytes == 0 &&
                        kernel.workspaces.empty() && kernel.scalars.size() <= most_scalars &&
                        program.inputs.size() + program.outputs.size() <= most_arrays;
  if (!is_plain) return std::nullopt;
  DirectLaunch launch;
  launch.kernel_ = &kernel;
  launch.function_ = kernel.phases[0].run;
  launch.extent_ = kernel.phases[0].extent;
  launch.scalars_ = kernel.scalars;
  if (!launch.add_buffers(program, step->arrays) || !launch.add_integers()) return std::nullopt;
  launch.elements_ = launch.product(0, static_cast<int>(kernel.iteration_symbols.size()));
  const Phase& phase = kernel.phases[0];
  launch.nanoseconds_per_element_ = phase.nanoseconds_per_element;
  launch.nanoseconds_per_result_ = phase.nanoseconds_per_result;
  launch.results_ = launch.product(0, phase.result_dimensions);
  return launch;
}

bool DirectLaunch::add_buffers(const Program& program, std::span<const int> arrays) {
  if (kernel_->operands.size() > most_arrays) return false;
  for (const Operand& operand : kernel_->operands) {
    const int array = arrays[static_cast<size_t>(operand.array)];
    const ProgramArray& source = program.arrays[static_cast<size_t>(array)];
    const bool is_output = source.kind == ProgramArray::Kind::output;
    if (!operand.offsets.empty() || (!is_output && source.kind != ProgramArray::Kind::input))
      return false;
    buffers_.push_back(static_cast<uint32_t>(source.index) +
                       (is_output ? static_cast<uint32_t>(program.inputs.size()) : 0));
  }
  return true;
}

bool DirectLaunch::add_integers() {
  if (kernel_->integers.size() > most_integers) return false;
  for (const IntegerParameter& parameter : kernel_->integers) {
    if (parameter.kind == IntegerParameter::Kind::first) return false;
    if (parameter.kind == IntegerParameter::Kind::begin) {
      integers_.push_back({-1, 0, 0, 0, 0});
      continue;
    }
    if (parameter.kind == IntegerParameter::Kind::extent ||
        parameter.kind == IntegerParameter::Kind::end) {
      integers_.push_back(product(parameter.dimension, parameter.count));
      continue;
    }
    const Operand& operand = kernel_->operands[static_cast<size_t>(parameter.operand)];
    const Operand::Axis& axis = operand.axes[static_cast<size_t>(parameter.dimension)];
    if (axis.dimension < 0) return false;
    const auto array = buffers_[static_cast<size_t>(parameter.operand)];
    integers_.push_back({static_cast<int>(array), axis.dimension, axis.step, 0, 0});
  }
  return true;
}

DirectLaunch::Integer DirectLaunch::product(int dimension, int count) {
  const auto first = static_cast<uint32_t>(symbols_.size());
  for (int d = dimension; d < dimension + count; ++d) {
    const int symbol = kernel_->iteration_symbols[static_cast<size_t>(d)];
    if (symbol >= 0) symbols_.push_back(static_cast<uint32_t>(symbol));
  }
  return {-1, 0, 1, first, static_cast<uint32_t>(symbols_.size())};
}

inline int64_t DirectLaunch::value(const Integer& integer, const ArrayView* const* arrays,
                                   const int64_t* symbol_values) const {
  // Unsigned within: what is never used, such as the stride of a single element, may be of any
  // size.
  auto result = static_cast<uint64_t>(integer.step);
  if (integer.array >= 0) {
    const ArrayView& array = *arrays[integer.array];
    return static_cast<int64_t>(result * static_cast<uint64_t>(array.strides[integer.dimension]));
  }
  for (uint32_t i = integer.first; i < integer.last; ++i) {
    result *= static_cast<uint64_t>(symbol_values[symbols_[i]]);
  }
  return static_cast<int64_t>(result);
}

/// In doubles, since beside an extent of 0 the others may be huge.
inline double DirectLaunch::count(const Integer& extents, const int64_t* symbol_values) const {
  double elements = 1;
  for (uint32_t i = extents.first; i < extents.last; ++i) {
    elements *= static_cast<double>(symbol_values[symbols_[i]]);
  }
  return elements;
}

inline bool DirectLaunch::is_small(const int64_t* symbol_values) const {
  double nanoseconds = count(elements_, symbol_values) * nanoseconds_per_element_;
  if (nanoseconds_per_result_ > 0) {
    nanoseconds += count(results_, symbol_values) * nanoseconds_per_result_;
  }
  return nanoseconds < 2 * minimum_task_nanoseconds;
}

inline bool DirectLaunch::bind_values(const ArrayView* const* arrays, const int64_t* symbol_values,
                                      BoundLaunch& bound) const {
  if (!is_small(symbol_values)) return false;
  bound.function = function_;
  for (size_t i = 0; i < buffers_.size(); ++i) bound.buffers[i] = arrays[buffers_[i]]->data;
  for (size_t i = 0; i < integers_.size(); ++i) {
    bound.integers[i] = value(integers_[i], arrays, symbol_values);
  }
  bound.extent = extent_ < 0 ? 1 : bound.integers[extent_];
  return true;
}

bool DirectLaunch::bind(const ArrayView* const* arrays, const int64_t* symbol_values,
                        BoundLaunch& bound) const {
  return bind_values(arrays, symbol_values, bound);
}

void BoundLaunch::run(const uint64_t* scalars) const {
  if (extent <= 0) return;
  const FloatingPointDefaults defaults;
  const Arguments arguments{buffers, integers, scalars, nullptr};
  function(&arguments, 0, extent);
}

bool DirectLaunch::run(const ArrayView* const* arrays, const int64_t* symbol_values,
                       const uint64_t* given_scalars) const {
  BoundLaunch bound;
  if (!bind_values(arrays, symbol_values, bound)) return false;
  uint64_t scalars[most_scalars];
  for (size_t i = 0; i < scalars_.size(); ++i) {
    scalars[i] = given_scalars[static_cast<size_t>(scalars_[i])];
  }
  bound.run(scalars);
  return true;
}

bool DirectLaunch::run(const Call& call) const {
  const ArrayView* arrays[most_arrays];
  std::copy(call.inputs.begin(), call.inputs.end(), arrays);
  std::copy(call.outputs.begin(), call.outputs.end(), arrays + call.inputs.size());
  return run(arrays, call.symbol_values.data(), call.scalars.data());
}

}  // namespace onepass::runtime
