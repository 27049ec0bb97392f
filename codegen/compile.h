// SPDX-License-Identifier: Apache-2.0
// A graph that went through the pipeline to a program: the one header of codegen that the engine
// needs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "onepass/codegen/target.h"
#include "onepass/ir/graph.h"
#include "onepass/ir/passes/passes.h"
#include "onepass/runtime/layout.h"
#include "onepass/runtime/program.h"

namespace onepass::codegen {

struct CompileOptions {
  Target target = host_target();
  ir::Accuracy accuracy = ir::Accuracy::strict;
  /// Layouts of the outputs that the caller will bind; empty: dense.
  std::vector<runtime::Layout> output_layouts;
  /// For each input of the graph whether its elements never change, so that the program may ask for
  /// its panels; empty: none.
  std::vector<bool> constant_inputs = {};
};

/// Plans, compiles (through the kernel cache) and links every fused node into one program. If
/// compiling fails, writes the graph to a repro file and names it in the InternalError.
std::shared_ptr<const runtime::Program> compile(const ir::Graph& graph,
                                                const CompileOptions& options);

/// One kernel or library step of a program, as explain lists it.
struct KernelReport {
  std::string name;
  std::string kind;                           // map, reduce, contraction, openblas, gather, view
  int operations = 0;                         // element-wise ops in the body
  int64_t bytes_read = 0, bytes_written = 0;  // of one call at the captured sizes
  double flops = 0;
  int64_t compile_nanoseconds = 0;          // 0: not compiled yet
  std::vector<std::string> validity;        // "n in [2, 16]"
  bool streamed = false;                    // stores bypass the caches
  int phases = 1;                           // one after the other, each on all threads
  std::string walk;                         // how a reduction walks its elements; else empty
  int visits = 1;                           // of each element, one loop after the other
  int64_t bytes_again = 0;                  // of elements touched again, in `level`
  std::string level;                        // L1, L2, L3 or memory
  std::string heaviest;                     // the op that takes longest
  double heaviest_cost = 0;                 // of all its calls, in additions
  std::vector<int> inputs;                  // of the graph, that it reads as they are
  std::vector<runtime::PanelInput> panels;  // that it reads
  std::string loops, llvm_ir, assembly;     // filled only where asked for
};

enum class ReportDetail : uint8_t { summary, loops, code };

/// What compile() makes of the graph, kernel by kernel in the order they run.
std::vector<KernelReport> report(const ir::Graph& graph, const CompileOptions& options,
                                 ReportDetail detail);

}  // namespace onepass::codegen
