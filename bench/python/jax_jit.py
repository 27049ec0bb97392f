# SPDX-License-Identifier: Apache-2.0
"""jax.jit; its result as a new array, and in the memory of a donated one."""
import functools
import types

import chains
import numpy as np
import protocol
import reductions
from workloads import CUBE, EPSILON, SCALE


class Jax:
    name = "JAX"

    def __init__(self, _threads):
        import jax
        import jax.scipy.special

        jax.config.update("jax_enable_x64", True)
        self.jax = jax

    def versions(self):
        return [f"JAX {self.jax.__version__}"]

    def function(self, kind):
        numbers = self.jax.numpy
        if kind in ("gelu_f64", "gelu_f16"):
            kind = "gelu"
        if kind in chains.FORMULAS:
            names = ("sqrt", "exp", "log", "sin", "cos", "asin", "where")
            functions = {name: getattr(numbers, name) for name in names}
            return functools.partial(chains.FORMULAS[kind],
                                     types.SimpleNamespace(**functions, erf=self.jax.scipy.special.erf))
        return {
            "gelu": lambda x: self.jax.nn.gelu(x, approximate=True),
            "gelu spelled out": lambda x: 0.5 * x * (1 + numbers.tanh(SCALE * (x + CUBE * x * x * x))),
            "relu_fma": lambda a, b, c: self.jax.nn.relu(a * b + c),
            "tanh_broadcast": lambda a, b, c: numbers.tanh(a * b + c),
            "add": lambda x, y: x + y,
            "transposed_add": lambda x, y: x.T + y,
            "sum_of_squares": lambda x: numbers.sum(x * x),
            "column_sum": lambda x: numbers.sum(x, 0),
            "softmax": lambda x: self.jax.nn.softmax(x, -1),
            "layer_norm": self.layer_norm,
            "layer": lambda x, w, b: self.jax.nn.gelu(x @ w + b, approximate=True),
            "layer without bias": lambda x, w: self.jax.nn.gelu(x @ w, approximate=True),
        }.get(kind)

    def layer_norm(self, x, w, b):
        numbers = self.jax.numpy
        d = x - numbers.mean(x, -1, keepdims=True)
        return d * self.jax.lax.rsqrt(numbers.mean(d * d, -1, keepdims=True) + EPSILON) * w + b

    def variants(self, workload):
        function = self.function(workload.kind)
        if workload.spec:
            function = reductions.numpy_like(self.jax.numpy, workload.spec)
        if function is None:
            return []
        inputs = [self.jax.device_put(array) for array in workload.inputs.values()]
        plain = self.jax.jit(function)
        reusing = self.jax.jit(lambda old, *inputs: function(*inputs), donate_argnums=0, keep_unused=True)
        memory = [self.jax.device_put(workload.output())]

        def run_reusing():
            memory[0] = reusing(memory[0], *inputs)
            memory[0].block_until_ready()

        return [
            protocol.Variant("new array", lambda: plain(*inputs).block_until_ready(),
                             lambda: np.asarray(plain(*inputs))),
            protocol.Variant("donated array", run_reusing, lambda: np.array(memory[0])),
        ]


if __name__ == "__main__":
    protocol.serve(Jax)
