# SPDX-License-Identifier: Apache-2.0
"""torch.compile of what users write, for fixed shapes; its result as a new tensor, and stored into one that exists."""
import protocol
from pytorch_eager import PyTorch


class CompiledPyTorch(PyTorch):
    name = "torch.compile"

    def variants(self, workload):
        plain = self.plain(workload.kind)
        if plain is None:
            return []
        torch = self.torch
        torch._dynamo.reset()  # otherwise a function that saw many shapes is no longer compiled
        inputs = [torch.from_numpy(array) for array in workload.inputs.values()]
        y = torch.from_numpy(workload.output())
        function = torch.compile(plain, dynamic=False, fullgraph=True)

        @torch.compile(dynamic=False, fullgraph=True)
        def store(y, *inputs):
            y.copy_(plain(*inputs))

        return [
            protocol.Variant("new tensor", lambda: function(*inputs), lambda: function(*inputs).numpy()),
            protocol.Variant("existing tensor", lambda: store(y, *inputs), y.numpy),
        ]


if __name__ == "__main__":
    protocol.serve(CompiledPyTorch)
