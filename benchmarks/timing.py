"""How the benchmarks measure: CPU seconds, ways turn by turn, each turn with luck of its own; median and quartiles."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

Times = list[float]


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of this process: another's work beside it lengthens the wait, and these only a little."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def interleaved(ways: Mapping[str, Callable[[int], float]], turns: int) -> dict[str, Times]:
    """Seconds of each way by turn; every way takes each turn right after the others, so all meet the same weather."""
    seconds: dict[str, Times] = {name: [] for name in ways}
    for turn in range(turns):
        for name, measure in ways.items():
            seconds[name].append(measure(turn))
    return seconds


def ratio(one: Times, other: Times) -> float:
    """Median over turns of one over the other."""
    return statistics.median(a / b for a, b in zip(one, other, strict=True))


def told(seconds: Times, digits: int = 1) -> str:
    """Median and quartiles, in milliseconds."""
    low, middle, high = (1e3 * quantile for quantile in statistics.quantiles(seconds, n=4))
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


class Helper:
    """A process that reads a line and answers with one; it has its own peak of memory and its own host of the rules."""

    def __init__(self, code: str, **environment: str) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, line: object) -> list[str]:
        """Words of the answer."""
        assert self._process.stdin
        assert self._process.stdout
        print(line, file=self._process.stdin, flush=True)
        return self._process.stdout.readline().split()

    def end(self) -> None:
        """Let it end."""
        self._process.communicate()


def machine() -> str:
    """What it was measured on, without names of hosts or users."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "mesa"))
    return (
        f"{model} ({platform.machine()}), {os.cpu_count()} processors, {memory:.0f} GiB of memory, "
        f"{platform.system()}, Python {platform.python_version()}, {libraries}; others' work kept "
        f"{os.getloadavg()[0]:.1f} processors busy when it began"
    )
