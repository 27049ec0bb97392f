# SPDX-License-Identifier: Apache-2.0
"""The race as Markdown: the machine, one line per workload with the best peer, then everybody."""
import statistics

from driver import plot, samples

FORMULAS = {
    "gelu": "`gelu(x)`, tanh form",
    "gelu spelled out": "`0.5*x*(1+tanh(0.798*(x+0.0447*x**3)))`",
    "relu_fma": "`relu(a*b+c)`",
    "tanh_broadcast": "`tanh(a[:,None]*b+c)`",
    "add": "`x + y`",
    "transposed_add": "`permute_dims(x) + y`",
    "polynomial": "polynomial of degree 10",
    "option_price": "price of an option: `exp log erf sqrt`",
    "great_circle": "great-circle distance: `sin cos asin sqrt`",
    "mask": "`where((x & 7) == 3 && y > 0, x*2 + y, x - y)`, i32",
    "gelu_f64": "GELU spelled out, f64",
    "gelu_f16": "GELU spelled out, f16",
    "sum_of_squares": "`sum(x*x)`",
    "column_sum": "`sum(x, axis=0)`",
    "softmax": "softmax over the last axis",
    "layer_norm": "layer norm over the last axis",
    "product": "`a @ b`, rows x columns x terms",
    "product 1 thread": "`a @ b`, one thread",
    "layer": "`gelu(x @ w + b)`",
    "layer without bias": "`gelu(x @ w)`",
    "dispatch": "`relu(a*b+c)`",
    "compile": "from an expression to its result, caches empty",
    "compile chain": "operations",
}
NO_RACE = ("dispatch", "compile", "compile chain")  # ours alone
OTHER_REDUCTIONS, PREFIX = "Reductions of other shapes", "reduce "
# Title -> kinds of work; what is in none is element-wise.
GROUPS = {
    "Reductions": ("sum_of_squares", "column_sum", "softmax", "layer_norm"),
    OTHER_REDUCTIONS: (),  # by the prefix of their kinds
    "Matrix products": ("product", "product 1 thread"),
    "Layers": ("layer", "layer without bias"),
}
ELEMENT_WISE = "Element-wise"
BY_FLOPS = (*GROUPS["Matrix products"], *GROUPS["Layers"])  # bound by arithmetic more than by memory


def digits(value):
    """Three significant digits, thousands separated."""
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{decimals}f}"


def duration(nanoseconds):
    return f"{digits(nanoseconds)} ns" if nanoseconds < 1000 else f"{digits(nanoseconds / 1000)} us"


def size_text(size):
    return f"{int(size):,}" if size.isdigit() else size


def ratio_text(ratio):
    """Losses are shown in bold."""
    if ratio is None:
        return "-"
    return f"{ratio:.2f}" if ratio >= 1 else f"**{ratio:.2f}, slower**"


def rows_of(cells):
    return ["| " + " | ".join(row) + " |" for row in cells]


def head(*names):
    return rows_of([names, ["---"] * len(names)])


def machine_lines(race):
    conditions = race["conditions"]
    lines = [f"    {race['command']}", ""]
    lines += [f"- {name}: {text}" for name, text in race["machine"].items()]
    lines.append(f"- versions: {', '.join(race['versions'])}")
    lines.append(f"- {conditions['rounds']} rounds; in each every contender ran once, in random order, for at least "
                 f"{conditions['seconds'] * 1000:g} ms; load average of the last minute before the start "
                 f"{conditions['load_before']:.2f}")
    others = (f"during the rounds other processes took {conditions['others']:.1%} of the processors' time, other virtual "
              f"machines {conditions['stolen']:.1%}; {conditions['disturbed']:.0%} of the measurements were disturbed so and do "
              f"not count where {samples.LEAST_ROUNDS} others remain")
    lines.append(f"- **The machine was busy: {others}**" if conditions["busy"] else f"- {others}")
    lines += [f"- left out: {text}" for text in race["left_out"]]
    return lines


def is_race(work):
    return work.kind not in NO_RACE and not work.kind.startswith(plot.TILED)


def group_of(work):
    if work.kind.startswith(PREFIX):
        return OTHER_REDUCTIONS
    return next((title for title, kinds in GROUPS.items() if work.kind in kinds), ELEMENT_WISE)


def summary(works):
    """One table per group."""
    works = [work for work in works if is_race(work)]
    lines = []
    for title in (ELEMENT_WISE, *GROUPS):
        group = [work for work in works if group_of(work) == title]
        if group:
            lines += [f"### {title}", "", *group_summary(group), ""]
    return lines[:-1]


def group_summary(works):
    ratios = {accuracy: samples.ratios(works, accuracy) for accuracy in samples.OURS}
    lower = {accuracy: samples.ratios(works, accuracy, "lower_quartile") for accuracy in samples.OURS}
    cells = []
    for work in works:
        strict, fast, peer = work.find("onepass"), work.find("onepass fast"), samples.best_peer(work, works)
        if strict is None:
            continue
        floor = min(work.of_role("floor"), key=lambda s: s.median, default=None)
        cells.append([FORMULAS.get(work.kind, work.kind), size_text(work.size), duration(strict.median),
                      duration(fast.median) if fast else "-",
                      f"{peer.contender} {duration(peer.median)}" if peer else "-",
                      ratio_text(ratios["strict"].get(work.name)), ratio_text(ratios["fast"].get(work.name)),
                      ratio_text(lower["strict"].get(work.name)), ratio_text(lower["fast"].get(work.name)),
                      f"{floor.contender} {duration(floor.median)}" if floor else "-"])
    lines = head("workload", "size", "onepass strict", "onepass fast", "best peer", "peer / strict", "peer / fast",
                 "strict, lower quartiles", "fast, lower quartiles", "fastest copy of the bytes") + rows_of(cells)
    for title, accuracy, values in [("medians", *item) for item in ratios.items()] + [
            ("lower quartiles", *item) for item in lower.items()]:
        if values:
            slower = sum(ratio < 1 for ratio in values.values())
            lines += ["", f"{accuracy.capitalize()}, {title}: geometric mean {statistics.geometric_mean(values.values()):.2f} "
                          f"over {len(values)} rows, slower than a peer on {slower}."]
    return lines


def details(work, works):
    peer = samples.best_peer(work, works)
    others = {s.contender for s in work.of_role("ours")} - set(samples.OURS.values())
    cells = []
    for one in sorted(work.contenders, key=lambda s: s.median):
        first, third = one.quartiles
        name = one.contender + (f" ({one.variant})" if one.variant else "")
        against = "-"
        if one.role == "floor":
            against = "copies only"
        elif peer:
            ratio = peer.median / one.median
            against = f"{ratio:.2f}" if one.role == "peer" or one.contender in others else ratio_text(ratio)
        moved = work.flops if work.kind in BY_FLOPS else work.bytes
        rate = digits(moved / one.median) if moved else "-"
        cells.append([name, duration(one.median), f"{duration(first)} .. {duration(third)}", against, rate])
    unit = "GFLOP/s" if work.kind in BY_FLOPS else "GB/s"
    title = f"### {FORMULAS.get(work.kind, work.kind)}, {size_text(work.size)}"
    return [title, "", *head("contender", "median", "quartiles", "best peer / this", unit), *rows_of(cells), ""]


def narrow_lines(works):
    """What half of the vector width costs; nothing on machines that have no more."""
    pairs = [(work, work.find(samples.NARROW), work.find(samples.OURS["strict"])) for work in works]
    cells = [[FORMULAS.get(work.kind, work.kind), size_text(work.size), duration(narrow.median), duration(wide.median),
              f"{wide.median / narrow.median:.2f}"] for work, narrow, wide in pairs if narrow and wide]
    if not cells:
        return []
    return [f"## {samples.NARROW_TARGET} on this machine", "",
            "The same code generator held to AVX2, by ONEPASS_TARGET; strict. The speed is a share of that with AVX-512.",
            "", *head("workload", "size", samples.NARROW_TARGET, "AVX-512", "speed"), *rows_of(cells), ""]


def tile_lines(works):
    speeds = {}
    for work in works:
        if work.kind.startswith(plot.TILED):
            speeds.setdefault(int(work.size), {})[work.kind] = digits(work.flops / work.contenders[0].median)
    kinds = list(dict.fromkeys(kind for row in speeds.values() for kind in row))
    if not kinds:
        return []
    cells = [[str(tile), *(row.get(kind, "-") for kind in kinds)] for tile, row in sorted(speeds.items())]
    return ["## Tiles of a chosen size", "", "`tiled_matmul(a, b, tile_size)`, GFLOP/s by the extent of the square product. "
            "[Plot](tiles.svg).", "", *head("tile_size", *(kind.removeprefix(plot.TILED) for kind in kinds)), *rows_of(cells), ""]


def dispatch_lines(works):
    cells = [[one.contender, size_text(work.size), duration(one.median), " .. ".join(map(duration, one.quartiles))]
             for work in works if work.kind == "dispatch"
             for one in sorted(work.contenders, key=lambda s: (s.contender.startswith("stage"), s.contender))]
    if not cells:
        return []
    return ["## The cost of an evaluation", "", f"Of {FORMULAS['dispatch']}, warm, and of its stages, each alone: their sum is more "
            "than the whole, which overlaps them.", "", *head("what", "elements", "median", "quartiles"), *rows_of(cells), ""]


def compile_lines(works):
    cells = [[f"{work.size} {FORMULAS[work.kind]}" if work.kind == "compile chain" else work.size,
              f"{one.median / 1e6:.1f} ms", " .. ".join(f"{time / 1e6:.1f} ms" for time in one.quartiles)]
             for work in works if work.kind.startswith("compile") for one in work.contenders]
    if not cells:
        return []
    return ["## The time to compile", "", f"{FORMULAS['compile'].capitalize()}: capture, passes, planning, code. [Plot](compile_time.svg).",
            "", *head("expression", "median", "quartiles"), *rows_of(cells), ""]


def markdown(race):
    works = samples.from_json(race["works"])
    return "\n".join([
        "# The race", "",
        "Written by the command below; times are of one evaluation, warm, into memory that exists. Compare within a",
        "row only. [bench/README.md](../README.md) says how it is measured. Plots: [time](gelu.svg),",
        "[time per element](gelu_per_element.svg), [roofline](roofline.svg).", "",
        *machine_lines(race), "", "## Against the best peer", "",
        "Ratios above 1: onepass is faster. The best peer is the one with the smallest median (lower quartile); a formula",
        "that is spelled out races against everybody who computes the same function. On a disturbed machine the lower",
        "quartiles say more: they are over the quieter rounds of each contender.", "",
        *summary(works), "", *narrow_lines(works), *tile_lines(works), *dispatch_lines(works), *compile_lines(works), "## Everybody", "",
        *[line for work in works if is_race(work) for line in details(work, works)],
    ]).rstrip() + "\n"
