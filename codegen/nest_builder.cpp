// SPDX-License-Identifier: Apache-2.0
// Numbers and names the parts of a loop nest.
#include "onepass/codegen/nest_builder.h"

#include <algorithm>
#include <utility>

namespace onepass::codegen {
namespace {

constexpr int64_t scratch_alignment = 64;

}  // namespace

NestBuilder::NestBuilder(const PlanContext& context, const PointGraph& graph) {
  nest_.name = context.fused.body->name;
  nest_.accuracy = context.accuracy;
  runtime::KernelInterface& interface = nest_.interface;
  interface.name = nest_.name;
  interface.iteration_symbols.assign(graph.dimensions.begin(), graph.dimensions.end());
  interface.operands = graph.operands;
  interface.scalars = graph.scalars;
  if (graph.window) interface.operands.pop_back();
  for (size_t i = 0; i < interface.operands.size(); ++i) {
    const runtime::Operand& operand = interface.operands[i];
    Array array;
    array.name = operand.written
                     ? "out" + std::to_string(i - static_cast<size_t>(graph.first_result_operand))
                     : "in" + std::to_string(i);
    array.dtype = operand.dtype;
    array.buffer = static_cast<int>(i);
    array.written = operand.written;
    nest_.arrays.push_back(std::move(array));
  }
  if (!graph.window) return;
  scratch("rows", graph.operands.back().dtype, graph.window->rows * graph.window->pitch);
}

VariableId NestBuilder::variable(std::string name) {
  std::string candidate = name;
  for (int suffix = 1; std::find(nest_.variables.begin(), nest_.variables.end(), candidate) !=
                       nest_.variables.end();
       ++suffix) {
    candidate = name + std::to_string(suffix);
  }
  nest_.variables.push_back(std::move(candidate));
  return static_cast<VariableId>(nest_.variables.size()) - 1;
}

std::string NestBuilder::unique(std::string name) const {
  const auto taken = [&](const std::string& candidate) {
    return std::any_of(nest_.arrays.begin(), nest_.arrays.end(),
                       [&](const Array& array) { return array.name == candidate; });
  };
  std::string candidate = name;
  for (int suffix = 1; taken(candidate); ++suffix) candidate = name + std::to_string(suffix);
  return candidate;
}

ArrayId NestBuilder::scratch(std::string name, DType dtype, int64_t elements) {
  Array array;
  array.name = unique(std::move(name));
  array.dtype = dtype;
  array.space = Array::Space::scratch;
  array.elements = elements;
  array.written = true;
  nest_.arrays.push_back(std::move(array));
  return static_cast<ArrayId>(nest_.arrays.size()) - 1;
}

ArrayId NestBuilder::registers(std::string name, DType dtype, int64_t elements, int lanes) {
  const ArrayId id = scratch(std::move(name), dtype, elements);
  nest_.arrays.back().space = Array::Space::registers;
  nest_.arrays.back().lanes = lanes;
  return id;
}

ArrayId NestBuilder::workspace(DType dtype, int64_t elements, int first, int count, int64_t chunk) {
  auto& workspaces = nest_.interface.workspaces;
  Array array;
  array.name = unique("partial");
  array.dtype = dtype;
  array.buffer = static_cast<int>(nest_.interface.operands.size() + workspaces.size());
  array.written = true;
  workspaces.push_back({elements * byte_size(dtype), first, count, chunk});
  nest_.arrays.push_back(std::move(array));
  return static_cast<ArrayId>(nest_.arrays.size()) - 1;
}

int NestBuilder::integer(const runtime::IntegerParameter& parameter) {
  auto& integers = nest_.interface.integers;
  const auto found = std::find(integers.begin(), integers.end(), parameter);
  const auto index = static_cast<int>(found - integers.begin());
  if (found == integers.end()) integers.push_back(parameter);
  return index;
}

int NestBuilder::extent(int first, int count) {
  return integer(
      {.kind = runtime::IntegerParameter::Kind::extent, .dimension = first, .count = count});
}

NestBuilder::AcrossRange NestBuilder::across(int first, int count, int64_t chunk) {
  using Kind = runtime::IntegerParameter::Kind;
  const AcrossRange range{integer({.kind = Kind::begin, .dimension = first, .count = count}),
                          integer({.kind = Kind::end, .dimension = first, .count = count})};
  across_ = {range.begin, range.end, chunk};
  return range;
}

int NestBuilder::stride(int operand, int dimension) {
  return integer({.kind = runtime::IntegerParameter::Kind::stride,
                  .operand = operand,
                  .dimension = dimension});
}

int NestBuilder::first_index(const runtime::Operand::Offset& offset) {
  return integer({.kind = runtime::IntegerParameter::Kind::first,
                  .dimension = offset.symbol,
                  .start = offset.start,
                  .step = offset.step});
}

int NestBuilder::add_procedure(Procedure procedure) {
  const auto taken = [&](const std::string& name) {
    return std::any_of(nest_.procedures.begin(), nest_.procedures.end(),
                       [&](const Procedure& other) { return other.name == name; });
  };
  const std::string name = procedure.name;
  for (int suffix = 1; taken(procedure.name); ++suffix) {
    procedure.name = name + std::to_string(suffix);
  }
  nest_.procedures.push_back(std::move(procedure));
  return static_cast<int>(nest_.procedures.size()) - 1;
}

void NestBuilder::add_phase(std::vector<Statement> statements, int extent, int64_t chunk,
                            double nanoseconds_per_element) {
  runtime::Phase phase;
  phase.extent = extent;
  phase.chunk = chunk;
  phase.nanoseconds_per_element = nanoseconds_per_element;
  phase.across = std::exchange(across_, {});
  nest_.interface.phases.push_back(phase);
  nest_.phases.push_back(std::move(statements));
}

void NestBuilder::add_result_cost(int dimensions, double nanoseconds_per_result) {
  runtime::Phase& phase = nest_.interface.phases.back();
  phase.result_dimensions = dimensions;
  phase.nanoseconds_per_result = nanoseconds_per_result;
}

LoopNest NestBuilder::finish() {
  int64_t scratch_bytes = 0;
  for (const Array& array : nest_.arrays) {
    if (array.space != Array::Space::scratch) continue;
    const int64_t bytes = array.elements * byte_size(array.dtype);
    scratch_bytes += (bytes + scratch_alignment - 1) / scratch_alignment * scratch_alignment;
  }
  for (runtime::Phase& phase : nest_.interface.phases) phase.scratch_bytes = scratch_bytes;
  verify(nest_);
  return std::move(nest_);
}

}  // namespace onepass::codegen
