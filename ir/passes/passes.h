// SPDX-License-Identifier: Apache-2.0
// Every pass: a free function that rewrites a graph in place. The order is in pipeline.cpp.
#pragma once

#include <cstdint>
#include <optional>

#include "onepass/ir/graph.h"
#include "onepass/ir/modes.h"
#include "onepass/ir/passes/provider_class.h"

namespace onepass::ir {

/// What passes may depend on. Nothing here depends on the machine, unless the call asks for it.
struct PassOptions {
  Mode mode = Mode::fused;
  Accuracy accuracy = Accuracy::strict;
  std::optional<Provider> provider;  // overrides choose_provider
  /// Whom Provider::tuned means.
  std::optional<ProviderLead> (*tuned_provider)(const ProviderClass&) = nullptr;
};

/// Orders inputs of commutative ops (constants and scalars last), turns square into multiply, drops
/// casts and views that change nothing.
///   before: %1 = add s0, x        after: %1 = add x, s0
void canonicalise(Graph& graph, const PassOptions& options);

/// Computes nodes whose inputs are all constants, with the interpreter.
///   before: %2 = multiply 2, 3    after: %2 = 6
void fold_constants(Graph& graph, const PassOptions& options);

/// Rewrites that keep every bit.
///   before: %1 = multiply x, 1    after: x
void simplify(Graph& graph, const PassOptions& options);

/// Merges nodes with equal op, inputs and attributes.
///   before: %1 = exp x; %2 = exp x; %3 = add %1, %2    after: %1 = exp x; %3 = add %1, %1
void eliminate_common(Graph& graph, const PassOptions& options);

/// Computes f16 and bf16 in f32 from the inputs of the graph to its outputs; explicit casts still
/// round.
///   before: %1 = exp x : f16[n]   after: %1 = cast x : f32[n]; %2 = exp %1 : f32[n]; %3 = cast %2
///   : f16[n]
void widen_half(Graph& graph, const PassOptions& options);

/// Decides who computes each product: generated code, unless the call names the library, or whom
/// tuning found faster, and the library has the dtype.
///   before: %2 = matmul x, w      after: %2 = matmul x, w {provider = generated}
void choose_provider(Graph& graph, const PassOptions& options);

/// Accuracy::fast: rewrites that are equal in the algebra of real numbers and cheaper, within the
/// bounds of each op.
///   before: %1 = multiply x, 0.5; %2 = tanh u; %3 = add %2, 1; %4 = multiply %1, %3
///   after: %1 = multiply u, 2; %2 = sigmoid %1; %3 = multiply x, %2
void rewrite_fast(Graph& graph, const PassOptions& options);

/// Accuracy::fast: products that end in one sum become fma.
///   before: %1 = multiply a, b; %2 = add %1, c    after: %2 = fma a, b, c
void contract(Graph& graph, const PassOptions& options);

/// Cuts the graph into kernels: fused nodes that own their bodies. In unfused mode one node each;
/// nothing if interpreted.
///   before: %1 = exp x; %2 = add %1, y    after: %1 = fused(x, y) { %0 = exp x; %1 = add %0, y;
///   return %1 }
void fuse(Graph& graph, const PassOptions& options);

/// Removes nodes that no output needs.
void eliminate_dead(Graph& graph, const PassOptions& options);

}  // namespace onepass::ir
