# SPDX-License-Identifier: Apache-2.0
"""Each check of tools/ finds a planted fault, and nothing in a clean tree."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
CLEAN = {
    "ir/ops.def": "ONEPASS_OP(tanh, 1)\nONEPASS_OP(add, 2)\n",
    "ir/graph.h": '#include "onepass/runtime/shape.h"\n#include <vector>\n',
    "ir/passes/simplify.cpp": "return OpCode::add;\n",
    "codegen/llvm/jit.cpp": '#include "llvm/IR/Module.h"\n#include "onepass/codegen/plan.h"\n',
    "runtime/thread_pool.cpp": "#include <pthread.h>\n",
    "examples/gelu.cpp": "#include <onepass/onepass.h>\n",
    "tests/ir/graph_test.cpp": '#include "onepass/ir/graph.h"\n',
}


def check(tool, extra):
    """Exit status and output of `tool` on the clean tree with the files of `extra` added."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {**CLEAN, **extra}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        run = subprocess.run([sys.executable, TOOLS / f"check_{tool}.py", root], capture_output=True, text=True,
                             check=False)
        return run.returncode, run.stdout


class Layers(unittest.TestCase):
    def refuses(self, path, line, why):
        status, output = check("layers", {path: line + "\n"})
        self.assertEqual(status, 1, output)
        self.assertIn(f"{path}:1: {line}: {why}", output)

    def test_a_clean_tree_passes(self):
        self.assertEqual(check("layers", {})[0], 0)

    def test_an_include_upwards(self):
        self.refuses("ir/verify.cpp", '#include "onepass/engine/tensor.h"', "ir stands below engine")

    def test_the_umbrella_belongs_to_the_engine(self):
        self.refuses("codegen/plan.cpp", '#include "onepass/onepass.h"', "codegen stands below engine")

    def test_a_test_that_looks_above_its_layer(self):
        self.refuses("tests/runtime/shape_test.cpp", '#include "onepass/ir/graph.h"', "runtime stands below ir")

    def test_llvm_outside_its_folder(self):
        self.refuses("codegen/plan_map.cpp", "#include <llvm/IR/Module.h>", "only codegen/llvm/ may include llvm")

    def test_the_llvm_folder_seen_from_the_engine(self):
        self.refuses("engine/evaluate.cpp", '#include "onepass/codegen/llvm/jit.h"', "only codegen knows codegen/llvm")

    def test_a_relative_spelling(self):
        self.refuses("ir/verify.cpp", '#include "graph.h"', 'own headers are spelled "onepass/<layer>/<file>.h"')

    def test_an_example_that_uses_an_inner_header(self):
        self.refuses("examples/gelu2.cpp", "#include <onepass/ir/graph.h>", "examples use the public headers only")


class Size(unittest.TestCase):
    def test_501_lines_fail(self):
        status, output = check("size", {"ir/long.cpp": "\n" * 501})
        self.assertEqual(status, 1)
        self.assertIn("ir/long.cpp: 501 lines, the limit is 500. Split it by noun.", output)

    def test_500_lines_are_named_and_pass(self):
        status, output = check("size", {"ir/long.cpp": "\n" * 500})
        self.assertEqual(status, 0)
        self.assertIn("ir/long.cpp: 500 lines, the budget is 400", output)

    def test_tables_and_data_are_exempt(self):
        self.assertEqual(check("size", {"ir/long.def": "\n" * 900, "tests/ir/data/long.cpp": "\n" * 900})[0], 0)


class Ops(unittest.TestCase):
    def test_a_clean_tree_passes(self):
        self.assertEqual(check("ops", {})[0], 0)

    def test_a_default_of_a_member_passes(self):
        self.assertEqual(check("ops", {"codegen/step.h": "  ir::OpCode op = ir::OpCode::add;  // of a combination\n"})[0], 0)

    def test_an_op_beyond_those_allowed_to_a_file(self):
        status, output = check("ops", {"ir/op.h": "OpCode::add;\nOpCode::tanh;\n"})
        self.assertEqual(status, 1)
        self.assertIn("ir/op.h:2: names the op tanh", output)

    def test_an_op_named_elsewhere(self):
        status, output = check("ops", {"codegen/emit.cpp": "// OpCode::add\nif (op == OpCode::tanh) {\n"})
        self.assertEqual(status, 1)
        self.assertIn("codegen/emit.cpp:2: names the op tanh", output)
        self.assertIn("2 rows, 1 faults", output)


if __name__ == "__main__":
    unittest.main()
