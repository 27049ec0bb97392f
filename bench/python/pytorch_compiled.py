# SPDX-License-Identifier: Apache-2.0
"""torch.compile of what users write, for fixed shapes; its result as a new tensor, and stored into one that exists."""
import itertools
import types

import protocol
import reductions
from pytorch_eager import PyTorch

COUNTER = itertools.count()


def with_code_of_its_own(function):
    """torch.compile keeps what it compiled with the code, and gives up a function that it saw with many shapes."""
    if not isinstance(function, types.FunctionType):
        return function
    code = function.__code__.replace(co_name=f"{function.__code__.co_name}_{next(COUNTER)}")
    return types.FunctionType(code, function.__globals__, function.__name__, function.__defaults__,
                              function.__closure__)


class CompiledPyTorch(PyTorch):
    name = "torch.compile"

    def variants(self, workload):
        plain = self.plain(workload.kind)
        if workload.spec:
            plain = reductions.torch_like(self.torch, workload.spec)
        if plain is None:
            return []
        torch = self.torch
        inputs = [torch.from_numpy(array) for array in workload.inputs.values()]
        y = torch.from_numpy(workload.output())
        plain = with_code_of_its_own(plain)
        function = torch.compile(plain, dynamic=False, fullgraph=True)

        def copy(y, *inputs):
            y.copy_(plain(*inputs))

        store = torch.compile(with_code_of_its_own(copy), dynamic=False, fullgraph=True)
        return [
            protocol.Variant("new tensor", lambda: function(*inputs), lambda: function(*inputs).numpy()),
            protocol.Variant("existing tensor", lambda: store(y, *inputs), y.numpy),
        ]


if __name__ == "__main__":
    protocol.serve(CompiledPyTorch)
