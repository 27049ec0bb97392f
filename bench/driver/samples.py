# SPDX-License-Identifier: Apache-2.0
"""The times of a race: work -> contender -> one time per round, and who counts as what."""
import dataclasses
import statistics

OURS = {"strict": "onepass", "fast": "onepass fast"}
NARROW_TARGET = "x86-64-v3"
NARROW = f"onepass, {NARROW_TARGET}"
FLOORS = ("memcpy", "streaming copy")  # move the bytes, compute nothing
LEAST_ROUNDS = 5  # undisturbed ones, for the others to be left out
# A formula spelled out races against whoever computes the same function, however it is written there.
SAME_FUNCTION = {"gelu spelled out": "gelu"}


@dataclasses.dataclass
class Samples:
    """Of one contender in one workload."""

    contender: str
    variant: str
    nanoseconds: list
    disturbed: list = dataclasses.field(default_factory=list)  # times that do not count: others took the processors

    @property
    def median(self):
        return statistics.median(self.nanoseconds)

    @property
    def quartiles(self):
        if len(self.nanoseconds) < 2:
            return self.nanoseconds[0], self.nanoseconds[0]
        first, _, third = statistics.quantiles(self.nanoseconds, n=4, method="inclusive")
        return first, third

    @property
    def lower_quartile(self):
        return self.quartiles[0]

    @property
    def role(self):
        if self.contender.startswith("onepass"):
            return "ours"
        return "floor" if self.contender.startswith(FLOORS) else "peer"


def counted(contender, variant, nanoseconds, busy):
    """The times of all rounds, without those of `busy` rounds where enough others remain."""
    quiet = [time for time, disturbed in zip(nanoseconds, busy) if not disturbed]
    if len(quiet) < LEAST_ROUNDS:
        return Samples(contender, variant, list(nanoseconds))
    return Samples(contender, variant, quiet, [time for time, disturbed in zip(nanoseconds, busy) if disturbed])


@dataclasses.dataclass
class Work:
    name: str
    bytes: int
    flops: float
    contenders: list  # of Samples

    @property
    def kind(self):
        return self.name.partition("/")[0]

    @property
    def size(self):
        return self.name.partition("/")[2]

    def find(self, contender):
        return next((samples for samples in self.contenders if samples.contender == contender), None)

    def of_role(self, role):
        return sorted((s for s in self.contenders if s.role == role), key=lambda s: s.median)


def best_peer(work, works, statistic="median"):
    """The fastest peer, also among those that compute the same function under another spelling."""
    peers = work.of_role("peer")
    twin = SAME_FUNCTION.get(work.kind)
    for other in works:
        if twin and other.name == f"{twin}/{work.size}":
            peers += other.of_role("peer")
    return min(peers, key=lambda samples: getattr(samples, statistic), default=None)


def ratios(works, accuracy, statistic="median"):
    """work -> how many times as fast as the best peer ours is."""
    result = {}
    for work in works:
        ours, peer = work.find(OURS[accuracy]), best_peer(work, works, statistic)
        if ours and peer:
            result[work.name] = getattr(peer, statistic) / getattr(ours, statistic)
    return result


def to_json(works):
    return [{"name": work.name, "bytes": work.bytes, "flops": work.flops,
             "contenders": [dataclasses.asdict(samples) for samples in work.contenders]} for work in works]


def from_json(rows):
    return [Work(row["name"], row["bytes"], row["flops"], [Samples(**samples) for samples in row["contenders"]])
            for row in rows]
