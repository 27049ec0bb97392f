#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails where library code names an element-wise op of ir/ops.def as OpCode::<name>.

One row is the whole definition of an op. Code that must name single ops, because it states algebra or a composite, is
listed here with the reason.
"""
import pathlib
import re
import sys

# path: (ops it may name, or ANY; why)
ANY = None
EXPONENT = ({"pow"}, "a literal exponent of pow is an attribute of the node")
PRODUCT = ({"add", "multiply", "fma"}, "sums and products are made of additions, products and fma")
FIRST_ROW = ({"add"}, "the first row marks where the table begins")
ALLOWED = {
    "codegen/llvm/emit_ops.cpp": (
        EXPONENT[0] | {"maximum", "minimum"},
        "a literal exponent; the extreme of many asks about NaN once",
    ),
    "codegen/loop_nest_print.cpp": EXPONENT,
    "codegen/loop_nest_verify.cpp": EXPONENT,
    "codegen/contraction_tile.cpp": PRODUCT,
    "codegen/outer_product.cpp": PRODUCT,
    "codegen/reduction_tree.cpp": (
        PRODUCT[0] | {"equal", "where", "divide", "subtract", "maximum"},
        "an empty reduction is replaced by its result, an average divided",
    ),
    "engine/expression.h": EXPONENT,
    "engine/value.cpp": EXPONENT,
    "ir/array_composites.cpp": (ANY, "a composite is a formula over ops"),
    "ir/builder.cpp": EXPONENT,
    "ir/composites.cpp": (ANY, "a composite is a formula over ops"),
    "ir/accumulator_rows.h": ({"divide"}, "an average is a quotient"),
    "ir/accumulators.cpp": ({"where"}, "chooses between two elements"),
    "ir/extreme_position.h": (ANY, "a formula over ops"),
    "ir/host_kernels.cpp": FIRST_ROW,
    "ir/interpret_reduction.cpp": ({"subtract", "maximum"}, "what an average is divided by"),
    "ir/op.h": FIRST_ROW,
    "ir/passes/canonicalise.cpp": (ANY, "chooses one spelling of an expression"),
    "ir/passes/contract.cpp": (ANY, "multiply and add become fma"),
    "ir/passes/rewrite_fast.cpp": (ANY, "rewrite rules are algebra over ops"),
    "ir/passes/simplify.cpp": (ANY, "rewrite rules are algebra over ops"),
    "ir/type_rules.cpp": EXPONENT,
}
# A member needs some value until it gets its own.
DEFAULT = re.compile(r"\bOpCode \w+ = (ir::)?OpCode::\w+;")
LAYERS = ["engine", "codegen", "ir", "runtime"]


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1])
    table = (root / "ir/ops.def").read_text(encoding="utf-8")
    ops = re.findall(r"^ONEPASS_OP\((\w+)", table, re.MULTILINE)
    named = re.compile(r"\bOpCode::(" + "|".join(ops) + r")\b")
    faults = 0
    for layer in LAYERS:
        for file in sorted((root / layer).rglob("*")):
            path = file.relative_to(root).as_posix()
            allowed = ALLOWED.get(path, (set(), ""))[0]
            if file.suffix not in {".h", ".cpp", ".def"} or allowed is ANY:
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                for op in sorted(set(named.findall(DEFAULT.sub("", line.split("//")[0]))) - allowed):
                    print(f"{path}:{number}: names the op {op}; give its row in ir/ops.def what you need to know")
                    faults += 1
    print(f"ops: {len(ops)} rows, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
