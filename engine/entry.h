// SPDX-License-Identifier: Apache-2.0
// An entry: one compiled variant of an expression, the guard that says which calls it serves, and
// the way to run it.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "onepass/engine/direct_call.h"
#include "onepass/engine/literal.h"
#include "onepass/engine/options.h"
#include "onepass/engine/tape.h"
#include "onepass/engine/tensor.h"
#include "onepass/ir/graph.h"
#include "onepass/runtime/program.h"
#include "onepass/runtime/schedule.h"

namespace onepass {

/// Immutable once made. Serves every call whose arguments pass the guard.
struct Entry {
  // The guard.
  std::vector<runtime::Layout> leaf_layouts;
  std::vector<uint8_t> constant_leaves;
  std::vector<uint32_t>
      equal_leaf;  // leaf i is the same tensor as leaf equal_leaf[i] (itself if first)
  std::vector<int64_t> words;
  EvaluateOptions options;                      // threads do not count
  std::vector<uint8_t> literal_classes;         // of all literals; empty unless fast
  std::vector<runtime::Layout> output_layouts;  // empty: dense
  std::vector<runtime::ValidityRange> validity;
  std::vector<runtime::ValidityProduct> valid_products;
  std::vector<ir::SymbolEquality> equalities;

  // How a call's values follow.
  std::vector<uint32_t> input_leaves;   // leaf of each input
  std::vector<uint32_t> packed_inputs;  // inputs that read the packed form of their leaf
  std::vector<uint32_t> given_extents;  // extent of the call, for each given word
  std::vector<runtime::Symbol> symbols;
  bool symbols_are_input_extents = true;  // none needs computing
  struct ExtentCheck {
    uint32_t leaf;
    int dimension;
    int symbol;
  };
  std::vector<ExtentCheck> checks;  // extents that ops require to be equal to a symbol
  struct Scalar {
    LiteralKind literal;
    DType dtype;
  };
  std::vector<Scalar> scalars;
  std::vector<ir::Type> outputs;

  // What runs: a program, or in interpreted mode the graph.
  std::shared_ptr<const runtime::Program> program;
  std::unique_ptr<const ir::Graph> graph;
  std::optional<DirectCall> direct;  // the short way of usual calls

  /// Set once a slot holds the entry: it then keeps itself, since those who read a slot hold no
  /// count.
  mutable std::atomic<std::shared_ptr<const Entry>> pinned;

  /// Whether the code is for these modes of evaluation.
  bool serves_options(const EvaluateOptions& call_options) const {
    return options.mode == call_options.mode && options.accuracy == call_options.accuracy &&
           options.provider == call_options.provider;
  }
  /// The part of the guard that is about the values of literals.
  bool serves_literals(const CallArguments& call) const {
    for (size_t i = 0; i < literal_classes.size(); ++i) {
      if (literal_class(scalars[i].literal, call.literals[i]) != literal_classes[i]) return false;
    }
    return true;
  }
  /// The cheap part of the guard: everything but sizes.
  bool matches(const CallArguments& call, const EvaluateOptions& call_options,
               std::span<const Tensor> targets) const;
  /// The sizes: fills symbol values; false if an extent check or a validity range fails.
  bool resolve(const CallArguments& call, std::span<int64_t> symbol_values) const;
  /// The part of it that is about products of symbol values.
  bool serves_products(const int64_t* symbol_values) const {
    return std::all_of(valid_products.begin(), valid_products.end(), [&](const auto& range) {
      int64_t product = 1;
      for (const int symbol : range.symbols) {
        product = runtime::saturating_multiply(product, symbol_values[symbol]);
      }
      return product >= range.low && product <= range.high;
    });
  }
  /// Literals in the dtype of their scalars. UserError if an integer does not fit.
  void convert_literals(const CallArguments& call, std::span<uint64_t> scalar_words) const;
  Shape output_shape(size_t output, std::span<const int64_t> symbol_values) const;
};

/// The entries a Value has seen. Holds references, unlike the slots of types, because values come
/// and go.
class EntrySlots {
 public:
  std::shared_ptr<const Entry> find(const CallArguments& call, const EvaluateOptions& options,
                                    std::span<const Tensor> targets) const;
  /// Keeps the last two.
  void keep(std::shared_ptr<const Entry> entry) const;

 private:
  mutable std::array<std::atomic<std::shared_ptr<const Entry>>, 2> entries;
};

/// For each leaf the first leaf that is the same tensor.
std::vector<uint32_t> first_equal_leaves(std::span<const TensorHeader* const> leaves);

/// The literal_class of each literal under Accuracy::fast, else nothing.
std::vector<uint8_t> literal_classes(const Tape& tape, const CallArguments& call,
                                     Accuracy accuracy);

/// The layouts of targets that the guard compares; none if every target is dense, which is the
/// usual case.
std::vector<runtime::Layout> target_layouts(std::span<const Tensor> targets);

/// Captures, runs the passes and compiles.
std::shared_ptr<const Entry> make_entry(const Tape& tape, const CallArguments& call,
                                        const EvaluateOptions& options,
                                        std::span<const Tensor> targets);

/// The process-wide cache of entries, by tape, layouts, words and options; makes what is missing.
std::shared_ptr<const Entry> find_or_make_entry(const Tape& tape, const CallArguments& call,
                                                const EvaluateOptions& options,
                                                std::span<const Tensor> targets);

}  // namespace onepass
