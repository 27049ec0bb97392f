// SPDX-License-Identifier: Apache-2.0
// A graph read from a file and sent through the compiler again, as explain does with an expression.
#pragma once

#include <string>
#include <vector>

#include "onepass/codegen/compile.h"
#include "onepass/engine/explain.h"
#include "onepass/ir/graph.h"

namespace onepass::tool {

class GraphReplay {
 public:
  /// Reads IR text, runs the pipeline (unless the graph has been through it: it holds fused nodes)
  /// and compiles every kernel. UserError if the file is missing or no graph; what the compiler
  /// throws, if it fails again.
  GraphReplay(const std::string& file, const EvaluateOptions& options);

  std::string graph() const;
  std::string passes() const { return passes_; }
  std::string fused() const;
  std::string dot() const;
  std::string loops() const;
  std::string llvm_ir() const;
  std::string assembly() const;
  std::vector<EdgeSummary> edges() const;
  /// Graph and kernels.
  std::string summary() const;

 private:
  std::string kernel_texts(std::string codegen::KernelReport::* text) const;

  ir::Graph graph_, fused_;
  std::string passes_;
  std::vector<codegen::KernelReport> kernels_;
};

}  // namespace onepass::tool
