// SPDX-License-Identifier: Apache-2.0
// What one expression compiles to: a few steps over arrays, with every size still open.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "onepass/runtime/array_view.h"
#include "onepass/runtime/direct_launch.h"
#include "onepass/runtime/kernel.h"
#include "onepass/runtime/symbol.h"

namespace onepass::runtime {

/// An array of a program. Its extents are symbols (-1 is the constant 1).
struct ProgramArray {
  enum class Kind : uint8_t {
    input,      // bound by the caller: input `index`
    output,     // bound by the caller: output `index`
    temporary,  // allocated for the call, dense
    reshaped,   // the dense array `index` under other extents
    section,  // a range of array `index` along `dimension`, beginning where the extents in `start`
              // add up
  };
  Kind kind = Kind::temporary;
  int index = 0;
  DType dtype = DType::f32;
  std::vector<int> extents;
  int dimension = 0;       // of a section
  std::vector<int> start;  // of a section: symbols whose sum is its first index
};

/// C = A B by the BLAS library, over the last two dimensions; earlier dimensions of A and B
/// broadcast. `extents` of the iteration space are batch..., M, N, K as symbols.
struct LibraryProduct {
  int lhs = 0, rhs = 0, result = 0;  // arrays
  int batch_rank = 0;
  std::vector<int> extents;
};

/// result = source with its dimension `axis` indexed by the integer vector `indices`. Negative
/// indices count from the end; one out of range is a UserError before the first store of the call.
struct Gather {
  int source = 0, indices = 0, result = 0;  // arrays
  int axis = 0;
};

struct KernelLaunch {
  std::shared_ptr<const Kernel> kernel;
  std::vector<int> arrays;  // Operand::array indexes this list of program arrays
};

using Step = std::variant<KernelLaunch, LibraryProduct, Gather>;

/// A fact of the sizes that the code relies on; printed by explain, checked by the guard.
struct ValidityRange {
  int symbol = 0;
  int64_t low = 0, high = INT64_MAX;  // inclusive
};

/// The same for the product of several symbols.
struct ValidityProduct {
  std::vector<int> symbols;
  int64_t low = 0, high = INT64_MAX;  // inclusive
  friend bool operator==(const ValidityProduct&, const ValidityProduct&) = default;
};

/// A matrix that does not change from call to call, as its products read it: panels of `width`
/// columns after each other, each with its rows after each other, the last one filled with zeros.
struct PanelInput {
  int input = 0;  // of the call, that it is made of
  int64_t width = 0;
  friend bool operator==(const PanelInput&, const PanelInput&) = default;
};

struct Program {
  std::string name;
  std::vector<Symbol> symbols;
  std::vector<ProgramArray> arrays;
  std::vector<int> inputs, outputs;  // arrays
  std::vector<PanelInput> panels;    // the last of the inputs
  std::vector<Step> steps;
  std::vector<ValidityRange> validity;
  std::vector<ValidityProduct> valid_products;
  /// For each output, for each input: true if the output may share the input's memory exactly (same
  /// elements, same places): every kernel that writes the output reads the input at the same index
  /// only, and no later step reads it.
  std::vector<std::vector<bool>> may_alias;
  /// The short way of calls on small arrays; none where the program is more than one plain kernel.
  std::optional<DirectLaunch> direct;
};

/// Everything a call provides. Views of inputs and outputs are in the program's order, and stay
/// where the caller has them.
struct Call {
  std::span<const ArrayView* const> inputs;
  std::span<const ArrayView* const> outputs;
  std::span<const int64_t> symbol_values;
  std::span<const uint64_t> scalars;
};

/// Runs every step. Memory for temporaries is taken before the first store; SystemError if there is
/// none.
void run(const Program& program, const Call& call);

}  // namespace onepass::runtime
