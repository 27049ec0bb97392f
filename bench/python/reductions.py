# SPDX-License-Identifier: Apache-2.0
"""The reductions of other shapes: "reduce sum/f32 128x128x128 permuted 2,0,1 over 0,1,2"."""
import dataclasses
import re

import numpy as np

DTYPES = {"f16": np.float16, "f32": np.float32, "f64": np.float64, "i32": np.int32, "i64": np.int64, "boolean": np.bool_}
TOLERANCES = {"f16": 2e-2, "f32": 1e-3}
PREFIX = "reduce "
SPREAD = 1000  # of integers


@dataclasses.dataclass
class Spec:
    function: str
    dtype: str
    shape: tuple
    permutation: tuple  # None: as it lies
    axes: tuple


def numbers(text, separator):
    return tuple(int(number) for number in text.split(separator))


def parse(kind, size):
    """None: of a dtype that NumPy does not have."""
    match = re.fullmatch(r"(\w+) ([\dx]+)(?: permuted ([\d,]+))? over ([\d,]+)", size)
    if match[1] not in DTYPES:
        return None
    return Spec(kind.removeprefix(PREFIX), match[1], numbers(match[2], "x"), match[3] and numbers(match[3], ","),
                numbers(match[4], ","))


def operand(spec):
    x = np.random.default_rng(1).standard_normal(spec.shape, dtype=np.float32)
    if spec.dtype == "boolean":
        return x > 1
    return (x * SPREAD if spec.dtype.startswith("i") else x).astype(DTYPES[spec.dtype])


def logsumexp(np_, x, axis):
    top = np_.max(x, axis, keepdims=True)
    return np_.squeeze(np_.log(np_.sum(np_.exp(x - top), axis, keepdims=True)) + top, axis)


def softmax(np_, x, axis):
    e = np_.exp(x - np_.max(x, axis, keepdims=True))
    return e / np_.sum(e, axis, keepdims=True)


def log_softmax(np_, x, axis):
    d = x - np_.max(x, axis, keepdims=True)
    return d - np_.log(np_.sum(np_.exp(d), axis, keepdims=True))


def centred(np_, x, axis):
    return x - np_.mean(x, axis, keepdims=True)


def numpy_like(np_, spec):
    """As users of NumPy and JAX write it. Narrow integers add up in 64 bits."""
    axis = spec.axes if len(spec.axes) > 1 else spec.axes[0]
    functions = {
        "sum": lambda x: np_.sum(x, axis, dtype=np.int64 if spec.dtype.startswith("i") else None),
        "max": lambda x: np_.max(x, axis),
        "argmax": lambda x: np_.argmax(x, axis),
        "any": lambda x: np_.any(x, axis),
        "count_nonzero": lambda x: np_.count_nonzero(x, axis),
        "var": lambda x: np_.var(x, axis),
        "logsumexp": lambda x: logsumexp(np_, x, axis),
        "softmax": lambda x: softmax(np_, x, axis),
        "log_softmax": lambda x: log_softmax(np_, x, axis),
        "centre": lambda x: centred(np_, x, axis),
        "standardize": lambda x: centred(np_, x, axis) / np_.std(x, axis, keepdims=True),
        "cumulative_sum": lambda x: np_.cumsum(x, axis),
    }
    return of_permuted(functions[spec.function], spec, np_.transpose)


def torch_like(torch, spec):
    axis = spec.axes[0]
    functions = {
        "sum": lambda x: torch.sum(x, spec.axes),
        "max": lambda x: torch.amax(x, spec.axes),
        "argmax": lambda x: torch.argmax(x, axis),
        "any": lambda x: torch.any(x, axis),
        "count_nonzero": lambda x: torch.count_nonzero(x, axis),
        "var": lambda x: torch.var(x, spec.axes, correction=0),
        "logsumexp": lambda x: torch.logsumexp(x, axis),
        "softmax": lambda x: torch.softmax(x, axis),
        "log_softmax": lambda x: torch.log_softmax(x, axis),
        "centre": lambda x: x - torch.mean(x, spec.axes, keepdim=True),
        "standardize": lambda x: (x - torch.mean(x, spec.axes, keepdim=True)) / torch.std(x, spec.axes, correction=0, keepdim=True),
        "cumulative_sum": lambda x: torch.cumsum(x, axis),
    }
    return of_permuted(functions[spec.function], spec, torch.permute)


def of_permuted(function, spec, permute):
    return function if spec.permutation is None else lambda x: function(permute(x, spec.permutation))


def expected(spec, x):
    """In float64, or exactly."""
    wide = x if spec.dtype in ("boolean", "i32", "i64") else x.astype(np.float64)
    return np.asarray(numpy_like(np, spec)(wide))


def result_dtype(spec, result):
    return result.dtype if spec.function in ("argmax", "any", "count_nonzero") or spec.dtype.startswith("i") else DTYPES[spec.dtype]
