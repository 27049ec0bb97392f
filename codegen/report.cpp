// SPDX-License-Identifier: Apache-2.0
// What explain lists of each step: traffic and work at the captured sizes, and the stages of its
// code.
#include <fmt/format.h>

#include "onepass/codegen/compile.h"
#include "onepass/codegen/jit.h"
#include "onepass/codegen/program_builder.h"
#include "onepass/ir/counting_emitter.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/kernel_cache.h"

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
        reports.push_back(product_report(*product));
      } else {
        reports.push_back(gather_report(std::get<runtime::Gather>(steps[i])));
      }
    }
    return reports;
  }

 private:
  const runtime::ProgramArray& array(int index) const {
    return builder_.program().arrays[static_cast<size_t>(index)];
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
    if (detail_ != ReportDetail::summary) report.loops = print(nest);
    if (detail_ == ReportDetail::code) {
      CodeText text = code_text(nest, options_.target);
      report.llvm_ir = std::move(text.llvm_ir);
      report.assembly = std::move(text.assembly);
    }
    return report;
  }

  /// Kind, operations and flops of a body.
  void count_body(const ir::Graph& body, KernelReport& report) const {
    report.kind = "view";
    for (const ir::Node& node : body.nodes) {
      const auto elements = static_cast<double>(
          sizes_.elements({node.type.dimensions.begin(), node.type.dimensions.end()}));
      if (ir::is_elementwise(node.op)) {
        ++report.operations;
        report.flops += elements * op_flops(body, node);
        if (report.kind == "view") report.kind = "map";
      } else if (node.op == ir::OpCode::cast) {
        if (report.kind == "view") report.kind = "map";
      } else if (node.op == ir::OpCode::sum) {
        report.kind = "reduce";
        report.flops += static_cast<double>(input_elements(body, node, 0));
      } else if (node.op == ir::OpCode::matmul) {
        report.kind = "contraction";
        const ir::Dimensions& lhs = body.node(node.inputs[0]).type.dimensions;
        report.flops +=
            2 * elements * static_cast<double>(graph_.captured_extent(lhs[lhs.rank() - 1]));
      }
    }
  }

  /// What the formula of an op does for one element; operations on integers count as one.
  double op_flops(const ir::Graph& body, const ir::Node& node) const {
    const DType dtype = body.node(node.inputs.back()).type.dtype;
    if (!is_floating(dtype)) return 1;
    if (node.attributes.has(ir::AttributeKey::exponent)) return 2;
    return ir::op_cost(node.op, dtype, options_.accuracy).flops;
  }

  int64_t input_elements(const ir::Graph& body, const ir::Node& node, size_t input) const {
    const ir::Dimensions& d = body.node(node.inputs[input]).type.dimensions;
    return sizes_.elements({d.begin(), d.end()});
  }

  KernelReport product_report(const runtime::LibraryProduct& product) const {
    KernelReport report;
    report.name = "matmul";
    report.kind = "openblas";
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
    const std::string& name = graph_.symbols[static_cast<size_t>(range.symbol)].name;
    if (range.high == INT64_MAX) return fmt::format("{} >= {}", name, range.low);
    return fmt::format("{} in [{}, {}]", name, range.low, range.high);
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
