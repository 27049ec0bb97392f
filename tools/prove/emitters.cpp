// SPDX-License-Identifier: Apache-2.0
// One op as a kernel of the host and as an expression.
#include "emitters.h"

#include <vector>

#include "onepass/engine/evaluate.h"
#include "onepass/engine/value.h"
#include "onepass/ir/host_kernels.h"

namespace onepass::prove {

template <class T>
Function<T> on_the_host(ir::OpCode op, ir::Accuracy accuracy) {
  const ir::HostKernel kernel = ir::host_kernel(op, dtype_of<T>, accuracy);
  const auto arity = static_cast<size_t>(ir::info(op).arity);
  return [=](const T* const* inputs, T* output, int64_t count) {
    const std::vector<const void*> pointers(inputs, inputs + arity);
    kernel(pointers.data(), output, count);
  };
}

template <class T>
Function<T> compiled(ir::OpCode op, ir::Accuracy accuracy) {
  const int arity = ir::info(op).arity;
  const EvaluateOptions options{.threads = 1, .accuracy = accuracy};
  return [=](const T* const* inputs, T* output, int64_t count) {
    std::vector<Value> operands;
    for (int i = 0; i < arity; ++i) operands.emplace_back(Tensor::wrap(inputs[i], {count}));
    evaluate_into(Tensor::wrap(output, {count}), Value::apply(op, operands), options);
  };
}

template Function<float> on_the_host(ir::OpCode, ir::Accuracy);
template Function<double> on_the_host(ir::OpCode, ir::Accuracy);
template Function<float> compiled(ir::OpCode, ir::Accuracy);
template Function<double> compiled(ir::OpCode, ir::Accuracy);

}  // namespace onepass::prove
