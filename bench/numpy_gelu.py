#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""GELU as NumPy's users write it: eight array operations, each over preallocated arrays. Checked, then timed.

The unfused mode of onepass runs the same eight operations; see gelu_bench for its times.
"""
import argparse
import statistics
import time

import numpy as np

SIZES = [1_024, 16_384, 262_144, 4_000_000, 16_000_000]
TOLERANCE = 1e-6


class Gelu:
    """The eight operations on arrays that were allocated before."""

    def __init__(self, x):
        self.x, self.y, self.half = x, np.empty_like(x), np.empty_like(x)

    def run(self):
        y, x = self.y, self.x
        np.power(x, np.float32(3), out=y)
        np.multiply(y, np.float32(0.044715), out=y)
        np.add(x, y, out=y)
        np.multiply(y, np.float32(0.79788456), out=y)
        np.tanh(y, out=y)
        np.add(y, np.float32(1), out=y)
        np.multiply(x, np.float32(0.5), out=self.half)
        np.multiply(self.half, y, out=y)


def check(gelu):
    x = gelu.x.astype(np.float64)
    expected = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    error = np.abs(gelu.y - expected) / np.maximum(1, np.abs(expected))
    if not (error <= TOLERANCE).all():
        raise SystemExit(f"numpy: off by {error.max()}; a wrong answer is not timed")


def samples(gelu, seconds):
    """Seconds of one evaluation, measured one by one."""
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        gelu.run()
        times.append(time.perf_counter() - start)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--min-time", type=float, default=0.5, help="seconds of measuring for each size")
    arguments = parser.parse_args()
    generator = np.random.default_rng(0)
    print(f"NumPy {np.__version__}, one thread")
    for size in SIZES:
        gelu = Gelu(generator.standard_normal(size, dtype=np.float32))
        gelu.run()
        check(gelu)
        times = samples(gelu, arguments.min_time)
        median = statistics.median(times)
        moved = 2 * gelu.x.nbytes / median
        print(f"gelu/{size}/NumPy eight operations: median {median * 1e6:.2f} us, min {min(times) * 1e6:.2f} us, "
              f"{moved / 1e9:.2f} GB/s of input and output")


if __name__ == "__main__":
    main()
