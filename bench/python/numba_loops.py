# SPDX-License-Identifier: Apache-2.0
"""Numba: the plain loops, fastmath; on all threads and on one."""
import math

import chains
import numpy as np
import protocol
from workloads import CUBE, SCALE


def loops(numba):
    """Functions over arrays; Numba compiles them for one thread or, with prange, for all."""
    prange, half, one, zero = numba.prange, np.float32(0.5), np.float32(1), np.float32(0)
    scale, cube = np.float32(SCALE), np.float32(CUBE)

    def gelu(x, out):
        for i in prange(x.size):
            v = x[i]
            out[i] = half * v * (one + math.tanh(scale * (v + cube * v * v * v)))

    def relu_fma(a, b, c, out):
        for i in prange(a.size):
            out[i] = max(a[i] * b[i] + c[i], zero)

    def tanh_broadcast(a, b, c, out):
        for i in prange(b.shape[0]):
            for j in range(b.shape[1]):
                out[i, j] = math.tanh(a[i, 0] * b[i, j] + c[j])

    def add(x, y, out):
        for i in prange(x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = x[i, j] + y[i, j]

    def transposed_add(x, y, out):
        for i in prange(y.shape[0]):
            for j in range(y.shape[1]):
                out[i, j] = x[j, i] + y[i, j]

    return {"gelu": gelu, "relu_fma": relu_fma, "tanh_broadcast": tanh_broadcast, "add": add,
            "transposed_add": transposed_add}


def chain(numba, workload):
    """A loop over the steps of a formula; None for other workloads and for f16, which Numba does not compute with."""
    if workload.kind not in chains.FORMULAS or workload.dtype == np.float16:
        return None
    functions = ("sqrt", "exp", "log", "sin", "cos", "asin", "tanh", "erf", "where")
    trace = chains.Trace(chains.FORMULAS[workload.kind], [f"{name}_i" for name in workload.inputs], functions)
    names = ", ".join(workload.inputs)
    lines = [f"def loop({names}, out):", "  for i in prange(out.size):"]
    lines += [f"    {line}" for line in [*(f"{name}_i = {name}[i]" for name in workload.inputs), *trace.lines(),
                                         f"out[i] = {trace.result}"]]
    scope = {"prange": numba.prange, "where": numba.njit(lambda take, a, b: a if take else b)}
    scope.update({name: getattr(math, name) for name in functions if hasattr(math, name)})
    scope.update({name: workload.dtype(value) for name, value in trace.constants.items()})
    exec("\n".join(lines), scope)  # pylint: disable=exec-used  # Numba takes functions only
    return scope["loop"]


class Numba:
    name = "Numba"

    def __init__(self, threads):
        import numba

        self.numba = numba
        numba.set_num_threads(threads)
        self.loops = loops(numba)

    def versions(self):
        return [f"Numba {self.numba.__version__}"]

    def variants(self, workload):
        function = self.loops.get(workload.kind) or chain(self.numba, workload)
        if function is None:
            return []
        return [self.variant(name, function, parallel, workload)
                for name, parallel in (("all threads", True), ("one thread", False))]

    def variant(self, name, function, parallel, workload):
        compiled = self.numba.njit(function, parallel=parallel, fastmath=True, error_model="numpy")
        arrays, out = list(workload.inputs.values()), workload.output()
        return protocol.Variant(name, lambda: compiled(*arrays, out), lambda: out)


if __name__ == "__main__":
    protocol.serve(Numba)
