# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime: models of one expression, all graph optimisations, inputs and outputs bound."""
import chains
import numpy as np
import protocol
from workloads import CUBE, SCALE

CONSTANTS = {"half": 0.5, "one": 1.0, "scale": SCALE, "cube": CUBE}
SPELLED = [
    ("Mul", ["x", "x"], "x2"), ("Mul", ["x2", "x"], "x3"), ("Mul", ["x3", "cube"], "t1"), ("Add", ["x", "t1"], "t2"),
    ("Mul", ["t2", "scale"], "t3"), ("Tanh", ["t3"], "t4"), ("Add", ["t4", "one"], "t5"),
    ("Mul", ["x", "half"], "t6"), ("Mul", ["t6", "t5"], "out"),
]
# kind -> models; a model is a name and its nodes (operation, inputs, output).
MODELS = {
    "gelu": {"Gelu": [("Gelu", ["x"], "out")], "FastGelu": [("FastGelu", ["x"], "out")]},
    "gelu spelled out": {"nodes": SPELLED},
    "relu_fma": {"nodes": [("Mul", ["a", "b"], "t"), ("Add", ["t", "c"], "u"), ("Relu", ["u"], "out")]},
    "tanh_broadcast": {"nodes": [("Mul", ["a", "b"], "t"), ("Add", ["t", "c"], "u"), ("Tanh", ["u"], "out")]},
    "add": {"nodes": [("Add", ["x", "y"], "out")]},
    "transposed_add": {"nodes": [("Transpose", ["x"], "t"), ("Add", ["t", "y"], "out")]},
    "sum_of_squares": {"nodes": [("ReduceSumSquare", ["x"], "out")]},
    "softmax": {"Softmax": [("Softmax", ["x"], "out")]},
    "layer_norm": {"LayerNormalization": [("LayerNormalization", ["x", "w", "b"], "out")]},
    "layer": {"Gemm, FastGelu": [("Gemm", ["x", "w", "b"], "t"), ("FastGelu", ["t"], "out")],
              "MatMul, FastGelu": [("MatMul", ["x", "w"], "t"), ("FastGelu", ["t", "b"], "out")]},
    "layer without bias": {"MatMul, FastGelu": [("MatMul", ["x", "w"], "t"), ("FastGelu", ["t"], "out")]},
}
EXTRA = {"Gelu": {"approximate": "tanh"}, "Transpose": {"perm": [1, 0]}, "FastGelu": {"domain": "com.microsoft"},
         "ReduceSumSquare": {"keepdims": 0}}


FUNCTIONS = {"sqrt": "Sqrt", "exp": "Exp", "log": "Log", "sin": "Sin", "cos": "Cos", "asin": "Asin", "tanh": "Tanh",
             "erf": "Erf", "where": "Where"}
OPERATORS = {"+": "Add", "-": "Sub", "*": "Mul", "/": "Div", "==": "Equal", ">": "Greater"}


def chain(workload):
    """Nodes and constants of a formula."""
    trace = chains.Trace(chains.FORMULAS[workload.kind], workload.inputs, FUNCTIONS)
    truths, nodes = set(), []
    for operation, operands, name in trace.steps:
        if operation in ("==", ">"):
            truths.add(name)
        both = "And" if set(operands) <= truths else "BitwiseAnd"
        result = "out" if name == trace.result else name
        nodes.append((FUNCTIONS.get(operation) or OPERATORS.get(operation, both), operands, result))
    return {"nodes": nodes}, trace.constants


class OnnxRuntime:
    name = "ONNX Runtime"

    def __init__(self, threads):
        import onnx
        import onnxruntime

        self.onnx, self.runtime, self.threads = onnx, onnxruntime, threads

    def versions(self):
        return [f"ONNX Runtime {self.runtime.__version__}"]

    def model(self, nodes, constants, workload):
        helper = self.onnx.helper
        numbers = helper.np_dtype_to_tensor_dtype(np.dtype(workload.dtype))
        values = [helper.make_tensor_value_info(name, numbers, a.shape) for name, a in workload.inputs.items()]
        out = helper.make_tensor_value_info("out", numbers, workload.expected.shape)
        constants = [helper.make_tensor(name, numbers, [], [value])
                     for name, value in constants.items()
                     if any(name in inputs for _, inputs, _ in nodes)]
        steps = [helper.make_node(op, inputs, [result], **EXTRA.get(op, {})) for op, inputs, result in nodes]
        graph = helper.make_graph(steps, "workload", values, [out], constants)
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()

    def variants(self, workload):
        models, constants = MODELS.get("gelu" if workload.kind == "gelu_f16" else workload.kind), CONSTANTS
        if models is None and workload.kind in chains.FORMULAS:
            models, constants = chain(workload)
        return [self.variant(name, nodes, constants, workload) for name, nodes in (models or {}).items()]

    def variant(self, name, nodes, constants, workload):
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.graph_optimization_level = self.runtime.GraphOptimizationLevel.ORT_ENABLE_ALL
        session = self.runtime.InferenceSession(self.model(nodes, constants, workload), options,
                                                providers=["CPUExecutionProvider"])
        binding, out = session.io_binding(), self.value(workload.output())
        for key, array in workload.inputs.items():
            binding.bind_ortvalue_input(key, self.value(array))
        binding.bind_ortvalue_output("out", out)
        return protocol.Variant(name, lambda: session.run_with_iobinding(binding), lambda: np.array(out.numpy()))

    def value(self, array):
        return self.runtime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(array))


if __name__ == "__main__":
    protocol.serve(OnnxRuntime)
