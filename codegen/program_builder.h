// SPDX-License-Identifier: Apache-2.0
// Puts a program together: which array each value lives in, and the steps in order.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "onepass/codegen/compile.h"
#include "onepass/codegen/plan.h"
#include "onepass/codegen/provider_tuning.h"
#include "onepass/runtime/program.h"

namespace onepass::codegen {

/// A kernel of a program with what its report needs.
struct PlannedKernel {
  ir::Node fused;
  Plan plan;
};

/// What the kernel cache knows a nest by: equal text means equal code.
std::string kernel_key(const LoopNest& nest, const Target& target);

/// Compiles (or finds) the code of a planned nest.
std::shared_ptr<const runtime::Kernel> link_kernel(const LoopNest& nest, const Target& target);

class ProgramBuilder {
 public:
  ProgramBuilder(const ir::Graph& graph, const CompileOptions& options, bool with_code)
      : graph_(graph), options_(options), with_code_(with_code) {}

  /// Goes through the graph once.
  void build();

  std::shared_ptr<runtime::Program> take_program() { return std::move(program_); }
  const runtime::Program& program() const { return *program_; }
  /// By step: the kernel, or nothing where the step is none.
  const std::vector<std::unique_ptr<PlannedKernel>>& kernels() const { return kernels_; }
  /// Why a step is a call of the library, where that was measured.
  std::optional<ir::ProviderLead> lead(size_t step) const {
    const auto found = leads_.find(step);
    return found == leads_.end() ? std::nullopt : found->second;
  }

 private:
  using NodeId = ir::NodeId;

  void add_inputs();
  void add_outputs();
  void find_parts();
  void add_node(NodeId id);
  void add_fused(NodeId id);
  void add_single(NodeId id);
  /// A node that is no kernel, with its operands in the graph; true if `call` is one.
  struct LibraryCall {
    const ir::Node& node;
    std::vector<NodeId> operands;
    NodeId result;
  };
  bool add_call(const LibraryCall& call);
  void add_product(const LibraryCall& call);
  void add_gather(const LibraryCall& call);
  void add_concat(const LibraryCall& call);
  void add_reshape(NodeId id);
  /// Whether node `id` is stored as a reshape of `array`.
  bool is_stored_in(NodeId id, int array) const;
  void copy_outputs();

  int add_array(runtime::ProgramArray array, runtime::Layout layout);
  int add_temporary(const ir::Type& type);
  /// Where a node's value is to be stored: the output that it is, or a temporary.
  int result_array(NodeId id);
  /// The array that holds a node's value; scalars and constants get one of their own.
  int operand_array(NodeId id);
  int dense_operand_array(NodeId id);
  void copy_into(NodeId id, int array);
  void launch_kernel(ir::Node fused, const std::vector<int>& results);
  bool is_constant_input(NodeId id) const;
  /// The array of the panels of what `operand` reads, an input.
  int panel_array(const runtime::PanelInput& operand, const ir::Node& fused);
  void add_step(runtime::Step step);
  void require(const runtime::ValidityRange& range);
  void require(const runtime::ValidityProduct& product);

  const ir::Graph& graph_;
  const CompileOptions& options_;
  const bool with_code_;
  std::shared_ptr<runtime::Program> program_ = std::make_shared<runtime::Program>();
  std::vector<runtime::Layout> layouts_;                   // by array
  std::unordered_map<NodeId, int> array_of_;               // by node
  std::vector<std::unique_ptr<PlannedKernel>> kernels_;    // by step
  std::unordered_map<NodeId, std::vector<NodeId>> parts_;  // result nodes of a fused node
  std::unordered_map<NodeId, int> reshaped_output_;        // node whose reshape is this output
  std::unordered_map<size_t, std::optional<ir::ProviderLead>> leads_;  // by step
};

/// For each output and input of `program`: whether they may share memory. `kernels` are its steps.
std::vector<std::vector<bool>> alias_table(
    const runtime::Program& program, const std::vector<std::unique_ptr<PlannedKernel>>& kernels);

}  // namespace onepass::codegen
