# SPDX-License-Identifier: Apache-2.0
"""The workloads of the race: inputs, the formula in float64, and the gate."""
import dataclasses
import math
import types

import chains
import numpy as np
import reductions

SCALE, CUBE = 0.79788456, 0.044715  # of GELU's tanh form
EPSILON = 1e-5  # of layer norms


@dataclasses.dataclass
class Workload:
    kind: str
    inputs: dict  # name -> array
    expected: np.ndarray  # float64
    tolerance: float
    dtype: type = np.float32
    spec: reductions.Spec = None  # of a reduction of another shape

    def fault(self, result):
        """None, or what is wrong with `result`."""
        result = np.asarray(result)
        if result.dtype != self.dtype or result.shape != self.expected.shape:
            return f"{result.dtype}{list(result.shape)}, expected {np.dtype(self.dtype)}{list(self.expected.shape)}"
        error = np.abs(result.astype(np.float64) - self.expected) / np.maximum(1, np.abs(self.expected))
        worst = int(np.argmax(error))  # a NaN counts as the largest
        if error.flat[worst] <= self.tolerance:
            return None
        return f"element {worst} is {result.flat[worst]:.9g}, expected {self.expected.flat[worst]:.9g}"

    def output(self):
        """Memory for a result, its pages touched."""
        return np.full(self.expected.shape, -1, self.dtype)


def normal(shape, seed):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def gelu(kind, size):
    x = normal(int(size), 1)
    wide = x.astype(np.float64)
    expected = 0.5 * wide * (1 + np.tanh(np.sqrt(2 / np.pi) * (wide + CUBE * wide**3)))
    return Workload(kind, {"x": x}, expected, 1e-6)


def relu_fma(kind, size):
    inputs = {name: normal(int(size), seed) for seed, name in enumerate("abc")}
    a, b, c = (array.astype(np.float64) for array in inputs.values())
    return Workload(kind, inputs, np.maximum(a * b + c, 0), 1e-6)


def tanh_broadcast(kind, size):
    rows, columns = map(int, size.split("x"))
    inputs = {"a": normal((rows, 1), 1), "b": normal((rows, columns), 2), "c": normal(columns, 3)}
    a, b, c = (array.astype(np.float64) for array in inputs.values())
    return Workload(kind, inputs, np.tanh(a * b + c), 1e-6)


def add(kind, size):
    shape = tuple(map(int, size.split("x")))
    inputs = {"x": normal(shape, 1), "y": normal(shape, 2)}
    x = inputs["x"].T if kind == "transposed_add" else inputs["x"]
    return Workload(kind, inputs, x.astype(np.float64) + inputs["y"], 1e-7)


NUMPY = types.SimpleNamespace(sqrt=np.sqrt, exp=np.exp, log=np.log, sin=np.sin, cos=np.cos, asin=np.arcsin,
                              tanh=np.tanh, where=np.where)  # it has no erf
PRECISE = types.SimpleNamespace(**vars(NUMPY), erf=np.vectorize(math.erf))


def uniform(low, high, size, seed):
    return np.random.default_rng(seed).uniform(low, high, size)


def chain(kind, size):
    size, dtype, tolerance = int(size), np.float32, 1e-6
    if kind == "option_price":
        ranges, tolerance = {"stock": (50, 150), "strike": (50, 150), "years": (0.1, 2)}, 1e-4
    elif kind == "great_circle":
        ranges = {"latitude1": (0, 1.2), "longitude1": (0, 1.5), "latitude2": (0, 1.2), "longitude2": (0, 1.5)}
    elif kind == "mask":
        ranges, dtype, tolerance = {"x": (-1000, 1000), "y": (-1000, 1000)}, np.int32, 0
    else:
        ranges = {"x": None}
        dtype = {"gelu_f64": np.float64, "gelu_f16": np.float16}.get(kind, dtype)
        tolerance = {"polynomial": 1e-5, "gelu_f64": 1e-14, "gelu_f16": 2e-3}[kind]
    inputs = {name: (uniform(*ends, size, seed) if ends else normal(size, seed).astype(np.float64)).astype(dtype)
              for seed, (name, ends) in enumerate(ranges.items())}
    wide = [array if dtype == np.int32 else array.astype(np.float64) for array in inputs.values()]
    return Workload(kind, inputs, chains.FORMULAS[kind](PRECISE, *wide).astype(np.float64), tolerance, dtype)


def sum_of_squares(kind, size):
    x = normal(int(size), 1)
    return Workload(kind, {"x": x}, np.sum(x.astype(np.float64)**2), 1e-3)


def column_sum(kind, size):
    x = normal(tuple(map(int, size.split("x"))), 1)
    # Sums near 0 are compared with the size of what was added up.
    return Workload(kind, {"x": x}, np.sum(x.astype(np.float64), axis=0), 1e-4)


def softmax(kind, size):
    x = normal(tuple(map(int, size.split("x"))), 1)
    e = np.exp(x.astype(np.float64) - np.max(x, axis=-1, keepdims=True))
    return Workload(kind, {"x": x}, e / np.sum(e, axis=-1, keepdims=True), 1e-5)


def layer_norm(kind, size):
    shape = tuple(map(int, size.split("x")))
    inputs = {"x": normal(shape, 1), "w": normal(shape[-1], 2), "b": normal(shape[-1], 3)}
    x, w, b = (array.astype(np.float64) for array in inputs.values())
    d = x - np.mean(x, axis=-1, keepdims=True)
    return Workload(kind, inputs, d / np.sqrt(np.mean(d * d, axis=-1, keepdims=True) + EPSILON) * w + b, 1e-5)


def reduction(kind, size):
    spec = reductions.parse(kind, size)
    if spec is None:
        return None
    x = reductions.operand(spec)
    expected = reductions.expected(spec, x)
    return Workload(kind, {"x": x}, expected, reductions.TOLERANCES.get(spec.dtype, 1e-10),
                    reductions.result_dtype(spec, expected), spec)


def layer(kind, size):
    left, columns = size.split("->")
    rows, terms = map(int, left.split("x"))
    inputs = {"x": normal((rows, terms), 1), "w": normal((terms, int(columns)), 2)}
    wide = inputs["x"].astype(np.float64) @ inputs["w"]
    if kind == "layer":
        inputs["b"] = normal(int(columns), 3)
        wide += inputs["b"]
    expected = 0.5 * wide * (1 + np.tanh(np.sqrt(2 / np.pi) * (wide + CUBE * wide**3)))
    return Workload(kind, inputs, expected, 2e-7 * terms)


KINDS = {
    **dict.fromkeys(chains.FORMULAS, chain),
    "gelu": gelu,
    "gelu spelled out": gelu,
    "relu_fma": relu_fma,
    "tanh_broadcast": tanh_broadcast,
    "add": add,
    "transposed_add": add,
    "sum_of_squares": sum_of_squares,
    "column_sum": column_sum,
    "softmax": softmax,
    "layer_norm": layer_norm,
    "layer": layer,
    "layer without bias": layer,
}


def make(work):
    """The workload of a name like gelu/1024, or None for one that only onepass runs."""
    kind, _, size = work.partition("/")
    if kind.startswith(reductions.PREFIX):
        return reduction(kind, size)
    return KINDS[kind](kind, size) if kind in KINDS else None
