#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fits the polynomials of ir/math/ and prints them, coefficients rounded to the format.

    tools/fit_polynomials.py            every row of FITS
    tools/fit_polynomials.py exp tan    the rows whose name starts with one of these

A row approximates `target(t)` by a polynomial in t on [low, high] so that the weighted error
weight(t) * (target - polynomial) is small: least squares on Chebyshev points, which is nearly
minimax. Coefficients are rounded one by one, lowest power first, and the rest is fitted again each
time. Needs mpmath.
"""
import struct
import sys

from mpmath import mp, mpf

mp.prec = 400
POINTS = 200


def round_to(width, x):
    """x rounded to f32 or f64 (to nearest)."""
    if width == 64:
        return mpf(float(x))
    low = struct.unpack("f", struct.pack("f", float(x)))[0]
    return mpf(low)


def fit(target, low, high, degree, weight, width, exact=()):
    """Coefficients from the constant upwards, and their largest weighted error.

    `exact` are the first coefficients, given in advance.
    """
    low, high = mpf(low), mpf(high)
    places = [(1 - mp.cos(mp.pi * (i + 0.5) / POINTS)) / 2 for i in range(POINTS)]
    points = [low + (high - low) * place for place in places]
    values = [target(t) for t in points]
    weights = [weight(t, v) for t, v in zip(points, values)]
    moments = [mp.fsum(w**2 * t**k for t, w in zip(points, weights)) for k in range(2 * degree + 1)]
    products = [mp.fsum(w**2 * v * t**k for t, v, w in zip(points, values, weights))
                for k in range(degree + 1)]
    fixed = [mpf(c) for c in exact]
    while len(fixed) <= degree:
        start = len(fixed)
        free = range(start, degree + 1)
        matrix = mp.matrix([[moments[i + j] for j in free] for i in free])
        right = mp.matrix([products[i] - mp.fsum(c * moments[i + k] for k, c in enumerate(fixed))
                           for i in free])
        fixed.append(round_to(width, mp.lu_solve(matrix, right)[0]))
    error = max(w * abs(v - mp.polyval(fixed[::-1], t)) for t, v, w in zip(points, values, weights))
    return fixed, error


def relative(t, v):
    return 1 / abs(v)


def even(f):
    """f(sqrt(z)) as a function of z."""
    return lambda z: f(mp.sqrt(z))


def sin_rest(x):
    return (mp.sin(x) / x - 1) / x**2


def tan_rest(x):
    return (mp.tan(x) / x - 1) / x**2


def asin_rest(x):
    return (mp.asin(x) / x - 1) / x**2


def atan_rest(x):
    return (mp.atan(x) / x - 1) / x**2


def tanh_rest(x):
    return (mp.tanh(x) / x - 1) / x**2


def erf_rest(x):
    return mp.erf(x) / x - 1


def expm1_rest(r):
    """exp(r) = 1 + r + r^2 * rest."""
    return (mp.expm1(r) - r) / r**2


def sinh_rest(x):
    return (mp.sinh(x) / x - 1) / x**2


def cosh_rest(x):
    return (mp.cosh(x) - 1 - x**2 / 2) / x**4


def log_rest(f):
    """log(1 + f) = f - f^2 / 2 + f^3 * rest."""
    return (mp.log1p(f) - f + f**2 / 2) / f**3


def log_curvature(f):
    """log(1 + f) = f + f^2 * curvature."""
    return (mp.log1p(f) - f) / f**2


def log_ratio_rest(z):
    """log((1 + s) / (1 - s)) = 2 s + s z * rest with z = s^2."""
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) / s - 2) / z


def log_ratio_tail(z):
    """log((1 + s) / (1 - s)) = 2 s (1 + z / 3 + z^2 / 5 + z^3 * tail) with z = s^2."""
    s = mp.sqrt(z)
    return (mp.atanh(s) / s - 1 - z / 3 - z**2 / 5) / z**3


def erfcx_scaled(centre):
    """(1 + 2 x) exp(x^2) erfc(x) - 1 as a function of q = (x - centre) / (x + centre)."""
    def scaled(q):
        x = centre * (1 + q) / (1 - q)
        return (1 + 2 * x) * mp.exp(x * x) * mp.erfc(x) - 1
    return scaled


LN2_HALF = mp.log(2) / 2
SQRT_HALF_LESS_1 = 1 / mp.sqrt(2) - 1
FITS = []


def row(name, target, low, high, weight, degrees, exact=()):
    for width, degree in degrees.items():
        FITS.append((f"{name} f{width}", target, low, high, degree, weight, width, exact))


row("exp", lambda r: mp.expm1(r) / r, -LN2_HALF, LN2_HALF,
    lambda r, v: abs(r), {32: 5, 64: 11}, (1,))
row("exp fast", lambda r: mp.expm1(r) / r, -LN2_HALF, LN2_HALF,
    lambda r, v: abs(r), {32: 4, 64: 9}, (1,))
row("exp2 fast", lambda r: (mpf(2) ** r - 1) / r, -0.5, 0.5, lambda r, v: abs(r), {32: 4, 64: 9})
row("expm1 rest", expm1_rest, -LN2_HALF, LN2_HALF, lambda r, v: abs(r), {32: 5, 64: 10})
row("expm1 fast", expm1_rest, -LN2_HALF, LN2_HALF,
    lambda r, v: r**2 / abs(mp.expm1(r)), {32: 4, 64: 9})
row("exp2", lambda r: (mpf(2) ** r - 1) / r, -0.5, 0.5, lambda r, v: abs(r), {32: 5, 64: 11})
row("log rest", log_rest, SQRT_HALF_LESS_1, mp.sqrt(2) - 1, lambda f, v: abs(f) ** 2, {32: 8})
row("log ratio", log_ratio_rest, 0, (mp.sqrt(2) - 1) ** 2 / (mp.sqrt(2) + 1) ** 2,
    lambda z, v: z, {64: 6})
row("log fast", log_curvature, SQRT_HALF_LESS_1, mp.sqrt(2) - 1,
    lambda f, v: f**2 / abs(mp.log1p(f)), {32: 6})
row("log ratio fast", log_ratio_rest, 0, (mp.sqrt(2) - 1) ** 2 / (mp.sqrt(2) + 1) ** 2,
    lambda z, v: z, {64: 5})
row("log ratio tail", log_ratio_tail, 0, (mp.sqrt(2) - 1) ** 2 / (mp.sqrt(2) + 1) ** 2,
    lambda z, v: z**3, {32: 1, 64: 6})
# ir/math/trigonometric.h moves the first three f32 coefficients by 2, 6 and -180 last places: of the
# neighbours tried on every f32 up to pi/2, those by which no result exceeds 1, the results around
# pi/2 are 1, and the worst error is the smallest.
row("sin", even(sin_rest), 0, (mp.pi / 2) ** 2, lambda z, v: z / (1 + z * v), {32: 3, 64: 7})
row("tan", even(tan_rest), 0, (mp.pi / 4) ** 2, lambda z, v: z, {32: 6, 64: 14})
row("asin", even(asin_rest), 0, mpf("0.25"), lambda z, v: z, {32: 4, 64: 12})
row("atan", even(atan_rest), 0, mpf("0.36"), lambda z, v: z, {32: 5, 64: 14})
row("sinh", even(sinh_rest), 0, LN2_HALF**2, lambda z, v: z, {32: 2, 64: 4})
row("cosh", even(cosh_rest), 0, LN2_HALF**2, lambda z, v: z**2, {32: 1, 64: 4})
row("tanh", even(tanh_rest), 0, mpf("0.3025"), lambda z, v: z, {64: 10})
row("erf small", even(erf_rest), 0, mpf("0.8611"), lambda z, v: 1 / (1 + v), {32: 5})
row("erf small", even(erf_rest), 0, mpf(1), lambda z, v: 1 / (1 + v), {64: 12})
row("erfcx", erfcx_scaled(2), mpf(-1), mpf("0.6695"), lambda q, v: 1 / (1 + v), {32: 11})
row("erfcx", erfcx_scaled(4), mpf(-1), mpf("0.748"), lambda q, v: 1 / (1 + v), {64: 23})


# Of ir/math/piecewise.h: the halves of the octaves of 1 + x.
PIECES = [(0, 0.5), (0.5, 1), (1, 2), (2, 3), (3, 5), (5, 7), (7, 11)]
PIECE_DEGREE = 8


def centre_of(target, low, high):
    """The f32 near the middle whose value is nearest to an f32 (Gal's accurate tables)."""
    middle = struct.unpack("<I", struct.pack("<f", (low + high) / 2))[0]
    nearby = [mpf(struct.unpack("<f", struct.pack("<I", middle + step))[0])
              for step in range(-3000, 3001)]
    return min(nearby, key=lambda c: abs(target(c) - round_to(32, target(c))))


def piece(target, low, high, slopes):
    """Centre, value there and the other coefficients of a piece, and its error in parts of 2^-24."""
    if low == 0:
        centre, exact = mpf(0), (slopes[0] + round_to(32, slopes[1]), mpf(0))
    else:
        centre, exact = centre_of(target, low, high), ()
    value = round_to(32, target(centre))
    coefficients, error = fit(lambda t: (target(centre + t) - value) / t, low - centre,
                              high - centre, PIECE_DEGREE - 1,
                              lambda t, v: abs(t / target(centre + t)), 32, exact)
    if low == 0:
        coefficients[0] -= slopes[0]
    return [centre, value, *coefficients], error * 2**24


def pieces(name, target, slopes, top):
    """The slope at 0 is `slopes`: a whole number, which the table leaves out, and the rest. The columns of the tables; the index of a piece is that of 1 + x, three bits from bit 22."""
    columns = [[mpf(0)] * (PIECE_DEGREE + 2) for _ in range(8)]
    for low, high in PIECES:
        if low >= top:
            continue
        index = (struct.unpack("<I", struct.pack("<f", 1 + low))[0] >> 22) & 7
        columns[index], error = piece(target, low, min(high, top), slopes)
        print(f"{name} [{low}, {min(high, top)}]: error {float(error):.2f} * 2^-24")
    for line in zip(*columns):
        print("    {" + ", ".join(mp.nstr(c, 9) for c in line) + "},", flush=True)


def constants():
    """Numbers that formulas need in several words: each word is the rest rounded to the format."""
    numbers = {"ln 2": mp.log(2), "pi / 2": mp.pi / 2, "log2 e": 1 / mp.log(2),
               "log10 e": 1 / mp.log(10), "2 / sqrt(pi)": 2 / mp.sqrt(mp.pi)}
    for name, number in numbers.items():
        for width in (32, 64):
            words, rest = [], number
            for _ in range(4):
                words.append(round_to(width, rest))
                rest -= words[-1]
            print(f"{name} f{width}: " + ", ".join(mp.nstr(w, 17) for w in words))
    with mp.workprec(1400):
        digits = mp.floor(mp.ldexp(2 / mp.pi, 1160))
    hexadecimal = f"{int(digits):0290x}"
    print("2 / pi in digits of 4 bits: " + ", ".join(str(int(c, 16)) for c in hexadecimal))


def main():
    wanted = sys.argv[1:]
    if not wanted or "constants" in wanted:
        constants()
    for name, target, low, high, degree, weight, width, exact in FITS:
        if wanted and not any(name.startswith(w) for w in wanted):
            continue
        coefficients, error = fit(target, low, high, degree, weight, width, exact)
        print(f"{name}: error 2^{float(mp.log(error, 2)):.2f}")
        digits = 9 if width == 32 else 17
        print("    " + ", ".join(mp.nstr(c, digits) for c in coefficients), flush=True)


    for name, target, slopes, top in (("tanh pieces", mp.tanh, (0, 1), 9.6),
                                      ("erf pieces", mp.erf, (1, 2 / mp.sqrt(mp.pi) - 1), 4.2)):
        if not wanted or any(name.startswith(w) for w in wanted):
            pieces(name, target, slopes, top)


if __name__ == "__main__":
    main()
