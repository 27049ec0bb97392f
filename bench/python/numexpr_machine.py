# SPDX-License-Identifier: Apache-2.0
"""numexpr: the compiled expression, called directly, into an array that exists."""
import chains
import numpy as np
import protocol
from workloads import CUBE, SCALE

# Numbers in the text would be float64; arguments are float32, which numexpr calls float.
CONSTANTS = {"half": 0.5, "one": 1.0, "zero": 0.0, "scale": SCALE, "cube": CUBE}
EXPRESSIONS = {
    "gelu": "half * x * (one + tanh(scale * (x + cube * x * x * x)))",
    "relu_fma": "where(a * b + c > zero, a * b + c, zero)",
    "tanh_broadcast": "tanh(a * b + c)",
    "add": "x + y",
    "transposed_add": "x + y",
}


FUNCTIONS = ("sqrt", "exp", "log", "sin", "cos", "asin", "tanh", "where")
KINDS = {np.float32: float, np.float64: np.double, np.int32: np.int32}  # as numexpr names the types


def chain(workload):
    """Text and constants; None for what numexpr does not have."""
    if workload.dtype not in KINDS:
        return None, {}
    try:
        trace = chains.Trace(chains.FORMULAS[workload.kind], workload.inputs, FUNCTIONS)
    except (KeyError, AttributeError):
        return None, {}
    return trace.text().replace("asin(", "arcsin("), trace.constants


class NumExpr:
    name = "numexpr"

    def __init__(self, threads):
        import numexpr

        self.numexpr = numexpr
        numexpr.set_num_threads(threads)

    def versions(self):
        return [f"numexpr {self.numexpr.__version__}"]

    def variants(self, workload):
        text, constants = EXPRESSIONS.get(workload.kind), CONSTANTS
        if text is None:
            text, constants = chain(workload)
        if text is None:
            return []
        values = dict(workload.inputs)
        if workload.kind == "transposed_add":
            values["x"] = values["x"].T
        values.update({name: workload.dtype(value) for name, value in constants.items() if name in text})
        compiled = self.numexpr.NumExpr(text, [(name, KINDS[workload.dtype]) for name in values])
        arguments, out = [np.asarray(value) for value in values.values()], workload.output()
        return [protocol.Variant("compiled once", lambda: compiled(*arguments, out=out, ex_uses_vml=False), lambda: out)]


if __name__ == "__main__":
    protocol.serve(NumExpr)
