# SPDX-License-Identifier: Apache-2.0
"""SVG plots on logarithmic axes, with each line or point labelled where it ends."""
import html
import math

from driver import samples

WIDTH, HEIGHT = 1040, 700
LEFT, RIGHT, TOP, BOTTOM = 90, 270, 70, 70
LABEL_HEIGHT = 15
OURS = {"onepass": "#c2185b", "onepass fast": "#f06292", "onepass 1 thread": "#7b1fa2", samples.NARROW: "#4527a0"}
PEERS = ["#1565c0", "#2e7d32", "#ef6c00", "#00838f", "#5d4037", "#6a7b00", "#455a64", "#0097a7", "#8d6e63", "#9e9d24"]
FLOOR = "#9e9e9e"
TILED = "tiled product "  # kinds begin so, the extent follows; the size is that of the tiles
OFF_THE_ROOF = ("dispatch", "product", "product 1 thread", *samples.SAME_FUNCTION)  # too many for one plot, or twice
OFF_THE_ROOF_PREFIXES = ("reduce ", TILED)
LEFT_TO_TABLE = ("onepass unfused", "onepass interpreted")
DECIMALS = 1


class Axis:
    """Positions of positive numbers, from the decade part below the least to that above the greatest."""

    def __init__(self, values, start, end, base=10):
        self.low = math.floor(math.log(min(values), base) * 2) / 2
        self.high = max(self.low + 0.5, math.ceil(math.log(max(values), base) * 2) / 2)
        self.start, self.end, self.base = start, end, base

    def at(self, value):
        share = (math.log(value, self.base) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self):
        return [self.base**exponent for exponent in range(math.ceil(self.low), math.floor(self.high) + 1)]


def time_text(nanoseconds):
    for unit, factor in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if nanoseconds >= factor:
            return f"{nanoseconds / factor:g} {unit}"
    return f"{nanoseconds:g} ns"


def count_text(value):
    return f"{value / 1e6:g} M" if value >= 1e6 else f"{value:,}"


def spread(positions, distance, low, high):
    """The positions moved as little as it takes to lie `distance` apart; in the order given, between low and high."""
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    placed = [min(max(positions[index], low), high) for index in order]
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + distance)
    ceiling = high
    for i in reversed(range(len(placed))):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - distance
    result = [0.0] * len(positions)
    for index, position in zip(order, placed):
        result[index] = position
    return result


class Drawing:
    def __init__(self, title, subtitle):
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
            'font-family="sans-serif" font-size="13">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        ]
        self.text(LEFT, 30, title, size=18)
        self.text(LEFT, 50, subtitle, color="#555555")

    def text(self, x, y, text, color="#222222", anchor="start", size=13, turned=False):
        turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
        self.parts.append(f'<text x="{x:.{DECIMALS}f}" y="{y:.{DECIMALS}f}" fill="{color}" text-anchor="{anchor}" '
                          f'font-size="{size}"{turn}>{html.escape(text)}</text>')

    def line(self, points, color, width=1.0, dashes=""):
        path = " ".join(f"{x:.{DECIMALS}f},{y:.{DECIMALS}f}" for x, y in points)
        dash = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{width}"{dash}/>')

    def dot(self, x, y, color, radius=3.5):
        self.parts.append(f'<circle cx="{x:.{DECIMALS}f}" cy="{y:.{DECIMALS}f}" r="{radius}" fill="{color}"/>')

    def axes(self, x, y, x_ticks, x_text, y_text, x_name, y_name):
        for value in x_ticks:
            self.line([(x.at(value), TOP), (x.at(value), HEIGHT - BOTTOM)], "#e5e5e5")
            self.text(x.at(value), HEIGHT - BOTTOM + 20, x_text(value), anchor="middle")
        for value in y.ticks():
            self.line([(LEFT, y.at(value)), (WIDTH - RIGHT, y.at(value))], "#e5e5e5")
            self.text(LEFT - 8, y.at(value) + 4, y_text(value), anchor="end")
        self.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 20, x_name, anchor="middle")
        self.text(24, (TOP + HEIGHT - BOTTOM) / 2, y_name, anchor="middle", turned=True)

    def labels(self, entries):
        """(x, y, text, color) of ends of lines; the texts stand right of the plot, one below the other."""
        places = spread([y for _, y, _, _ in entries], LABEL_HEIGHT, TOP, HEIGHT - BOTTOM)
        for (x, y, text, color), place in zip(entries, places):
            self.line([(x + 5, y), (WIDTH - RIGHT + 18, place)], color, 0.6)
            self.text(WIDTH - RIGHT + 22, place + 4, text, color)

    def svg(self):
        return "\n".join([*self.parts, "</svg>"]) + "\n"


def colors_of(contenders):
    peers = sorted(name for name in contenders if name not in OURS and not name.startswith(samples.FLOORS))
    colors = {name: PEERS[index % len(PEERS)] for index, name in enumerate(peers)}
    return {name: OURS.get(name) or colors.get(name, FLOOR) for name in contenders}


def times_by_size(race, kind, counted="elements", per_element=False, goal=None):
    """Median times of one kind of workload against its size, for all contenders; None without two sizes. With a goal in
    nanoseconds: a line for it, and one of times in proportion to the size."""
    series = {}
    for work in samples.from_json(race["works"]):
        if work.kind == kind and work.size.isdigit():
            for one in work.contenders:
                if one.contender not in LEFT_TO_TABLE:
                    size = int(work.size)
                    series.setdefault(one.contender, []).append((size, one.median / (size if per_element else 1)))
    sizes = sorted({size for points in series.values() for size, _ in points})
    if len(sizes) < 2:
        return None
    x = Axis(sizes, LEFT, WIDTH - RIGHT - 10)
    times = [time for points in series.values() for _, time in points] + ([goal] if goal else [])
    y = Axis(times, HEIGHT - BOTTOM, TOP)
    what = "time of one element" if per_element else "time of one evaluation"
    drawing = Drawing(f"{kind}: {what}", f"{race['machine']['processor']}; medians of "
                                         f"{race['conditions']['rounds']} rounds; lower is better")
    drawing.axes(x, y, sizes, count_text, time_text, counted, what)
    colors, ends = colors_of(series), []
    if goal:
        largest = max(max(series.values(), key=max))
        proportional = [(x.at(size), y.at(largest[1] * size / largest[0])) for size in sizes
                        if largest[1] * size / largest[0] > y.base**y.low]
        for path, name in (([(LEFT, y.at(goal)), (x.at(sizes[-1]), y.at(goal))], f"goal  {time_text(goal)}"),
                           (proportional, "in proportion")):
            drawing.line(path, FLOOR, 1.6, "5 4")
            ends.append((*path[-1], name, FLOOR))
    for name, points in sorted(series.items(), key=lambda item: item[0] in OURS):
        path = [(x.at(size), y.at(time)) for size, time in sorted(points)]
        ours = name in OURS
        drawing.line(path, colors[name], 3 if ours else 1.6, "5 4" if name.startswith(samples.FLOORS) else "")
        for place in path:
            drawing.dot(*place, colors[name], 4 if ours else 3)
        size, time = max(points)
        ends.append((*path[-1], f"{name}  {time_text(float(f'{time:.3g}'))}", colors[name]))
    drawing.labels(ends)
    return drawing.svg()


def speeds_by_tile(race):
    """GFLOP/s of tiled products against the size of their tiles; None without two sizes."""
    series = {}
    for work in samples.from_json(race["works"]):
        if work.kind.startswith(TILED):
            extent = int(work.kind.removeprefix(TILED))
            series.setdefault(extent, []).append((int(work.size), work.flops / work.contenders[0].median))
    tiles = sorted({tile for points in series.values() for tile, _ in points})
    if len(tiles) < 2:
        return None
    x = Axis(tiles, LEFT, WIDTH - RIGHT - 10, base=2)
    y = Axis([speed for points in series.values() for _, speed in points], HEIGHT - BOTTOM, TOP)
    drawing = Drawing("tiled_matmul(a, b, tile_size)", f"{race['machine']['processor']}; medians of "
                                                       f"{race['conditions']['rounds']} rounds; higher is better")
    drawing.axes(x, y, tiles, str, lambda v: f"{v:g}", "tile_size", "billions of operations per second")
    ends = []
    for (extent, points), color in zip(sorted(series.items()), PEERS):
        path = [(x.at(tile), y.at(speed)) for tile, speed in sorted(points)]
        drawing.line(path, color, 2)
        for place in path:
            drawing.dot(*place, color, 3)
        ends.append((*path[-1], f"{extent} x {extent}", color))
    drawing.labels(ends)
    return drawing.svg()


def roofline(race):
    """Arithmetic against traffic: ours strict, joined with the best peer, under the roofs of this machine."""
    peaks, works = race["peaks"], samples.from_json(race["works"])
    shown = [(work, work.find("onepass"), samples.best_peer(work, works)) for work in works
             if work.flops and work.bytes and work.find("onepass")
             and work.kind not in OFF_THE_ROOF and not work.kind.startswith(OFF_THE_ROOF_PREFIXES)]
    if not peaks or not shown:
        return None
    intensities = [work.flops / work.bytes for work, _, _ in shown]
    roof, slope = peaks["flops"], peaks["bandwidth"]
    x = Axis([min(intensities) / 2, max(roof / slope, max(intensities)) * 2], LEFT, WIDTH - RIGHT)
    rates = [work.flops / one.median for work, ours, peer in shown for one in (ours, peer) if one]
    y = Axis([min(rates) / 2, roof / 1e9 * 1.5], HEIGHT - BOTTOM, TOP)
    drawing = Drawing("Roofline", f"{race['machine']['processor']}; points above the slope live in the caches; "
                                  "pink: onepass strict, blue: its best peer")
    drawing.axes(x, y, x.ticks(), lambda v: f"{v:g}", lambda v: f"{v:g}", "operations per byte of inputs and outputs",
                 "billions of operations per second")
    start, end, knee = x.base**x.low, x.base**x.high, roof / slope
    start = max(start, y.base**y.low * 1e9 / slope)
    drawing.line([(x.at(start), y.at(start * slope / 1e9)), (x.at(knee), y.at(roof / 1e9)),
                  (x.at(end), y.at(roof / 1e9))], "#222222", 2)
    drawing.text(x.at(knee) - 8, y.at(roof / 1e9) - 8, f"{roof / 1e9:.0f} GFLOP/s in registers, "
                 f"{slope / 1e9:.1f} GB/s of memory", anchor="end")
    ends = []
    for (work, ours, peer), intensity in zip(shown, intensities):
        place = (x.at(intensity), y.at(work.flops / ours.median))
        if peer:
            other = (place[0], y.at(work.flops / peer.median))
            drawing.line([place, other], PEERS[0], 1.2)
            drawing.dot(*other, PEERS[0], 3)
        drawing.dot(*place, OURS["onepass"], 4.5)
        size = count_text(int(work.size)) if work.size.isdigit() else work.size
        ends.append((*place, f"{work.kind} {size}", OURS["onepass"]))
    drawing.labels(ends)
    return drawing.svg()
