# SPDX-License-Identifier: Apache-2.0
"""The workloads of the race: inputs, the formula in float64, and the gate."""
import dataclasses

import numpy as np

SCALE, CUBE = 0.79788456, 0.044715  # of GELU's tanh form


@dataclasses.dataclass
class Workload:
    kind: str
    inputs: dict  # name -> float32 array
    expected: np.ndarray  # float64
    tolerance: float

    def fault(self, result):
        """None, or what is wrong with `result`."""
        result = np.asarray(result)
        if result.dtype != np.float32 or result.shape != self.expected.shape:
            return f"{result.dtype}{list(result.shape)}, expected float32{list(self.expected.shape)}"
        error = np.abs(result - self.expected) / np.maximum(1, np.abs(self.expected))
        worst = int(np.argmax(error))  # a NaN counts as the largest
        if error.flat[worst] <= self.tolerance:
            return None
        return f"element {worst} is {result.flat[worst]:.9g}, expected {self.expected.flat[worst]:.9g}"

    def output(self):
        """Memory for a result, its pages touched."""
        return np.full(self.expected.shape, np.nan, np.float32)


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


KINDS = {
    "gelu": gelu,
    "gelu spelled out": gelu,
    "relu_fma": relu_fma,
    "tanh_broadcast": tanh_broadcast,
    "add": add,
    "transposed_add": add,
}


def make(work):
    """The workload of a name like gelu/1024, or None for one that only onepass runs."""
    kind, _, size = work.partition("/")
    return KINDS[kind](kind, size) if kind in KINDS else None
