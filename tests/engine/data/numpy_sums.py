#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes an array and NumPy's sums of its first 1, 2, .. elements: numpy_sums.py FOLDER. NumPy adds pairwise; the tests
of accuracy have that order too and first show that it is the same (tests/engine/reduction_accuracy_test.cpp)."""
import sys

import numpy


def main():
    folder = sys.argv[1]
    generator = numpy.random.default_rng(20260102)
    values = (generator.standard_normal(3001) * numpy.exp2(generator.uniform(-8, 8, 3001))).astype(numpy.float32)
    sums = numpy.array([numpy.sum(values[:count]) for count in range(1, len(values) + 1)])
    assert sums.dtype == numpy.float32
    numpy.save(f"{folder}/numpy_sums_x.npy", values)
    numpy.save(f"{folder}/numpy_sums.npy", sums)


if __name__ == "__main__":
    main()
