// SPDX-License-Identifier: Apache-2.0
// Which outputs of a program may share memory with which inputs.
#include "onepass/codegen/program_builder.h"
#include "onepass/runtime/program_arrays.h"

namespace onepass::codegen {
namespace {

/// One step as arrays that own their memory.
struct Access {
  std::vector<size_t> reads, writes;
  std::vector<bool> read_in_place;  // by read
};

class AliasFinder {
 public:
  AliasFinder(const runtime::Program& program,
              const std::vector<std::unique_ptr<PlannedKernel>>& kernels)
      : program_(program) {
    for (size_t i = 0; i < program.steps.size(); ++i)
      accesses_.push_back(access_of(i, kernels[i].get()));
  }

  bool may_alias(int output, int input) const {
    const auto out = static_cast<size_t>(output), in = static_cast<size_t>(input);
    bool stored = false;
    for (const Access& access : accesses_) {
      const bool stores = contains(access.writes, out);
      for (size_t r = 0; r < access.reads.size(); ++r) {
        if (access.reads[r] != in) continue;
        if (stored || (stores && !access.read_in_place[r])) return false;
      }
      stored = stored || stores;
    }
    return true;
  }

 private:
  static bool contains(const std::vector<size_t>& list, size_t array) {
    for (const size_t entry : list) {
      if (entry == array) return true;
    }
    return false;
  }

  size_t storage(int array) const { return runtime::storage_of(program_, array); }

  Access access_of(size_t step, const PlannedKernel* kernel) const {
    Access access;
    if (kernel != nullptr) {
      const auto& arrays = std::get<runtime::KernelLaunch>(program_.steps[step]).arrays;
      const size_t operands = kernel->plan.may_alias.size();
      for (size_t i = 0; i < arrays.size(); ++i) {
        (i < operands ? access.reads : access.writes).push_back(storage(arrays[i]));
        if (i < operands) access.read_in_place.push_back(kernel->plan.may_alias[i]);
      }
    } else if (const auto* product = std::get_if<runtime::LibraryProduct>(&program_.steps[step])) {
      access = {{storage(product->lhs), storage(product->rhs)},
                {storage(product->result)},
                {false, false}};
    } else {
      const auto& gather = std::get<runtime::Gather>(program_.steps[step]);
      access = {{storage(gather.source), storage(gather.indices)},
                {storage(gather.result)},
                {false, false}};
    }
    return access;
  }

  const runtime::Program& program_;
  std::vector<Access> accesses_;
};

}  // namespace

std::vector<std::vector<bool>> alias_table(
    const runtime::Program& program, const std::vector<std::unique_ptr<PlannedKernel>>& kernels) {
  const AliasFinder finder(program, kernels);
  std::vector<std::vector<bool>> table;
  for (const int output : program.outputs) {
    std::vector<bool>& row = table.emplace_back();
    for (const int input : program.inputs) row.push_back(finder.may_alias(output, input));
  }
  return table;
}

}  // namespace onepass::codegen
