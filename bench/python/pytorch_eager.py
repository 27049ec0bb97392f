# SPDX-License-Identifier: Apache-2.0
"""PyTorch, operation by operation; fused operations where it has them."""
import functools

import chains
import protocol
import reductions
from workloads import CUBE, EPSILON, SCALE


class PyTorch:
    name = "PyTorch"

    def __init__(self, threads):
        import torch

        self.torch = torch
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)

    def versions(self):
        return [f"PyTorch {self.torch.__version__}"]

    def plain(self, kind):
        """As users write it; results are new tensors."""
        torch = self.torch
        if kind in ("gelu_f64", "gelu_f16"):
            kind = "gelu"
        if kind in chains.FORMULAS:
            return functools.partial(chains.FORMULAS[kind], torch)
        return {
            "gelu": lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
            "gelu spelled out": lambda x: 0.5 * x * (1 + torch.tanh(SCALE * (x + CUBE * x * x * x))),
            "relu_fma": lambda a, b, c: torch.relu(a * b + c),
            "tanh_broadcast": lambda a, b, c: torch.tanh(a * b + c),
            "add": torch.add,
            "transposed_add": lambda x, y: x.t() + y,
            "sum_of_squares": lambda x: torch.sum(x * x),
            "column_sum": lambda x: torch.sum(x, 0),
            "softmax": lambda x: torch.nn.functional.softmax(x, -1),
            "layer_norm": lambda x, w, b: torch.nn.functional.layer_norm(x, w.shape, w, b, EPSILON),
            "layer": lambda x, w, b: torch.nn.functional.gelu(torch.addmm(b, x, w), approximate="tanh"),
            "layer without bias": lambda x, w: torch.nn.functional.gelu(x @ w, approximate="tanh"),
        }.get(kind)

    def into(self, kind, y):
        """As experts write it, into the tensor y."""
        torch = self.torch
        return {
            **dict.fromkeys(("gelu", "gelu_f64", "gelu_f16"),
                            lambda x: torch._C._nn.gelu(x, approximate="tanh", out=y)),
            "gelu spelled out": lambda x: torch.mul(x, x, out=y).mul_(CUBE).add_(1).mul_(x).mul_(SCALE).tanh_()
            .add_(1).mul_(x).mul_(0.5),
            "relu_fma": lambda a, b, c: torch.addcmul(c, a, b, out=y).relu_(),
            "tanh_broadcast": lambda a, b, c: torch.addcmul(c, a, b, out=y).tanh_(),
            "add": lambda a, b: torch.add(a, b, out=y),
            "transposed_add": lambda a, b: torch.add(a.t(), b, out=y),
            "sum_of_squares": lambda x: torch.dot(x, x, out=y),
            "column_sum": lambda x: torch.sum(x, 0, out=y),
            "softmax": lambda x: torch.softmax(x, -1, out=y),
        }.get(kind)

    def variants(self, workload):
        plain = self.plain(workload.kind)
        if workload.spec:
            plain = reductions.torch_like(self.torch, workload.spec)
        if plain is None:
            return []
        inputs = [self.torch.from_numpy(array) for array in workload.inputs.values()]
        y = self.torch.from_numpy(workload.output())
        into = self.into(workload.kind, y)
        variants = [protocol.Variant("new tensor", lambda: plain(*inputs), lambda: plain(*inputs).numpy())]
        if into:
            variants.append(protocol.Variant("out=", lambda: into(*inputs), y.numpy))
        return variants


if __name__ == "__main__":
    protocol.serve(PyTorch)
