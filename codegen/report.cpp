// SPDX-License-Identifier: Apache-2.0
// What explain lists of each step: traffic and work at the captured sizes, and the stages of its
// code.
#include <fmt/format.h>

#include <algorithm>

#include "onepass/codegen/compile.h"
#include "onepass/codegen/jit.h"
#include "onepass/codegen/program_builder.h"
#include "onepass/codegen/provider_tuning.h"
#include "onepass/ir/counting_emitter.h"
#include "onepass/ir/cumulative.h"
#include "onepass/ir/interpreter_steps.h"
#include "onepass/ir/passes/product_operands.h"
#include "onepass/ir/passes/product_rows.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/kernel_cache.h"
#include "onepass/runtime/program_arrays.h"

namespace onepass::codegen {
namespace {

/// Sizes of one graph at capture.
class Sizes {
 public:
  explicit Sizes(const ir::Graph& graph) : graph_(graph) {}

  int64_t elements(const std::vector<int>& extents) const {
    int64_t count = 1;
    for (const int symbol : extents) count *= graph_.captured_extent(symbol);
    return count;
  }
  int64_t bytes(const runtime::ProgramArray& array) const {
    return elements(array.extents) * byte_size(array.dtype);
  }

 private:
  const ir::Graph& graph_;
};

/// Elements that the iteration space reaches of an operand.
int64_t reached_elements(const ir::Graph& graph, const LoopNest& nest,
                         const runtime::Operand& operand) {
  int64_t count = 1;
  for (size_t d = 0; d < operand.axes.size(); ++d) {
    if (operand.axes[d].dimension < 0) continue;
    count *= graph.captured_extent(nest.interface.iteration_symbols[d]);
  }
  return count;
}

class Reporter {
 public:
  Reporter(const ir::Graph& graph, const CompileOptions& options, ReportDetail detail)
      : graph_(graph),
        sizes_(graph),
        options_(options),
        detail_(detail),
        builder_(graph, options, detail == ReportDetail::code) {
    builder_.build();
  }

  std::vector<KernelReport> run() {
    std::vector<KernelReport> reports;
    const auto& steps = builder_.program().steps;
    for (size_t i = 0; i < steps.size(); ++i) {
      if (const PlannedKernel* kernel = builder_.kernels()[i].get()) {
        reports.push_back(kernel_report(*kernel));
      } else if (const auto* product = std::get_if<runtime::LibraryProduct>(&steps[i])) {
        reports.push_back(product_report(*product, builder_.lead(i)));
      } else {
        reports.push_back(gather_report(std::get<runtime::Gather>(steps[i])));
      }
      list_inputs(steps[i], reports.back());
    }
    return reports;
  }

 private:
  const runtime::ProgramArray& array(int index) const {
    return builder_.program().arrays[static_cast<size_t>(index)];
  }

  void list_inputs(const runtime::Step& step, KernelReport& report) const {
    const runtime::Program& program = builder_.program();
    runtime::for_each_array(step, [&](int read) {
      const runtime::ProgramArray& storage = program.arrays[runtime::storage_of(program, read)];
      if (storage.kind != runtime::ProgramArray::Kind::input) return;
      const auto index = static_cast<size_t>(storage.index);
      if (index < graph_.inputs.size()) {
        report.inputs.push_back(storage.index);
      } else {
        report.panels.push_back(program.panels[index - graph_.inputs.size()]);
      }
    });
  }

  KernelReport kernel_report(const PlannedKernel& kernel) const {
    KernelReport report;
    const LoopNest& nest = kernel.plan.nest;
    report.name = nest.name;
    count_body(*kernel.fused.body, report);
    for (const runtime::Operand& operand : nest.interface.operands) {
      const int64_t bytes = reached_elements(graph_, nest, operand) * byte_size(operand.dtype);
      (operand.written ? report.bytes_written : report.bytes_read) += bytes;
    }
    if (const auto code = runtime::kernel_cache().find(kernel_key(nest, options_.target))) {
      report.compile_nanoseconds = code->compile_nanoseconds;
    }
    for (const runtime::ValidityRange& range : kernel.plan.validity)
      report.validity.push_back(describe(range));
    for (const runtime::ValidityProduct& product : kernel.plan.valid_products)
      report.validity.push_back(describe(product));
    report.phases = static_cast<int>(nest.phases.size());
    describe_walk(kernel.plan.walk, report);
    note_lead(*kernel.fused.body, report);
    for (const std::string& apart : {ir::why_products_are_apart(graph_, kernel.fused),
                                     ir::why_rows_are_apart(graph_, kernel.fused)}) {
      if (!apart.empty()) report.walk += ", " + apart;
    }
    report.streamed = std::any_of(nest.arrays.begin(), nest.arrays.end(),
                                  [](const Array& array) { return array.streamed; });
    if (detail_ != ReportDetail::summary) report.loops = print(nest);
    if (detail_ == ReportDetail::code) {
      CodeText text = code_text(nest, options_.target);
      report.llvm_ir = std::move(text.llvm_ir);
      report.assembly = std::move(text.assembly);
    }
    return report;
  }

  /// Why the first product of a body is generated, where the call asked for what is tuned.
  void note_lead(const ir::Graph& body, KernelReport& report) const {
    for (const ir::Node& node : body.nodes) {
      const auto lead = provider_lead(node);
      if (lead) return void(report.walk += (report.walk.empty() ? "" : ", ") + to_string(*lead));
    }
  }

  void describe_walk(const Walk& walk, KernelReport& report) const {
    report.walk = walk.way;
    report.visits = walk.loops;
    report.bytes_again = walk.bytes_again;
    if (walk.bytes_again > 0) report.level = options_.target.level_of(walk.span);
  }

  /// Kind, operations and flops of a body.
  void count_body(const ir::Graph& body, KernelReport& report) const {
    report.kind = "view";
    for (const ir::Node& node : body.nodes) {
      report.flops += ir::node_flops(body, node, options_.accuracy);
      if (ir::is_elementwise(node.op)) ++report.operations;
      note_cost(body, node, report);
      if (ir::is_reduction(node.op)) {
        if (report.kind != "contraction") report.kind = "reduce";
      } else if (ir::is_cumulative(node.op)) {
        report.kind = "cumulative";
      } else if (node.op == ir::OpCode::matmul) {
        report.kind = "contraction";
      } else if (report.kind == "view" &&
                 (ir::is_elementwise(node.op) || node.op == ir::OpCode::cast)) {
        report.kind = "map";
      }
    }
  }

  /// The op that takes longest: by its cost and how many elements it is called for.
  void note_cost(const ir::Graph& body, const ir::Node& node, KernelReport& report) const {
    if (!ir::is_elementwise(node.op) || node.inputs.empty()) return;
    double cost =
        ir::op_cost(node.op, body.node(node.inputs.back()).type.dtype, options_.accuracy).cost;
    for (const int64_t extent : body.captured_shape(node.type)) cost *= static_cast<double>(extent);
    if (cost <= report.heaviest_cost) return;
    report.heaviest = ir::to_string(node.op);
    report.heaviest_cost = cost;
  }

  KernelReport product_report(const runtime::LibraryProduct& product,
                              const std::optional<ir::ProviderLead>& lead) const {
    KernelReport report;
    report.name = "matmul";
    report.kind = "openblas";
    report.walk = "a call of the library, " + (lead ? to_string(*lead) : "as the call asks");
    report.bytes_read = sizes_.bytes(array(product.lhs)) + sizes_.bytes(array(product.rhs));
    report.bytes_written = sizes_.bytes(array(product.result));
    report.flops = 2 * static_cast<double>(sizes_.elements(product.extents));
    return report;
  }

  KernelReport gather_report(const runtime::Gather& gather) const {
    KernelReport report;
    report.name = "take";
    report.kind = "gather";
    report.bytes_written = sizes_.bytes(array(gather.result));
    report.bytes_read = report.bytes_written + sizes_.bytes(array(gather.indices));
    return report;
  }

  std::string describe(const runtime::ValidityRange& range) const {
    return describe(name_of(range.symbol), range.low, range.high);
  }

  std::string describe(const runtime::ValidityProduct& product) const {
    std::string name;
    for (const int symbol : product.symbols) name += (name.empty() ? "" : "*") + name_of(symbol);
    return describe(name, product.low, product.high);
  }

  const std::string& name_of(int symbol) const {
    return graph_.symbols[static_cast<size_t>(symbol)].name;
  }

  static std::string describe(const std::string& name, int64_t low, int64_t high) {
    if (high == INT64_MAX) return fmt::format("{} >= {}", name, low);
    return fmt::format("{} in [{}, {}]", name, low, high);
  }

  const ir::Graph& graph_;
  Sizes sizes_;
  const CompileOptions& options_;
  const ReportDetail detail_;
  ProgramBuilder builder_;
};

}  // namespace

std::vector<KernelReport> report(const ir::Graph& graph, const CompileOptions& options,
                                 ReportDetail detail) {
  return Reporter(graph, options, detail).run();
}

}  // namespace onepass::codegen
