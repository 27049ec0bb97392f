// SPDX-License-Identifier: Apache-2.0
// The shortest way from views to machine code.
#include "onepass/runtime/direct_launch.h"

#include "onepass/runtime/mxcsr.h"
#include "onepass/runtime/program.h"
#include "onepass/runtime/schedule.h"

namespace onepass::runtime {
namespace {

const ArrayView& view(const Call& call, bool is_output, uint32_t index) {
  return is_output ? *call.outputs[index] : *call.inputs[index];
}

}  // namespace

std::optional<DirectLaunch> DirectLaunch::of(const Program& program) {
  if (program.steps.size() != 1) return std::nullopt;
  const auto* const step = std::get_if<KernelLaunch>(&program.steps[0]);
  if (step == nullptr) return std::nullopt;
  const KernelInterface& kernel = step->kernel->interface;
  const bool is_plain = kernel.phases.size() == 1 && kernel.phases[0].scratch_bytes == 0 &&
                        kernel.workspaces.empty() && kernel.scalars.size() <= most_scalars;
  if (!is_plain) return std::nullopt;
  DirectLaunch launch;
  launch.kernel_ = &kernel;
  if (!launch.add_buffers(program, step->arrays) || !launch.add_integers()) return std::nullopt;
  launch.elements_ = launch.product(0, static_cast<int>(kernel.iteration_symbols.size()));
  launch.most_elements_ = 2 * minimum_task_nanoseconds / kernel.phases[0].nanoseconds_per_element;
  return launch;
}

bool DirectLaunch::add_buffers(const Program& program, std::span<const int> arrays) {
  if (kernel_->operands.size() > most_buffers) return false;
  for (const Operand& operand : kernel_->operands) {
    const int array = arrays[static_cast<size_t>(operand.array)];
    const ProgramArray& source = program.arrays[static_cast<size_t>(array)];
    const bool is_output = source.kind == ProgramArray::Kind::output;
    if (!operand.offsets.empty() || (!is_output && source.kind != ProgramArray::Kind::input))
      return false;
    buffers_.push_back({is_output, static_cast<uint32_t>(source.index)});
  }
  return true;
}

bool DirectLaunch::add_integers() {
  if (kernel_->integers.size() > most_integers) return false;
  for (const IntegerParameter& parameter : kernel_->integers) {
    if (parameter.kind == IntegerParameter::Kind::first) return false;
    if (parameter.kind == IntegerParameter::Kind::extent) {
      integers_.push_back(product(parameter.dimension, parameter.count));
      continue;
    }
    const Operand& operand = kernel_->operands[static_cast<size_t>(parameter.operand)];
    const Operand::Axis& axis = operand.axes[static_cast<size_t>(parameter.dimension)];
    if (axis.dimension < 0) return false;
    integers_.push_back({parameter.operand, axis.dimension, axis.step, 0, 0});
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

int64_t DirectLaunch::value(const Integer& integer, const Call& call) const {
  // Unsigned within: what is never used, such as the stride of a single element, may be of any
  // size.
  auto result = static_cast<uint64_t>(integer.step);
  if (integer.buffer >= 0) {
    const Source& source = buffers_[static_cast<size_t>(integer.buffer)];
    const ArrayView& array = view(call, source.is_output, source.index);
    return static_cast<int64_t>(result * static_cast<uint64_t>(array.strides[integer.dimension]));
  }
  for (uint32_t i = integer.first; i < integer.last; ++i) {
    result *= static_cast<uint64_t>(call.symbol_values[symbols_[i]]);
  }
  return static_cast<int64_t>(result);
}

bool DirectLaunch::run(const Call& call) const {
  // In doubles, since beside an extent of 0 the others may be huge.
  double elements = 1;
  for (uint32_t i = elements_.first; i < elements_.last; ++i) {
    elements *= static_cast<double>(call.symbol_values[symbols_[i]]);
  }
  if (!(elements < most_elements_)) return false;
  std::byte* buffers[most_buffers];
  int64_t integers[most_integers];
  uint64_t scalars[most_scalars];
  for (size_t i = 0; i < buffers_.size(); ++i) {
    buffers[i] = view(call, buffers_[i].is_output, buffers_[i].index).data;
  }
  for (size_t i = 0; i < integers_.size(); ++i) integers[i] = value(integers_[i], call);
  for (size_t i = 0; i < kernel_->scalars.size(); ++i) {
    scalars[i] = call.scalars[static_cast<size_t>(kernel_->scalars[i])];
  }
  const Phase& phase = kernel_->phases[0];
  const int64_t extent = phase.extent < 0 ? 1 : integers[phase.extent];
  if (extent <= 0) return true;
  const FloatingPointDefaults defaults;
  const Arguments arguments{buffers, integers, scalars, nullptr};
  phase.run(&arguments, 0, extent);
  return true;
}

}  // namespace onepass::runtime
