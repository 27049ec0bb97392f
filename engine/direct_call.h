// SPDX-License-Identifier: Apache-2.0
// The shortest way from a warm evaluate_into to machine code: guard, checks and launch of an entry
// that is one plain kernel, flattened into one pass over short lists.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "onepass/engine/options.h"
#include "onepass/engine/tape.h"
#include "onepass/engine/tensor.h"
#include "onepass/runtime/direct_launch.h"
#include "onepass/runtime/layout.h"

namespace onepass {

struct Entry;

class DirectCall {
 public:
  /// None if calls of the entry need more than the launch of a kernel on dense targets.
  static std::optional<DirectCall> of(const Entry& entry);

  /// Runs a call into targets. False, and nothing has happened, if the call is for another entry,
  /// or if something about it is unusual: the general way then finds out.
  bool run(const Entry& entry, const CallArguments& call, const EvaluateOptions& options,
           std::span<const Tensor> targets) const;

  /// The same of an entry without literals and words, up to the call of the code.
  bool bind(const Entry& entry, const CallArguments& call, const EvaluateOptions& options,
            std::span<const Tensor> targets, runtime::BoundLaunch& bound) const;

 private:
  static constexpr size_t most_leaves = 12, most_targets = 4, most_symbols = 16, most_scalars = 16;
  static constexpr size_t most_arrays = most_leaves + most_targets;

  struct Leaf {
    runtime::Layout layout;
    uint32_t equal_leaf = 0;
    bool constant = false;
  };
  /// Dimension `dimension` of a leaf, or beyond the leaves of a target.
  struct Extent {
    uint32_t array = 0;
    int dimension = 0;
  };
  /// A symbol: where its value is found, and the values that the code is for.
  struct Symbol {
    Extent extent;
    int64_t low = 0;
    uint64_t range = INT64_MAX;
  };
  /// An extent that must be equal to a symbol.
  struct Check {
    Extent extent;
    uint32_t symbol = 0;
  };

  void add_leaves(const Entry& entry);
  void add_symbols(const Entry& entry);
  void add_targets(const Entry& entry);
  bool matches(const CallArguments& call, std::span<const Tensor> targets,
               const TensorHeader** arrays) const;
  bool resolve(const TensorHeader* const* arrays, int64_t* symbols) const;
  /// What the launch reads: views of all arrays, and the symbols. False as run() answers.
  struct Arrays {
    const runtime::ArrayView* views[most_arrays];
    int64_t symbols[most_symbols];
  };
  bool find(const Entry& entry, const CallArguments& call, const EvaluateOptions& options,
            std::span<const Tensor> targets, Arrays& found) const;

  std::vector<Leaf> leaves_;
  std::vector<runtime::Layout> targets_;
  std::vector<Symbol> symbols_;
  std::vector<Check> checks_;
};

}  // namespace onepass
