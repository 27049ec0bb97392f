# SPDX-License-Identifier: Apache-2.0
"""The child's side of race.py's protocol, common to all Python contenders.

A contender offers, for each workload, one or more variants (ways to call it). Each passes the gate; the fastest at that
size runs in the race. Requests and answers are lines, fields are separated by tabs (see also ../serve.h):

    about                    about   <name and version>...
    prepare <work>           ready   <bytes> <flops> <contender>|<variant>  | absent | wrong <text> | error <text>
    run <work> <contender>   time    <nanoseconds of one evaluation>
"""
import argparse
import dataclasses
import os
import sys
import time
import typing

TRIAL_SECONDS = 0.05  # for each variant, to choose one
TRIALS = 3


@dataclasses.dataclass
class Variant:
    """One way to compute a workload, into memory that exists where the package can do that."""

    name: str
    run: typing.Callable[[], object]
    result: typing.Callable[[], object]  # the numbers of the last run, as a NumPy array


def nanoseconds(run, seconds, clock=time.perf_counter_ns):
    """Of one run, by the rule of Google Benchmark: more iterations until they take `seconds` together."""
    iterations = 1
    while True:
        start = clock()
        for _ in range(iterations):
            run()
        elapsed = clock() - start
        if elapsed >= seconds * 1e9:
            return elapsed / iterations
        share = elapsed / (seconds * 1e9)
        factor = min(10.0, 1.4 / share) if share > 0.1 else 10.0
        iterations = max(iterations + 1, int(iterations * factor))


def fastest(variants):
    times = {index: [] for index in range(len(variants))}
    if len(variants) > 1:
        for _ in range(TRIALS):
            for index, variant in enumerate(variants):
                times[index].append(nanoseconds(variant.run, TRIAL_SECONDS))
    return variants[min(times, key=lambda index: min(times[index], default=0))]


class Child:
    """Answers requests on behalf of `contender`: .name, .versions(), .variants(workload)."""

    def __init__(self, contender, make_workload, seconds):
        self.contender, self.make_workload, self.seconds = contender, make_workload, seconds
        self.chosen = {}

    def answer(self, line):
        fields = line.rstrip("\n").split("\t")
        try:
            if fields == ["about"]:
                return "\t".join(["about", *self.contender.versions()])
            if fields[0] == "prepare" and len(fields) == 2:
                return self.prepare(fields[1])
            if fields[0] == "run" and len(fields) == 3:
                return f"time\t{nanoseconds(self.chosen[fields[1]].run, self.seconds):.2f}"
        except Exception as fault:  # pylint: disable=broad-except  # whatever a package throws leaves the race going
            return f"error\t{type(fault).__name__}: {fault}".replace("\n", " ")
        return f"error\tunknown request: {line.strip()}"

    def prepare(self, work):
        workload = self.make_workload(work)
        variants = self.contender.variants(workload) if workload else []
        if not variants:
            return "absent"
        for variant in variants:
            variant.run()
            fault = workload.fault(variant.result())
            if fault:
                return f"wrong\t{variant.name}: {fault}"
        self.chosen[work] = fastest(variants)
        return f"ready\t0\t0\t{self.contender.name}|{self.chosen[work].name}"


def serve(make_contender):
    """Answers until the input ends. What packages print goes to the error output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seconds", type=float, default=0.05, help="at least so long for each run")
    arguments = parser.parse_args()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        import workloads  # pylint: disable=import-outside-toplevel  # needs NumPy

        child = Child(make_contender(arguments.threads), workloads.make, arguments.seconds)
    except ImportError as fault:
        print(f"missing\t{fault.name}", file=answers, flush=True)
        return
    print("started", file=answers, flush=True)
    for line in sys.stdin:
        print(child.answer(line), file=answers, flush=True)
