// SPDX-License-Identifier: Apache-2.0
// One row per function of whole arrays.
#include "structural_calls.h"

#include <algorithm>
#include <iterator>

#include "axes_argument.h"
#include "call_arguments.h"

namespace onepass::tool {
namespace {

template <StructuralFunction function>
Value build_reduction(const CallArguments& call) {
  return structural<function>(words_of_axes(call.axes("axis"), call.flag("keepdims", false)),
                              call.array("x"));
}

template <StructuralFunction function>
Value build_cumulative(const CallArguments& call) {
  return structural<function>(words_of_axes(call.axes("axis"), call.flag("include_initial", false)),
                              call.array("x"));
}

Value build_squeeze(const CallArguments& call) {
  return structural<StructuralFunction::squeeze>(words_of_axes(call.axes("axis"), false),
                                                 call.array("x"));
}

Value build_matmul(const CallArguments& call) { return matmul(call.array("x"), call.array("y")); }

Value build_tiled_matmul(const CallArguments& call) {
  return structural<StructuralFunction::tiled_matmul>(
      CallWords<1, 0>{{call.integer("tile_size")}, {}}, call.array("x"), call.array("y"));
}

Value build_astype(const CallArguments& call) {
  return astype(call.array("x"), call.dtype("dtype"));
}

Value build_take(const CallArguments& call) {
  return take(call.array("x"), call.array("indices"), call.axis("axis", 0));
}

Value build_permute_dims(const CallArguments& call) {
  return structural<StructuralFunction::permute_dims>(
      list_words(call.axes("axes").value_or(std::vector<int>{})), call.array("x"));
}

Value build_matrix_transpose(const CallArguments& call) {
  return matrix_transpose(call.array("x"));
}

Value build_reshape(const CallArguments& call) {
  return reshape(call.array("x"), Shape(call.integers("shape").value_or(std::vector<int64_t>{})));
}

Value build_broadcast_to(const CallArguments& call) {
  return broadcast_to(call.array("x"),
                      Shape(call.integers("shape").value_or(std::vector<int64_t>{})));
}

Value build_expand_dims(const CallArguments& call) {
  return expand_dims(call.array("x"), call.axis("axis", 0));
}

Value build_concat(const CallArguments& call) {
  return concat(call.arrays("arrays"), call.axis("axis", 0));
}

Value build_stack(const CallArguments& call) {
  return stack(call.arrays("arrays"), call.axis("axis", 0));
}

constexpr StructuralCall calls[] = {
#define ONEPASS_REDUCTION(name, ...) \
  {#name "(x, axis=all, keepdims=False)", build_reduction<StructuralFunction::name>},
#include "onepass/ir/reductions.def"
#define ONEPASS_CUMULATIVE(name, ...) \
  {#name "(x, axis=all, include_initial=False)", build_cumulative<StructuralFunction::name>},
#include "onepass/ir/cumulative.def"
    {"matmul(x, y)", build_matmul},
    {"tiled_matmul(x, y, tile_size)", build_tiled_matmul},
    {"astype(x, dtype)", build_astype},
    {"take(x, indices, axis=0)", build_take},
    {"permute_dims(x, axes)", build_permute_dims},
    {"matrix_transpose(x)", build_matrix_transpose},
    {"reshape(x, shape)", build_reshape},
    {"broadcast_to(x, shape)", build_broadcast_to},
    {"expand_dims(x, axis=0)", build_expand_dims},
    {"squeeze(x, axis=all)", build_squeeze},
    {"concat(arrays, axis=0)", build_concat},
    {"stack(arrays, axis=0)", build_stack},
};

}  // namespace

std::span<const StructuralCall> structural_calls() { return calls; }

const StructuralCall* find_structural_call(std::string_view name) {
  for (const auto list : {structural_calls(), array_composite_calls()}) {
    for (const StructuralCall& call : list) {
      if (call.name() == name) return &call;
    }
  }
  return nullptr;
}

}  // namespace onepass::tool
