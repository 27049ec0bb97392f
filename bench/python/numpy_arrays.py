# SPDX-License-Identifier: Apache-2.0
"""NumPy: one array operation after the other, into one array that exists; whole, and in blocks that stay in the cache."""
import chains
import numpy as np
import protocol
import reductions
from workloads import CUBE, EPSILON, NUMPY, SCALE

BLOCK = 16_384  # elements


def gelu(x, out):
    np.multiply(x, x, out=out)
    np.multiply(out, np.float32(CUBE), out=out)
    np.add(out, np.float32(1), out=out)
    np.multiply(out, x, out=out)
    np.multiply(out, np.float32(SCALE), out=out)
    np.tanh(out, out=out)
    np.add(out, np.float32(1), out=out)
    np.multiply(out, x, out=out)
    np.multiply(out, np.float32(0.5), out=out)


def relu_fma(a, b, c, out):
    np.multiply(a, b, out=out)
    np.add(out, c, out=out)
    np.maximum(out, np.float32(0), out=out)


def tanh_broadcast(a, b, c, out):
    np.multiply(a, b, out=out)
    np.add(out, c, out=out)
    np.tanh(out, out=out)


def add(x, y, out):
    np.add(x, y, out=out)


def transposed_add(x, y, out):
    np.add(x.T, y, out=out)


def sum_of_squares(x, out):
    out[...] = np.dot(x, x)


def column_sum(x, out):
    np.sum(x, axis=0, out=out)


def softmax(x, out):
    np.subtract(x, np.max(x, axis=-1, keepdims=True), out=out)
    np.exp(out, out=out)
    np.divide(out, np.sum(out, axis=-1, keepdims=True), out=out)


def layer_norm(x, w, b, out):
    np.subtract(x, np.mean(x, axis=-1, keepdims=True), out=out)
    deviation = np.sqrt(np.mean(out * out, axis=-1, keepdims=True) + np.float32(EPSILON))
    np.divide(out, deviation, out=out)
    np.multiply(out, w, out=out)
    np.add(out, b, out=out)


FUNCTIONS = {"gelu": gelu, "relu_fma": relu_fma, "tanh_broadcast": tanh_broadcast, "add": add,
             "transposed_add": transposed_add, "sum_of_squares": sum_of_squares, "column_sum": column_sum,
             "softmax": softmax, "layer_norm": layer_norm}


def chain(kind):
    """As users write it; only the last result goes to memory that exists."""
    formula = chains.FORMULAS.get(kind)
    if formula is None or kind == "option_price":  # NumPy has no erf
        return None

    def run(*arrays):
        arrays[-1][...] = formula(NUMPY, *arrays[:-1])

    return run


def in_blocks(function, arrays, out):
    """The same on parts of the first dimension, those operands cut that have it."""
    rows = max(1, BLOCK * len(out) // out.size)
    parts = [[a[i:i + rows] if a.ndim == out.ndim else a for a in (*arrays, out)] for i in range(0, len(out), rows)]

    def run():
        for part in parts:
            function(*part)

    return run


class NumPy:
    name = "NumPy"

    def __init__(self, _threads):
        pass

    def versions(self):
        return [f"NumPy {np.__version__}"]

    def variants(self, workload):
        if workload.spec:
            x, run = workload.inputs["x"], reductions.numpy_like(np, workload.spec)
            return [protocol.Variant("new array", lambda: run(x), lambda: run(x))]
        function = FUNCTIONS.get(workload.kind) or chain(workload.kind)
        if function is None:
            return []
        out, arrays = workload.output(), list(workload.inputs.values())
        variants = [protocol.Variant("in place", lambda: function(*arrays, out), lambda: out)]
        if workload.kind not in ("add", "transposed_add") and out.size > BLOCK:
            blocked = workload.output()
            variants.append(protocol.Variant("in blocks", in_blocks(function, arrays, blocked), lambda: blocked))
        return variants


if __name__ == "__main__":
    protocol.serve(NumPy)
