#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the inputs and NumPy's results of chains of + - * / sqrt: numpy_chains.py FOLDER. The results are correctly
rounded operation by operation, so onepass must give the same bits (tests/engine/numpy_chains_test.cpp)."""
import sys

import numpy


def operand(generator, dtype, count):
    info = numpy.finfo(dtype)
    special = [0.0, -0.0, 1.0, -1.0, numpy.inf, -numpy.inf, numpy.nan, info.max, info.min, info.tiny,
               info.smallest_subnormal, -info.smallest_subnormal, info.eps, 3.0, 1 / 3]
    values = generator.standard_normal(count) * numpy.exp2(generator.uniform(-20, 20, count))
    values[: len(special)] = generator.permutation(special)
    return generator.permutation(values).astype(dtype)


def chains(a, b, c):
    yield "polynomial", ((a * b + c) * b - a) * c + b
    yield "quotients", (a / b - b / c) / (a + c) * b
    yield "roots", numpy.sqrt(a * a + b * b) / numpy.sqrt(c + a) - numpy.sqrt(b)
    yield "mixed", (a + b) * (a - b) / (numpy.sqrt(c * c + a) + b) - a * c
    yield "broadcast", a[:, None][:40] * b[None, :50] + c[:50] / a[:40, None]


def main():
    folder = sys.argv[1]
    numpy.seterr(all="ignore")
    for dtype in (numpy.float32, numpy.float64):
        name = "f32" if dtype == numpy.float32 else "f64"
        generator = numpy.random.default_rng(20260101)
        a, b, c = (operand(generator, dtype, 1003) for _ in range(3))
        for letter, values in zip("abc", (a, b, c)):
            numpy.save(f"{folder}/numpy_{name}_{letter}.npy", values)
        for chain, values in chains(a, b, c):
            assert values.dtype == dtype
            numpy.save(f"{folder}/numpy_{name}_{chain}.npy", values)


if __name__ == "__main__":
    main()
