// SPDX-License-Identifier: Apache-2.0
// Replays a graph: parse, pipeline, plan, compile.
#include "graph_replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "onepass/engine/pass_options.h"
#include "onepass/ir/parse.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/ir/print.h"
#include "text_file.h"

namespace onepass::tool {
namespace {

bool went_through_pipeline(const ir::Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                     [](const ir::Node& node) { return node.op == ir::OpCode::fused; });
}

std::string pass_text(const ir::PassRecord& record) {
  return fmt::format("-- {} ({} ns)\n{}\n", record.name, record.nanoseconds,
                     record.changed ? record.text : "(unchanged)");
}

}  // namespace

GraphReplay::GraphReplay(const std::string& file, const EvaluateOptions& options)
    : graph_(ir::parse(read_text("--graph", file))), fused_(graph_) {
  if (went_through_pipeline(graph_)) {
    passes_ = "the graph has been through the pipeline\n";
  } else {
    ir::run_pipeline(fused_, pass_options(options),
                     [&](const ir::PassRecord& record) { passes_ += pass_text(record); });
  }
  codegen::CompileOptions compile_options;
  compile_options.accuracy = options.accuracy;
  kernels_ = codegen::report(fused_, compile_options, codegen::ReportDetail::code);
}

std::string GraphReplay::graph() const { return ir::print(graph_); }
std::string GraphReplay::fused() const { return ir::print(fused_); }
std::string GraphReplay::dot() const { return ir::print_dot(fused_); }

std::string GraphReplay::kernel_texts(std::string codegen::KernelReport::* text) const {
  std::string all;
  for (const codegen::KernelReport& kernel : kernels_) {
    if (!(kernel.*text).empty())
      all += fmt::format("-- {} ({})\n{}\n", kernel.name, kernel.kind, kernel.*text);
  }
  return all.empty() ? "no generated kernel\n" : all;
}

std::string GraphReplay::loops() const { return kernel_texts(&codegen::KernelReport::loops); }
std::string GraphReplay::llvm_ir() const { return kernel_texts(&codegen::KernelReport::llvm_ir); }
std::string GraphReplay::assembly() const { return kernel_texts(&codegen::KernelReport::assembly); }

std::vector<EdgeSummary> GraphReplay::edges() const {
  std::vector<EdgeSummary> list;
  for (const ir::Edge& edge : ir::explain_edges(fused_)) {
    list.push_back(
        {edge.producer, edge.consumer, std::string(ir::to_string(edge.reason)), edge.bytes});
  }
  return list;
}

std::string GraphReplay::summary() const {
  std::string text = graph() + "\n";
  for (const codegen::KernelReport& kernel : kernels_) {
    text +=
        fmt::format("kernel {}: {}, {} operations, {} bytes read, {} bytes written, {:.0f} flops\n",
                    kernel.name, kernel.kind, kernel.operations, kernel.bytes_read,
                    kernel.bytes_written, kernel.flops);
  }
  return text;
}

}  // namespace onepass::tool
