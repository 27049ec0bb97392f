// SPDX-License-Identifier: Apache-2.0
// explain: capture, passes and compilation again, with every stage kept as text.
#include "onepass/engine/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <ostream>

#include "onepass/codegen/compile.h"
#include "onepass/engine/capture.h"
#include "onepass/engine/explain_state.h"
#include "onepass/engine/packed_forms.h"
#include "onepass/engine/pass_options.h"
#include "onepass/engine/storage.h"
#include "onepass/engine/value_node.h"
#include "onepass/ir/interpreter_steps.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/ir/print.h"

namespace onepass {

namespace {

/// The interpreter compiles nothing: each of its steps is listed like a kernel, without code.
std::vector<codegen::KernelReport> interpreter_reports(const Explanation::State& state) {
  std::vector<codegen::KernelReport> reports;
  for (ir::InterpreterStep& step : ir::interpreter_steps(state.fused, state.options.accuracy)) {
    codegen::KernelReport report;
    report.name = std::move(step.name);
    report.kind = "interpreted";
    report.operations = step.is_elementwise ? 1 : 0;
    report.bytes_read = step.bytes_read;
    report.bytes_written = step.bytes_written;
    report.flops = step.flops;
    reports.push_back(std::move(report));
  }
  return reports;
}

std::vector<codegen::KernelReport> reports(const Explanation::State& state,
                                           codegen::ReportDetail detail) {
  if (state.options.mode == Mode::interpreted) return interpreter_reports(state);
  codegen::CompileOptions options;
  options.accuracy = state.options.accuracy;
  options.constant_inputs = state.constant_inputs;
  return codegen::report(state.fused, options, detail);
}

/// The chosen text of every kernel, each under its name.
template <class Text>
std::string joined(const Explanation::State& state, codegen::ReportDetail detail, Text text) {
  std::string result;
  for (const codegen::KernelReport& report : reports(state, detail)) {
    if (text(report).empty()) continue;
    if (!result.empty()) result += '\n';
    result += text(report);
  }
  return result;
}

/// The graph over what the code reads: packed forms in place of some constants.
void capture_call(Explanation::State& state, LeafNames names) {
  const CallArguments call = state.arguments();
  const PackedCall packed(state.tape, call);
  const CallArguments read = packed.arguments();
  for (size_t i = 0; i < call.leaves.size(); ++i) {
    const auto named = names.find(call.leaves[i]);
    if (named != names.end()) names.emplace(read.leaves[i], named->second);
  }
  Captured captured = capture(state.tape, read, state.options.accuracy, names);
  state.packed_inputs = packed.inputs(captured.input_leaves);
  state.constant_inputs = packed.constant_matrices(captured.input_leaves);
  state.captured = std::move(captured.graph);
}

std::shared_ptr<Explanation::State> make_state(Tape tape, const CallArguments& call,
                                               const EvaluateOptions& options,
                                               const LeafNames& names = {}) {
  auto state = std::make_shared<Explanation::State>();
  state->tape = std::move(tape);
  for (const TensorHeader* leaf : call.leaves) state->leaves.push_back(Tensor::of_header(*leaf));
  for (const Tensor& leaf : state->leaves) state->headers.push_back(&leaf.header());
  state->literals.assign(call.literals.begin(), call.literals.end());
  state->words.assign(call.words.begin(), call.words.end());
  state->extents.assign(call.extents.begin(), call.extents.end());
  state->options = options;
  capture_call(*state, names);
  state->fused = state->captured;
  ir::run_pipeline(state->fused, pass_options(options),
                   [&](const ir::PassRecord& record) { state->passes.push_back(record); });
  return state;
}

}  // namespace

std::string Explanation::graph() const { return ir::print(state_->captured); }

std::string Explanation::passes() const {
  constexpr double nanoseconds_per_microsecond = 1e3;
  std::string text;
  for (const ir::PassRecord& pass : state_->passes) {
    text += fmt::format("{} {}({:.0f} us)\n", pass.name, pass.changed ? "" : "(unchanged) ",
                        static_cast<double>(pass.nanoseconds) / nanoseconds_per_microsecond);
    if (pass.changed) text += pass.text;
  }
  return text;
}

std::string Explanation::fused() const { return ir::print(state_->fused); }

std::string Explanation::loops() const {
  return joined(*state_, codegen::ReportDetail::loops,
                [](const codegen::KernelReport& report) { return report.loops; });
}

std::string Explanation::llvm_ir() const {
  return joined(*state_, codegen::ReportDetail::code,
                [](const codegen::KernelReport& report) { return report.llvm_ir; });
}

std::string Explanation::assembly() const {
  return joined(*state_, codegen::ReportDetail::code,
                [](const codegen::KernelReport& report) { return report.assembly; });
}

std::string Explanation::dot() const { return ir::print_dot(state_->fused); }

std::vector<KernelSummary> Explanation::kernels() const {
  std::vector<KernelSummary> summaries;
  for (codegen::KernelReport& report : reports(*state_, codegen::ReportDetail::summary)) {
    summaries.push_back(
        {std::move(report.name), std::move(report.kind), report.operations, report.bytes_read,
         report.bytes_written, report.flops, report.compile_nanoseconds, std::move(report.validity),
         report.streamed, report.phases, std::move(report.walk), report.visits, report.bytes_again,
         std::move(report.level), std::move(report.heaviest), report.heaviest_cost});
  }
  return summaries;
}

std::vector<EdgeSummary> Explanation::edges() const {
  std::vector<EdgeSummary> summaries;
  for (ir::Edge& edge : ir::explain_edges(state_->fused)) {
    summaries.push_back({std::move(edge.producer), std::move(edge.consumer),
                         std::string(ir::to_string(edge.reason)), edge.bytes});
  }
  return summaries;
}

std::vector<PackedConstant> Explanation::packed_constants() const {
  const ir::Graph& graph = state_->captured;
  std::vector<PackedConstant> constants;
  const auto add = [&](size_t input, std::string form, int64_t columns_of_panel) {
    const ir::Type& type = graph.node(graph.inputs[input].node).type;
    Shape shape = graph.captured_shape(type);
    PackedConstant constant{graph.inputs[input].name, std::move(form),
                            type_text(type.dtype, shape)};
    if (columns_of_panel > 0) {
      shape[1] = (shape[1] + columns_of_panel - 1) / columns_of_panel * columns_of_panel;
    }
    constant.bytes = element_count(shape) * byte_size(type.dtype);
    const auto same = [&](const PackedConstant& other) {
      return other.name == constant.name && other.form == constant.form;
    };
    if (std::none_of(constants.begin(), constants.end(), same)) constants.push_back(constant);
  };
  for (const codegen::KernelReport& report : reports(*state_, codegen::ReportDetail::summary)) {
    for (const int input : report.inputs) {
      const auto& rows = state_->packed_inputs;
      const auto packed = std::find(rows.begin(), rows.end(), static_cast<uint32_t>(input));
      if (packed != rows.end()) add(*packed, "rows", 0);
    }
    for (const runtime::PanelInput& panels : report.panels) {
      add(static_cast<size_t>(panels.input), fmt::format("panels of {} columns", panels.width),
          panels.width);
    }
  }
  return constants;
}

int64_t Explanation::bytes() const {
  const std::vector<KernelSummary> all = kernels();
  return std::accumulate(all.begin(), all.end(), int64_t{0},
                         [](int64_t sum, const KernelSummary& k) { return sum + k.bytes(); });
}

double Explanation::flops() const {
  const std::vector<KernelSummary> all = kernels();
  return std::accumulate(all.begin(), all.end(), 0.0,
                         [](double sum, const KernelSummary& k) { return sum + k.flops; });
}

Explanation explain_call(void (*describe)(TapeWriter&), const CallArguments& call,
                         const EvaluateOptions& options) {
  Tape tape;
  TapeWriter writer(tape);
  describe(writer);
  return Explanation(make_state(std::move(tape), call, options));
}

Explanation explain(std::span<const Value> values, const EvaluateOptions& options,
                    std::span<const LeafName> names) {
  LeafNames by_leaf;
  for (const LeafName& named : names) by_leaf.emplace(&named.leaf.header(), named.name);
  const std::unique_ptr<FlatValues> flat = flatten(values);
  return Explanation(make_state(flat->tape, flat->arguments(), options, by_leaf));
}

}  // namespace onepass
