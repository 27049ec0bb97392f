# SPDX-License-Identifier: Apache-2.0
"""Contenders as persistent processes that answer requests over pipes; see bench/serve.h and bench/python/protocol.py."""
import contextlib
import dataclasses
import os
import selectors
import subprocess
import time


class ChildFault(Exception):
    """A child ended, hung or answered with an error."""


@dataclasses.dataclass
class Entry:
    """A contender that takes part in a workload."""

    child: "Child"
    contender: str
    variant: str  # which of the ways to call it, empty if there is one
    bytes: int
    flops: float


HINDRANCES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "BLIS_ARCH_TYPE")  # what a shell may set for another machine


def unhindered(environment):
    return {name: value for name, value in environment.items() if name not in HINDRANCES}


class Child:
    def __init__(self, command, log, environment=None):
        """Starts `command`; what it prints besides its answers goes to the file `log`."""
        self.log, self.command = log, command
        self.shown = None  # if only some of the contenders take part: their names there -> those in the race
        with open(log, "w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                            env={**unhindered(os.environ), **(environment or {})})
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with contextlib.suppress(BrokenPipeError):  # it may have ended by itself
            self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.selector.close()
        self.process.stdout.close()

    def last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as text:
            lines = text.read().strip().splitlines()
        return lines[-1] if lines else f"ended with status {self.process.poll()}"

    def read(self, seconds):
        """The fields of the next answer."""
        end = time.monotonic() + seconds
        while b"\n" not in self.unread:
            if not self.selector.select(max(0.0, end - time.monotonic())):
                raise ChildFault(f"no answer within {seconds:.0f} s")
            part = os.read(self.process.stdout.fileno(), 1 << 16)
            if not part:
                self.process.wait()
                raise ChildFault(self.last_words())
            self.unread += part
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode().split("\t")

    def ask(self, *request, seconds=600):
        try:
            self.process.stdin.write(("\t".join(request) + "\n").encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            self.process.wait()
            raise ChildFault(self.last_words()) from None
        answer = self.read(seconds)
        if answer[0] in ("error", "wrong"):
            raise ChildFault(f"{'wrong result, ' if answer[0] == 'wrong' else ''}{' '.join(answer[1:])}")
        return answer

    def prepare(self, work):
        """The contenders of this child that are ready for `work`, having passed the gate."""
        answer = self.ask("prepare", work)
        if answer[0] == "absent":
            return []
        names = [field.partition("|") for field in answer[3:]]
        if self.shown is not None:
            names = [(self.shown[name], bar, variant) for name, bar, variant in names if name in self.shown]
        return [Entry(self, name, variant, int(answer[1]), float(answer[2])) for name, _, variant in names]

    def nanoseconds(self, work, contender):
        own = {shown: name for name, shown in (self.shown or {}).items()}
        return float(self.ask("run", work, own.get(contender, contender))[1])
