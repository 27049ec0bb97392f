// SPDX-License-Identifier: Apache-2.0
// Decides who computes each product: generated code, which fuses with what surrounds it, or the
// library where the call asks for it, by name or by what was measured. bench/products_bench races
// them.
#include <algorithm>
#include <bit>

#include "onepass/ir/passes/passes.h"
#include "onepass/ir/passes/size_facts.h"

namespace onepass::ir {
namespace {

bool library_multiplies(DType dtype) { return dtype == f32 || dtype == f64; }

class Chooser {
 public:
  Chooser(Graph& graph, const PassOptions& options) : graph_(graph), options_(options) {}

  void choose(Node& node) const {
    const bool open =
        library_multiplies(node.type.dtype) && !node.attributes.has(AttributeKey::tile_size);
    Provider provider =
        open ? options_.provider.value_or(Provider::generated) : Provider::generated;
    if (provider == Provider::tuned) {
      const ProviderLead lead = measured(node);
      node.attributes.set(AttributeKey::lead, lead.thousandths);
      provider = lead.provider;
    }
    node.attributes.set(AttributeKey::provider, static_cast<int64_t>(provider));
  }

 private:
  /// What tuning knows of products like this one, with the sizes that it is known for.
  ProviderLead measured(const Node& node) const {
    const Dimensions& left = graph_.node(node.inputs[0]).type.dimensions;
    const Dimensions& right = graph_.node(node.inputs[1]).type.dimensions;
    const int batch = std::max(left.rank(), right.rank()) - 2;
    ProviderClass product{node.type.dtype};
    for (int d = 0; d < batch; ++d) product.is_batch |= node.type.dimensions[d] != one;
    product.row_bits = bits(left.rank() > 1 ? left[left.rank() - 2] : one);
    product.column_bits = bits(right.rank() > 1 ? right[right.rank() - 1] : one);
    product.depth_bits = bits(left[left.rank() - 1]);
    const auto ask = options_.tuned_provider;
    return (ask == nullptr ? std::nullopt : ask(product)).value_or(ProviderLead());
  }

  /// The answer is for sizes of as many bits.
  int bits(Dimension d) const {
    const int bits =
        static_cast<int>(std::bit_width(static_cast<uint64_t>(graph_.captured_extent(d))));
    const int64_t end = int64_t{1} << bits;
    if (d != one) require(graph_, {d, end / 2, end - 1});
    return bits;
  }

  Graph& graph_;
  const PassOptions& options_;
};

}  // namespace

void choose_provider(Graph& graph, const PassOptions& options) {
  const Chooser chooser(graph, options);
  for (Node& node : graph.nodes) {
    if (node.op != OpCode::matmul || node.attributes.has(AttributeKey::provider)) continue;
    chooser.choose(node);
  }
}

}  // namespace onepass::ir
