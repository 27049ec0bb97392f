#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names files above their budget, fails on a file above 500 lines, prints the total.

Small files keep one noun in one place. Tables (.def) and generated data are exempt.
"""
import pathlib
import sys

BUDGET = {".h": 250, ".cpp": 400, ".py": 400}
LIMIT = 500
LIBRARY = ["engine", "codegen", "ir", "runtime"]
OTHERS = ["tools", "tests", "examples", "bench"]
EXEMPT_FOLDERS = {"data"}


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1])
    faults, totals = 0, {}
    for folder in LIBRARY + OTHERS:
        for file in sorted((root / folder).rglob("*")):
            path = file.relative_to(root)
            if file.suffix not in BUDGET or EXEMPT_FOLDERS & set(path.parts):
                continue
            with file.open(encoding="utf-8") as text:
                lines = sum(1 for _ in text)
            totals[folder] = totals.get(folder, 0) + lines
            if lines > LIMIT:
                print(f"{path}: {lines} lines, the limit is {LIMIT}. Split it by noun.")
                faults += 1
            elif lines >= BUDGET[file.suffix]:
                print(f"{path}: {lines} lines, the budget is {BUDGET[file.suffix]}")
    library = sum(totals.get(folder, 0) for folder in LIBRARY)
    print("size: " + ", ".join(f"{folder} {count}" for folder, count in totals.items()))
    print(f"size: the library is {library} lines, everything {sum(totals.values())}; {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
