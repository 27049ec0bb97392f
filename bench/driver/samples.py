# SPDX-License-Identifier: Apache-2.0
"""The times of a race: work -> contender -> one time per round, and who counts as what."""
import dataclasses
import statistics

OURS = {"strict": "onepass", "fast": "onepass fast"}
FLOORS = ("memcpy", "streaming copy")  # move the bytes, compute nothing
# A formula spelled out races against whoever computes the same function, however it is written there.
SAME_FUNCTION = {"gelu spelled out": "gelu"}


@dataclasses.dataclass
class Samples:
    """Of one contender in one workload."""

    contender: str
    variant: str
    nanoseconds: list

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
    def role(self):
        if self.contender.startswith("onepass"):
            return "ours"
        return "floor" if self.contender.startswith(FLOORS) else "peer"


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


def best_peer(work, works):
    """The fastest peer by the median, also among those that compute the same function under another spelling."""
    peers = work.of_role("peer")
    twin = SAME_FUNCTION.get(work.kind)
    for other in works:
        if twin and other.name == f"{twin}/{work.size}":
            peers += other.of_role("peer")
    return min(peers, key=lambda samples: samples.median, default=None)


def ratios(works, accuracy):
    """work -> how many times as fast as the best peer ours is."""
    result = {}
    for work in works:
        ours, peer = work.find(OURS[accuracy]), best_peer(work, works)
        if ours and peer:
            result[work.name] = peer.median / ours.median
    return result


def to_json(works):
    return [{"name": work.name, "bytes": work.bytes, "flops": work.flops,
             "contenders": [dataclasses.asdict(samples) for samples in work.contenders]} for work in works]


def from_json(rows):
    return [Work(row["name"], row["bytes"], row["flops"], [Samples(**samples) for samples in row["contenders"]])
            for row in rows]
