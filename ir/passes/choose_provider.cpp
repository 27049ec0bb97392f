// SPDX-License-Identifier: Apache-2.0
// Decides who computes each product: generated code, which fuses with what surrounds it, or the
// library where the call asks for it. bench/products_bench races them: the library is faster up to
// 64x64x64.
#include "onepass/ir/passes/passes.h"

namespace onepass::ir {
namespace {

bool library_multiplies(DType dtype) { return dtype == f32 || dtype == f64; }

}  // namespace

void choose_provider(Graph& graph, const PassOptions& options) {
  for (Node& node : graph.nodes) {
    if (node.op != OpCode::matmul || node.attributes.has(AttributeKey::provider)) continue;
    const bool open =
        library_multiplies(node.type.dtype) && !node.attributes.has(AttributeKey::tile_size);
    const Provider provider =
        open ? options.provider.value_or(Provider::generated) : Provider::generated;
    node.attributes.set(AttributeKey::provider, static_cast<int64_t>(provider));
  }
}

}  // namespace onepass::ir
