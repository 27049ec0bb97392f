#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Races onepass against its peers: all contenders in one run, in turn, many rounds.

    scripts/bench [--python] [options]    installs and builds what is needed, then calls this

Every contender is a process that stays; in every round each of them runs each workload once, in random order, so that
what else happens on the machine meets all. Writes race.md, race.json and plots into the output folder.
"""
import argparse
import contextlib
import fnmatch
import json
import os
import pathlib
import random
import re
import sys
import time

from driver import machine, plot, samples, table
from driver.children import Child, ChildFault

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
REDUCTION_SHAPES = [
    "reduce sum/f32 10000000 over 0", "reduce sum/f32 1000000x3 over 1", "reduce sum/f32 1000000x7 over 1",
    "reduce sum/f32 100000x17 over 1", "reduce sum/f32 20000x64 over 1", "reduce sum/f32 10000x100 over 1",
    "reduce sum/f32 1000x4097 over 1", "reduce sum/f32 1x10000000 over 1", "reduce sum/f32 1000000x1 over 1",
    "reduce sum/f32 128x128x128 over 0", "reduce sum/f32 128x128x128 over 1", "reduce sum/f32 128x128x128 over 2",
    "reduce sum/f32 128x128x128 over 0,2", "reduce sum/f32 128x128x128 over 0,1,2",
    "reduce sum/f32 32x32x32x64 over 1,3", "reduce sum/f32 32x32x32x64 over 0,2",
    "reduce sum/f32 2048x2048 permuted 1,0 over 0", "reduce sum/f32 2048x2048 permuted 1,0 over 1",
    "reduce sum/f32 128x128x128 permuted 2,0,1 over 0,1,2", "reduce sum/f64 1024x1024 over 1",
    "reduce sum/f64 1024x1024 over 0", "reduce sum/f16 1024x1024 over 1", "reduce sum/f16 1024x1024 over 0",
    "reduce sum/bf16 1024x1024 over 1", "reduce sum/i64 1024x1024 over 0", "reduce sum/i32 1024x1024 over 1",
    "reduce max/f32 1000000x3 over 1", "reduce max/f32 1024x1024 over 1", "reduce max/f32 1024x1024 over 0",
    "reduce argmax/f32 1024x1024 over 1", "reduce argmax/f32 1024x1024 over 0",
    "reduce any/boolean 1024x1024 over 1", "reduce count_nonzero/boolean 1024x1024 over 1",
    "reduce var/f32 1024x1024 over 1", "reduce var/f32 1024x1024 over 0", "reduce logsumexp/f32 1024x1024 over 1",
    "reduce softmax/f32 100000x17 over 1", "reduce softmax/f32 16x65536 over 1",
    "reduce cumulative_sum/f32 1024x1024 over 1", "reduce cumulative_sum/f32 1024x1024 over 0",
    "reduce softmax/f32 100000x16 over 0", "reduce log_softmax/f32 1000000x8 over 0", "reduce var/f32 1000000x8 over 0",
    "reduce centre/f32 1000000x8 over 0", "reduce standardize/f32 4096x64 over 0",
    "reduce standardize/f32 100000x16 over 0", "reduce var/f32 32x28x28x64 over 0,1,2",
    "reduce standardize/f32 32x28x28x64 over 0,1,2",
]
WORKS = [f"{kind}/{size}" for size in (1_024, 16_384, 262_144, 4_000_000, 16_000_000)
         for kind in ("gelu", "gelu spelled out")] + [
    "relu_fma/64", "relu_fma/1000000", "tanh_broadcast/2048x2048", "add/2048x2048", "transposed_add/2048x2048",
    "polynomial/1000000", "option_price/1000000", "great_circle/1000000", "mask/1000000", "gelu_f64/1000000",
    "gelu_f16/1000000", "sum_of_squares/4000000", "column_sum/2048x2048", "softmax/1024x1024", "softmax/12x128x128",
    "layer_norm/1024x768", *REDUCTION_SHAPES] + [f"{kind}/{size}" for kind in ("product", "product 1 thread") for size in (
        "4x4x4", "8x8x8", "16x16x16", "32x32x32", "64x64x64", "100x100x100", "128x128x128", "256x256x256", "512x512x512",
        "1024x1024x1024", "2048x2048x2048", "1x1024x1024", "1x4096x4096", "128x256x512", "32x768x3072", "512x3072x768",
        "1023x1021x1019", "8x4096x64", "1000x1x1000", "31x4097x65")] + [
    *(f"layer/{rows}x768->3072" for rows in (1, 32, 128, 512)), "layer without bias/128x512->256",
    *(f"{plot.TILED}{extent}/{2**power}" for extent in (256, 512, 1024) for power in range(2, extent.bit_length())),
    "dispatch/64"] + [
    f"compile/{name}" for name in ("add", "gelu", "sum of squares", "layer")] + [
    f"compile chain/{operations}" for operations in (1, 2, 4, 8, 16, 30, 64, 128, 256, 512)]
PROGRAMS = {  # which kinds of work each runs
    "gelu_bench": ("gelu", "gelu spelled out"), "relu_fma_bench": ("relu_fma",),
    "tanh_broadcast_bench": ("tanh_broadcast",), "transposed_add_bench": ("add", "transposed_add"),
    "chains_bench": ("polynomial", "option_price", "great_circle", "mask", "gelu_f64", "gelu_f16"),
    "reductions_bench": ("sum_of_squares", "column_sum", "softmax", "layer_norm"), "dispatch_bench": ("dispatch",),
    "reduction_shapes_bench": tuple({work.partition("/")[0] for work in REDUCTION_SHAPES}),
    "products_bench": ("product", "product 1 thread", *(f"{plot.TILED}{extent}" for extent in (256, 512, 1024))), "layer_bench": ("layer", "layer without bias"),
    "compile_time_bench": ("compile", "compile chain")}
NARROW = ("gelu_bench", "relu_fma_bench", "chains_bench", "tanh_broadcast_bench")  # run for x86-64-v3 as well
PYTHONS = ["numpy_arrays", "pytorch_eager", "pytorch_compiled", "jax_jit", "onnx_runtime", "numexpr_machine",
           "numba_loops"]
SKIPPED = ["onepass unfused", "onepass interpreted"]  # not meant to be fast
BUSY = 0.03  # of the processors' time, taken by others: what was measured meanwhile is disturbed
DISTURBED = 0.1  # of all measurements: more deserve a warning


def arguments_of(command_line):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"), help="build folder")
    parser.add_argument("--venv", type=pathlib.Path, default=pathlib.Path("build/bench-venv"),
                        help="virtual environment of the Python contenders; without it: this Python")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("bench/results"))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.03, help="of one run at least")
    parser.add_argument("--settle", type=float, default=0.05,
                        help="seconds between two runs, for threads of the last one that still spin")
    parser.add_argument("--patience", type=float, default=120, metavar="SECONDS",
                        help="spent at most on measuring again what other processes disturbed")
    parser.add_argument("--threads", type=int, default=0, help="processors to use; 0: all")
    parser.add_argument("--works", default="*", help="patterns with commas between, such as 'gelu/*,relu*'")
    parser.add_argument("--contenders", default="*", help="likewise, such as 'onepass*,Eigen'")
    parser.add_argument("--render", type=pathlib.Path, metavar="JSON", help="write table and plots of that run again")
    parser.add_argument("--command", help=argparse.SUPPRESS)  # what to show as the command of the run
    return parser.parse_args(command_line)


def matches(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns.split(","))


def say(text):
    print(text, flush=True)


class Progress:
    """One line that is rewritten on a terminal, a line per round elsewhere."""

    def __init__(self, rounds, runs):
        self.rounds, self.runs, self.start = rounds, runs, time.monotonic()
        self.done, self.shown = 0, 0
        self.terminal = sys.stdout.isatty()

    def show(self, round_number, work, contender):
        elapsed = time.monotonic() - self.start
        left = elapsed / self.done * (self.rounds * self.runs - self.done) if self.done else 0
        text = f"round {round_number}/{self.rounds}, {elapsed:.0f} s, about {left:.0f} s left"
        if self.terminal:
            print(f"\r{text}: {work} {contender}"[:110].ljust(110), end="", flush=True)
        elif round_number > self.shown:
            say(text)
        self.shown = round_number

    def end(self):
        if self.terminal:
            print("\r".ljust(111) + "\r", end="")
        say(f"{self.rounds} rounds took {time.monotonic() - self.start:.0f} s")


class Field:
    """All children, and who takes part in what."""

    def __init__(self, options, stack):
        self.options, self.stack = options, stack
        self.versions, self.left_out, self.children, self.peaks = [], [], [], None
        self.logs = options.build.parent / "bench-logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.threads = options.threads or len(os.sched_getaffinity(0))

    def start_programs(self, works):
        """The C++ contenders. A wrong result there ends the race: it may be ours."""
        kinds = {work.partition("/")[0] for work in works}
        for program in [name for name, own in PROGRAMS.items() if kinds & set(own)]:
            binary = self.options.build / "bench" / program
            if not binary.exists():
                raise ChildFault(f"{program} is not built; scripts/bench does that")
            # BLIS 0.9 does not know the latest processors: 0 names its AVX-512 kernels.
            own = {"BLIS_ARCH_TYPE": "0"} if machine.has_wide_vectors() else {}
            child = self.start(program, [binary, "--serve", f"--benchmark_min_time={self.options.seconds}"], own)
            self.remember(child)
            if program in NARROW and machine.has_wide_vectors():
                narrow = self.start(f"{program} for {samples.NARROW_TARGET}", child.command,
                                    {"ONEPASS_TARGET": samples.NARROW_TARGET})
                narrow.shown = {samples.OURS["strict"]: samples.NARROW}
                self.remember(narrow)
            if self.peaks is None:
                say("measuring the roofs of this machine")
                numbers = [float(field) for field in child.ask("peaks")[1:]]
                self.peaks = {"flops": numbers[1], "bandwidth": numbers[3]}

    def start_pythons(self):
        python = self.options.venv / "bin" / "python"
        python = python if python.exists() else pathlib.Path(sys.executable)
        for name in PYTHONS:
            command = [python, HERE / "python" / f"{name}.py", f"--threads={self.threads}",
                       f"--seconds={self.options.seconds}"]
            threads = str(self.threads)
            child = self.start(name, command, {
                "OMP_NUM_THREADS": threads, "NUMEXPR_MAX_THREADS": threads, "NUMBA_NUM_THREADS": threads,
                "TORCHINDUCTOR_CACHE_DIR": str((self.options.build.parent / "bench-inductor").resolve())})
            try:
                first = child.read(seconds=120)
                if first[0] == "missing":
                    self.leave_out(f"{name}: the package {first[1]} is not installed (`scripts/bench --python`)")
                    child.close()
                    continue
                self.remember(child)
            except ChildFault as fault:
                self.leave_out(f"{name}: {fault}")

    def start(self, name, command, environment=None):
        say(f"starting {name}")
        child = Child(command, self.logs / f"{name}.log", environment)
        return self.stack.enter_context(child)

    def remember(self, child):
        for version in child.ask("about")[1:]:
            if version not in self.versions:
                self.versions.append(version)
        self.children.append(child)

    def leave_out(self, text):
        say(f"left out: {text}")
        self.left_out.append(text)

    def usage(self):
        return machine.Usage(child.process.pid for child in self.children)

    def prepare(self, work):
        """Who races in `work`; everybody passes the gate here, or stays out."""
        entries = []
        for child in self.children:
            try:
                entries += [entry for entry in child.prepare(work)
                            if entry.contender not in SKIPPED and matches(entry.contender, self.options.contenders)]
            except ChildFault as fault:
                self.leave_out(f"{work}: {pathlib.Path(child.log).stem}: {fault}")
        return entries


def run_once(options, field, work, racers, order, gone, step):
    """One time for each of `racers`, in random order; None for those that are gone."""
    result = [None] * len(racers)
    for index in order.sample(range(len(racers)), len(racers)):
        racer = racers[index]
        if racer.child in gone:
            continue
        step(work, racer.contender)
        time.sleep(options.settle)
        try:
            result[index] = racer.child.nanoseconds(work, racer.contender)
        except ChildFault as fault:
            field.leave_out(f"{racer.contender}: {fault}")
            gone.append(racer.child)
    return result


def run_rounds(options, field, entries):
    """The works with all times, and the share of what others disturbed. `entries`: work -> those who race in it."""
    times, busy_rounds = {work: [] for work in entries}, {work: [] for work in entries}
    order, gone, patience = random.Random(0), [], options.patience
    progress = Progress(options.rounds, len(entries))
    for number in range(1, options.rounds + 1):
        for work, racers in entries.items():
            while True:
                usage, start = field.usage(), time.monotonic()
                once = run_once(options, field, work, racers, order, gone, lambda *now: progress.show(number, *now))
                busy = sum(usage.shares()) > BUSY
                if not busy or patience <= 0:
                    break
                time.sleep(1)
                patience -= time.monotonic() - start
            times[work].append(once)
            busy_rounds[work].append(busy)
            progress.done += 1
    progress.end()
    works = []
    for work, racers in entries.items():
        kept = [samples.counted(racer.contender, racer.variant, [once[index] for once in times[work]], busy_rounds[work])
                for index, racer in enumerate(racers) if racer.child not in gone]
        if kept:
            works.append(samples.Work(work, max(racer.bytes for racer in racers), max(r.flops for r in racers), kept))
    return works, sum(map(sum, busy_rounds.values())) / max(1, options.rounds * len(entries))


def race(options, command):
    if options.threads:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:options.threads])
    wanted = [work for work in WORKS if matches(work, options.works)]
    load = os.getloadavg()[0]
    with contextlib.ExitStack() as stack:
        field = Field(options, stack)
        field.start_programs(wanted)
        field.start_pythons()
        entries = {}
        for number, work in enumerate(wanted, 1):
            say(f"preparing {number}/{len(wanted)}: {work}")
            racers = field.prepare(work)
            if racers:
                entries[work] = racers
        usage = field.usage()
        works, disturbed = run_rounds(options, field, entries)
        others, stolen = usage.shares()
    return {
        "command": command,
        "machine": machine.describe(field.threads),
        "versions": field.versions,
        "conditions": {"rounds": options.rounds, "seconds": options.seconds, "threads": field.threads,
                       "load_before": load, "others": others, "stolen": stolen, "disturbed": disturbed,
                       "busy": disturbed > DISTURBED},
        "peaks": field.peaks,
        "left_out": field.left_out,
        "works": samples.to_json(works),
    }


def write(result, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "race.json").write_text(json_text(rounded(result)), encoding="utf-8")
    (folder / "race.md").write_text(table.markdown(result), encoding="utf-8")
    plots = {"gelu.svg": plot.times_by_size(result, "gelu"),
             "gelu_per_element.svg": plot.times_by_size(result, "gelu", per_element=True),
             "compile_time.svg": plot.times_by_size(result, "compile chain", "operations", goal=5e6),
             "tiles.svg": plot.speeds_by_tile(result), "roofline.svg": plot.roofline(result)}
    for name, svg in plots.items():
        if svg:
            (folder / name).write_text(svg, encoding="utf-8")


def json_text(result):
    """Indented, with each list of numbers on one line."""
    return re.sub(r"\[\s+([-+.\deE,\s]+?)\s+\]", lambda match: f"[{' '.join(match[1].split())}]",
                  json.dumps(result, indent=1)) + "\n"


def rounded(value):
    """Five significant digits: no run repeats more of them."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return {key: rounded(item) for key, item in value.items()} if isinstance(value, dict) else value


def main():
    options = arguments_of(sys.argv[1:])
    if options.render:
        result = json.loads(options.render.read_text(encoding="utf-8"))
    else:
        try:
            result = race(options, options.command or "bench/race.py " + " ".join(sys.argv[1:]))
        except ChildFault as fault:
            sys.exit(f"race: {fault}")
    write(result, options.output)
    works = samples.from_json(result["works"])
    say("\n".join(table.summary(works)))
    say(f"\nwritten: {options.output}/race.md, race.json, *.svg")


if __name__ == "__main__":
    main()
