// SPDX-License-Identifier: Apache-2.0
// explain: every stage of an expression as text, what fused and why, what moves and what it costs.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "onepass/engine/evaluate.h"

namespace onepass {

/// One kernel or library call of an expression, in the order they run, at the sizes of the
/// explained call. In interpreted mode one op that the interpreter runs.
struct KernelSummary {
  std::string name;
  std::string kind;    // map, reduce, contraction, openblas, gather, view, interpreted
  int operations = 0;  // element-wise operations in its body
  int64_t bytes_read = 0, bytes_written = 0;
  double flops = 0;
  int64_t compile_nanoseconds = 0;    // 0: not compiled yet
  std::vector<std::string> validity;  // sizes it relies on
  bool streamed = false;              // its stores bypass the caches
  int phases = 1;                     // one after the other, each on all threads
  std::string walk;                   // how a reduction walks its elements; else empty
  int visits = 1;                     // of each element, one loop after the other
  int64_t bytes_again = 0;            // touched besides `bytes()`, in the cache `level`
  std::string level;                  // L1, L2, L3 or memory
  std::string heaviest;               // the operation that takes longest; empty: there is none
  double heaviest_cost = 0;           // of all its elements, in additions

  int64_t bytes() const { return bytes_read + bytes_written; }
  /// Floating-point operations per byte moved.
  double intensity() const { return bytes() == 0 ? 0 : flops / static_cast<double>(bytes()); }
};

/// An edge between two operations: fused, or the reason why not.
struct EdgeSummary {
  std::string producer, consumer;
  std::string reason;
  int64_t bytes = 0;  // traffic saved if fused, paid if not
};

/// The packed copy of a constant that an expression reads, in memory that all expressions share.
struct PackedConstant {
  std::string name;  // as in the graph
  std::string form;  // "rows", "panels of 16 columns"
  std::string type;  // "f32[768, 3072]"
  int64_t bytes = 0;
};

/// One expression taken apart. Texts are made when asked for.
class Explanation {
 public:
  std::string graph() const;   // as captured
  std::string passes() const;  // after each pass, "(unchanged)" where nothing happened, with times
  std::string fused() const;   // after all passes
  std::string loops() const;   // the loop nest of every kernel
  std::string llvm_ir() const;
  std::string assembly() const;
  std::string dot() const;  // Graphviz source
  std::vector<KernelSummary> kernels() const;
  std::vector<EdgeSummary> edges() const;
  std::vector<PackedConstant> packed_constants() const;
  int64_t bytes() const;  // moved by one evaluation
  double flops() const;

  /// Runs the expression a few times and adds time, GB/s, GFLOP/s and the share of this machine's
  /// roof.
  Explanation& measure();
  /// Seconds of one evaluation, the median of the measured ones; 0 before measure().
  double seconds() const;
  /// Share of what this machine can do at the expression's intensity; 0 before measure().
  double share_of_roof() const;
  /// What holds the expression back and what would help, in one line; empty before measure().
  std::string verdict() const;

  struct State;
  explicit Explanation(std::shared_ptr<State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<State> state_;
};

/// A summary: graph, kernels, edges; after measure() also the measurement.
std::ostream& operator<<(std::ostream& stream, const Explanation& explanation);
std::string to_string(const Explanation& explanation);

Explanation explain_call(void (*describe)(TapeWriter&), const CallArguments& call,
                         const EvaluateOptions& options);

/// What a leaf of values is called in the texts; others are x, y, z, ..
struct LeafName {
  Tensor leaf;
  std::string name;
};
Explanation explain(std::span<const Value> values, const EvaluateOptions& options = {},
                    std::span<const LeafName> names = {});

template <ArrayOperand E>
Explanation explain(const E& expression, const EvaluateOptions& options = {}) {
  if constexpr (std::same_as<E, Value>) {
    return explain(std::span<const Value>(&expression, 1), options);
  } else {
    return explain_call(&detail::describe_one<E>, Collected<E>(expression).arguments(), options);
  }
}
template <class... Es>
Explanation explain(const Outputs<Es...>& expressions, const EvaluateOptions& options = {}) {
  return explain_call(&detail::describe_all<Es...>,
                      Collected<Outputs<Es...>>(expressions).arguments(), options);
}

}  // namespace onepass
