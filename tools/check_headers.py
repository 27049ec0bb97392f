#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles every public header alone, and fails if one reaches LLVM or fmt.

check_headers.py <build folder> [compiler]     the list of headers is the one that the build installs
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-x", "c++", "-"]
FORBIDDEN = re.compile(r"/(llvm|llvm-c|fmt|CLI|nlohmann)/|/mpfr\.h")


def spelling(header):
    """How a user includes `header`."""
    name = header.removeprefix("engine/") if header in ("engine/onepass.h", "engine/acceleration.h") else header
    return f"onepass/{name}"


def faults_of(header, build, compiler):
    with tempfile.NamedTemporaryFile(suffix=".d") as dependencies:
        command = [compiler, f"-I{build}/include", "-MD", "-MF", dependencies.name, "-MT", "x", *FLAGS]
        # Twice: a header must survive that.
        text = f'#include "{spelling(header)}"\n' * 2
        run = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            return [f"{header}: does not compile alone\n{run.stderr}"]
        reached = pathlib.Path(dependencies.name).read_text(encoding="utf-8").split()
    return [f"{header}: reaches {file}" for file in reached if FORBIDDEN.search(file)][:1]


def main():
    build = pathlib.Path(sys.argv[1])
    compiler = sys.argv[2] if len(sys.argv) > 2 else "c++"
    # .def files are lists, included many times and never alone.
    headers = [h for h in (build / "public_headers.txt").read_text(encoding="utf-8").split() if h.endswith(".h")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = sum(pool.map(lambda header: faults_of(header, build, compiler), headers), [])
    print("\n".join(faults + [f"headers: {len(headers)} public headers, {len(faults)} faults"]))
    return 1 if faults or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
