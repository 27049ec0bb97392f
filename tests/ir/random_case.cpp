// SPDX-License-Identifier: Apache-2.0
#include "random_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "onepass/ir/passes/passes.h"
#include "onepass/ir/print.h"
#include "onepass/runtime/half.h"

namespace onepass::ir {
namespace {

using runtime::ArrayView;

/// The case with other outputs and without what they do not need. Inputs and scalars stay.
RandomCase with_outputs(const RandomCase& from, std::vector<NodeId> outputs) {
  RandomCase result = from;
  result.graph.outputs = std::move(outputs);
  eliminate_dead(result.graph, {});
  return result;
}

/// The case with the readers of `node` reading one of its operands instead.
std::optional<RandomCase> without_node(const RandomCase& from, NodeId node) {
  for (const NodeId stand_in : from.graph.node(node).inputs) {
    if (from.graph.node(stand_in).type != from.graph.node(node).type) continue;
    RandomCase result = from;
    for (Node& reader : result.graph.nodes) {
      std::replace(reader.inputs.begin(), reader.inputs.end(), node, stand_in);
    }
    std::replace(result.graph.outputs.begin(), result.graph.outputs.end(), node, stand_in);
    eliminate_dead(result.graph, {});
    return result;
  }
  return std::nullopt;
}

/// One smaller case that still fails.
std::optional<RandomCase> smaller(const RandomCase& failing,
                                  const std::function<bool(const RandomCase&)>& fails) {
  const Graph& graph = failing.graph;
  const auto accept = [&](std::optional<RandomCase> candidate) {
    return candidate && candidate->graph.nodes.size() < graph.nodes.size() && fails(*candidate);
  };
  const auto parameters = static_cast<NodeId>(graph.inputs.size() + graph.scalars.size());
  const auto count = static_cast<NodeId>(graph.nodes.size());
  for (NodeId id = parameters; id < count; ++id) {
    RandomCase candidate = with_outputs(failing, {id});
    if (accept(candidate)) return candidate;
  }
  for (NodeId id = parameters; id < count; ++id) {
    std::optional<RandomCase> candidate = without_node(failing, id);
    if (accept(candidate)) return candidate;
  }
  return std::nullopt;
}

template <class T>
bool same_element(const std::byte* a, const std::byte* b) {
  T x, y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(x) && std::isnan(y)) return true;
  } else if constexpr (!std::is_integral_v<T>) {
    if (std::isnan(to_float(x)) && std::isnan(to_float(y))) return true;
  }
  return std::memcmp(a, b, sizeof x) == 0;
}

}  // namespace

std::vector<ArrayView> RandomCase::make_outputs() {
  std::vector<ArrayView> outputs;
  for (const NodeId output : graph.outputs) {
    const Type& type = graph.node(output).type;
    const Shape shape = graph.captured_shape(type);
    memory.push_back(std::make_shared<std::vector<std::byte>>(
        static_cast<size_t>(element_count(shape) * byte_size(type.dtype))));
    outputs.push_back(runtime::dense_view(memory.back()->data(), type.dtype, shape));
  }
  return outputs;
}

std::string RandomCase::describe() const {
  return fmt::format("make_random_case({}), shrunk to:\n{}", seed, print(graph));
}

RandomCase shrink(RandomCase failing, const std::function<bool(const RandomCase&)>& fails) {
  while (std::optional<RandomCase> candidate = smaller(failing, fails)) failing = *candidate;
  return failing;
}

bool same_bits(const ArrayView& a, const ArrayView& b) {
  const int64_t count = element_count(a.shape);
  const int bytes = byte_size(a.dtype);
  if (a.dtype != b.dtype || !(a.shape == b.shape)) return false;
  return visit_dtype(a.dtype, [&](auto element) {
    for (int64_t i = 0; i < count; ++i) {
      if (!same_element<decltype(element)>(a.data + i * bytes, b.data + i * bytes)) return false;
    }
    return true;
  });
}

}  // namespace onepass::ir
