# SPDX-License-Identifier: Apache-2.0
"""What the race ran on: the processor, its caches, memory, system. No names of hosts, no paths."""
import os
import pathlib
import platform
import re


def processor(cpuinfo):
    match = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    family = re.search(r"^cpu family\s*:\s*(\d+)$", cpuinfo, re.MULTILINE)
    model = re.search(r"^model\s*:\s*(\d+)$", cpuinfo, re.MULTILINE)
    name = match.group(1).strip() if match else platform.machine()
    return f"{name} (family {family.group(1)}, model {model.group(1)})" if family and model else name


def vectors(cpuinfo):
    flags = re.search(r"^flags\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    known = set(flags.group(1).split()) if flags else set()
    return "AVX-512" if "avx512f" in known else "AVX2" if "avx2" in known else "no AVX2"


def has_wide_vectors():
    return vectors(pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")) == "AVX-512"


def caches(folder):
    """Such as "L1 data 48 KiB, L2 1 MiB, L3 32 MiB (shared by 2 processors)"."""
    texts = []
    for index in sorted(pathlib.Path(folder).glob("index*")):
        kind = (index / "type").read_text().strip()
        if kind == "Instruction":
            continue
        kibibytes = int((index / "size").read_text().strip().rstrip("K"))
        shared = processors_in((index / "shared_cpu_list").read_text().strip())
        size = f"{kibibytes} KiB" if kibibytes < 1024 else f"{kibibytes / 1024:g} MiB"
        level = (index / "level").read_text().strip()
        texts.append(f"L{level}{' data' if kind == 'Data' else ''} {size}"
                     + (f" (shared by {shared} processors)" if shared > 1 else ""))
    return ", ".join(texts) or "unknown"


def processors_in(ranges):
    """How many processors a list like 0-3,8 names."""
    ends = [[int(end) for end in part.split("-")] for part in ranges.split(",")]
    return sum(pair[-1] - pair[0] + 1 for pair in ends)


def system():
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        name = platform.system()
    return name


def huge_pages():
    try:
        text = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled").read_text(encoding="utf-8")
    except OSError:
        return "unknown"
    chosen = re.search(r"\[(\w+)\]", text)
    return chosen.group(1) if chosen else "unknown"


def describe(threads):
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    virtual = " hypervisor" in cpuinfo
    return {
        "processor": processor(cpuinfo) + (", virtual machine" if virtual else ""),
        "vectors": vectors(cpuinfo),
        "processors": f"{os.cpu_count()}, of which the race used {threads}",
        "caches": caches("/sys/devices/system/cpu/cpu0/cache"),
        "memory": f"{memory / 2**30:.0f} GiB, transparent huge pages: {huge_pages()}",
        "system": f"{system()}, Linux {platform.release().split('-')[0]}, Python {platform.python_version()}",
    }


def fields_of(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:  # the process has ended
        return []


class Usage:
    """Who takes the processors' time from now on: `processes`, others, or another virtual machine."""

    def __init__(self, processes):
        self.processes = [*processes, os.getpid()]
        self.start = self.look()

    def look(self):
        """Ticks since the start of the system: all, busy, stolen; and those of the processes."""
        with open("/proc/stat", encoding="utf-8") as text:
            ticks = [int(field) for field in text.readline().split()[1:9]]
        idle, stolen = ticks[3] + ticks[4], ticks[7]
        # Fields 14 and 15 of a process: user and system time; counted from behind its name.
        own = [fields_of(f"/proc/{process}/stat")[11:13] for process in self.processes]
        return sum(ticks), sum(ticks) - idle - stolen, stolen, sum(int(field) for pair in own for field in pair)

    def shares(self):
        """Of the processors' time: what other processes took, and what the machine did not get."""
        every, busy, stolen, own = (now - then for now, then in zip(self.look(), self.start))
        return max(0.0, busy - own) / max(1, every), stolen / max(1, every)
