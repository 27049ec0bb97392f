# SPDX-License-Identifier: Apache-2.0
"""A contender without packages: the real protocol, a workload of one number, and every kind of fault."""
import pathlib
import sys
import types

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench" / "python"))
import protocol


class Workload:
    def __init__(self, expected):
        self.expected = expected

    def fault(self, result):
        return None if result == self.expected else f"element 0 is {result}, expected {self.expected}"


class Fake:
    name = "Fake"

    def __init__(self, _threads):
        pass

    def versions(self):
        return ["Fake 1.0"]

    def variants(self, workload):
        print("packages print things")
        if workload.expected == "raise":
            raise ValueError("two\nlines")
        if workload.expected == "exit":
            print("last words", file=sys.stderr)
            sys.exit(3)
        slow = protocol.Variant("slow", lambda: sum(range(20_000)), lambda: 7)
        return [slow, protocol.Variant("quick", lambda: None, lambda: 7)]


def make(work):
    return None if work == "unknown" else Workload({"seven": 7, "eight": 8}.get(work, work))


sys.modules["workloads"] = types.SimpleNamespace(make=make)
protocol.serve(Fake)
