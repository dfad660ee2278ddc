"""What the machine was doing while we measured: load, disk, processor time of our processes."""

from __future__ import annotations

import os
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile

TICKS = os.sysconf("SC_CLK_TCK")
BLOCK = bytes(8192)
PROBES = 60
PACKAGES = ("flask", "granian", "sqlalchemy", "psycopg", "rq", "boto3")


def describe() -> str:
    """Answer the machine and the versions on two lines."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{os.cpu_count()} x {model}, Python {platform.python_version()}\n{versions}"


def load() -> float:
    """Answer the load of the last minute."""
    return os.getloadavg()[0]


def flush_micros(folder: Path) -> tuple[float, float]:
    """Answer how long the folder's disk takes to keep 8 KiB: p50 and p95 in microseconds."""
    times = []
    with TemporaryFile(dir=folder) as file:
        for number in range(PROBES):
            began = time.perf_counter()
            os.pwrite(file.fileno(), BLOCK, number * len(BLOCK))
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1e6)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def cpu_seconds(pid: int) -> float:
    """Answer the processor time of a process, its children, and children already ended."""
    parents, spent = {}, {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            text = (folder / "stat").read_text(encoding="utf-8")
        except OSError:
            continue  # it ended while we looked
        fields = text.rpartition(")")[2].split()
        parents[int(folder.name)] = int(fields[1])
        spent[int(folder.name)] = sum(map(int, fields[11:15])) / TICKS
    return sum(seconds for one, seconds in spent.items() if _descends(one, pid, parents))


def _descends(one: int, ancestor: int, parents: dict[int, int]) -> bool:
    while one != ancestor and one in parents:
        one = parents[one]
    return one == ancestor
