#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails on an include that crosses the layers: engine -> codegen -> ir -> runtime, each sees only what stands right.

Also: LLVM is seen in codegen/llvm/ only; examples and bench use the public headers.
"""
import pathlib
import re
import sys

LAYERS = ["runtime", "ir", "codegen", "engine"]
SOURCES = {".h", ".cpp", ".def"}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
# A foreign header is seen only under these folders.
QUARANTINE = {"llvm": ("codegen/llvm/",), "llvm-c": ("codegen/llvm/",)}
PUBLIC = {"onepass/onepass.h", "onepass/acceleration.h", "onepass/engine/roofline.h"}


def layer_of(path):
    """The layer whose rules `path` follows: tests/ir/x.cpp follows those of ir."""
    parts = path.parts[1:] if path.parts[0] == "tests" else path.parts
    return parts[0] if parts and parts[0] in LAYERS else None


def fault(path, quote, included):
    """Why `path` must not include `included`, or None."""
    top = included.split("/")[0]
    if top in QUARANTINE:
        if not path.as_posix().startswith(QUARANTINE[top]):
            return f"only {' '.join(QUARANTINE[top])} may include {top}"
        return None
    layer = layer_of(path)
    if top != "onepass":
        if quote == '"' and layer and path.parts[0] != "tests":
            return 'own headers are spelled "onepass/<layer>/<file>.h"'
        return None
    if path.parts[0] == "examples":
        return None if included in PUBLIC else "examples use the public headers only"
    if layer is None:
        return None
    target = included.split("/")[1] if included.count("/") > 1 else "engine"
    if target not in LAYERS:
        return f"there is no layer {target}"
    if LAYERS.index(target) > LAYERS.index(layer):
        return f"{layer} stands below {target}"
    if included.startswith("onepass/codegen/llvm/") and layer != "codegen":
        return "only codegen knows codegen/llvm"
    return None


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1])
    faults = files = 0
    for folder in [*LAYERS, "tests", "examples", "bench", "tools"]:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in SOURCES:
                continue
            files += 1
            path = file.relative_to(root)
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                why = match and fault(path, match[1], match[2])
                if why:
                    print(f"{path}:{number}: {line.strip()}: {why}")
                    faults += 1
    print(f"layers: {files} files, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
