# SPDX-License-Identifier: Apache-2.0
"""numexpr: the compiled expression, called directly, into an array that exists."""
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


class NumExpr:
    name = "numexpr"

    def __init__(self, threads):
        import numexpr

        self.numexpr = numexpr
        numexpr.set_num_threads(threads)

    def versions(self):
        return [f"numexpr {self.numexpr.__version__}"]

    def variants(self, workload):
        text = EXPRESSIONS.get(workload.kind)
        if text is None:
            return []
        values = dict(workload.inputs)
        if workload.kind == "transposed_add":
            values["x"] = values["x"].T
        values.update({name: np.float32(value) for name, value in CONSTANTS.items() if name in text})
        compiled = self.numexpr.NumExpr(text, [(name, float) for name in values])
        arguments, out = [np.asarray(value) for value in values.values()], workload.output()
        return [protocol.Variant("compiled once", lambda: compiled(*arguments, out=out, ex_uses_vml=False), lambda: out)]


if __name__ == "__main__":
    protocol.serve(NumExpr)
