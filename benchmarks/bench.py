"""`make bench`: what the model costs, side by side with the plain Mesa host, in one run; nothing here is asserted.

Every line is measured now, on this machine: races with different luck, medians. The plain host runs the very same rules
on ordinary Mesa agents (NUMBA_DISABLE_JIT=1) in a process of its own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMPILED_RACES, PLAIN_RACES, MEMORY_RACES, EXPERIMENT_RACES = 40, 5, 1000, 300
IPSC_RACE = [sys.executable, "-m", "ipsc_race_lab.cli"]

RACES = """
import sys, time
from ipsc_race.loading import load
from ipsc_race.ensemble import run_races, value_hash
races = run_races(load(sys.argv[2]), 1 + int(sys.argv[1]), seed=7)
next(races)  # compile, or import Mesa
while True:
    start = time.perf_counter()
    if not (result := next(races, None)):
        break
    print(time.perf_counter() - start, value_hash([result.digest])[:16])
"""

DRAWS = """
import time
import numpy as np
from ipsc_race.draws import uniform
from ipsc_race.host import njit
@njit
def ours(key, count):
    total = 0.0
    for i in range(count):
        total += uniform(key, 8, i, 0, 0)
    return total
def generators(count):
    for i in range(count):
        np.random.Generator(np.random.Philox(key=7, counter=[8, i, 0, 0])).random()
sequence = np.random.Generator(np.random.Philox(7))
ours(np.uint64(7), 1)
buffer = np.ones(10**6)  # already in memory
for draw, count in ((lambda n: ours(np.uint64(7), n), 10**6), (lambda n: sequence.random(out=buffer), 10**6),
                    (generators, 10**4)):
    start = time.perf_counter()
    draw(count)
    print((time.perf_counter() - start) / count * 1e9)
"""

MEASURE = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, capture_output=True)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def told(code: str, *arguments: str, **environment: str) -> str:
    """What a snippet prints in a process of its own."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True).stdout


def races(count: int, world: str = "baseline", **environment: str) -> tuple[list[float], list[str]]:
    """Seconds and value hashes of races of a world, each with luck of its own, in a process of their own."""
    rows = [line.split() for line in told(RACES, str(count), world, **environment).splitlines()]
    return [float(seconds) for seconds, _ in rows], [digest for _, digest in rows]


def experiment(workers: int) -> dict[str, float]:
    """What an experiment of a few hundred races takes; see `experiments.py`, which also does a hundred thousand."""
    script = Path(__file__).with_name("experiments.py")
    command = [sys.executable, str(script), "--races", str(EXPERIMENT_RACES), "--workers", str(workers)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    measures: dict[str, float] = json.loads(answer.splitlines()[-1])
    return measures


def seconds(command: list[str], **environment: str) -> float:
    """Wall time of a command."""
    start = time.perf_counter()
    subprocess.run(command, env=os.environ | environment, capture_output=True, check=True)
    return time.perf_counter() - start


def median_seconds(command: list[str], times: int = 5) -> float:
    """Median wall time of a command."""
    return statistics.median(seconds(command) for _ in range(times))


def tell(what: str, value: str) -> None:
    """One line of the table."""
    print(f"{what:<64}{value:>16}", flush=True)


def main() -> None:
    """Measure and print."""
    compiled, hashes = races(COMPILED_RACES)
    plain, plain_hashes = races(PLAIN_RACES, NUMBA_DISABLE_JIT="1")
    ours, theirs = statistics.median(compiled), statistics.median(plain)
    tell("one baseline race, compiled rules (median)", f"{ours * 1e3:.1f} ms")
    tell("one baseline race, plain Mesa agents (median)", f"{theirs * 1e3:.0f} ms")
    tell("plain / compiled", f"{theirs / ours:.0f}")
    tell("same values in both hosts", "yes" if hashes[:PLAIN_RACES] == plain_hashes else "NO")
    before = statistics.median(races(COMPILED_RACES, "first-version")[0])
    tell("one race without the later mechanisms (median)", f"{before * 1e3:.1f} ms")
    tell("with the mechanisms / without", f"{ours / before:.2f}")

    one, two = zip(*((experiment(1), experiment(2)) for _ in range(3)), strict=True)
    faster = statistics.median(b["races_per_second"] / a["races_per_second"] for a, b in zip(one, two, strict=True))
    overhead = statistics.median(a["overhead_share"] for a in one)
    tell(f"experiment of {EXPERIMENT_RACES} races, two workers / one (median)", f"{faster:.2f}")
    tell("its store and scheduling beside the races themselves (median)", f"{overhead:.1%}")
    kinds = ("ours", "NumPy Philox, in sequence", "NumPy Philox, a generator a draw")
    for what, nanoseconds in zip(kinds, told(DRAWS).split(), strict=True):
        tell(f"one uniform number: {what}", f"{float(nanoseconds):.1f} ns")

    with tempfile.TemporaryDirectory() as cache:
        warm = [*IPSC_RACE, "warm"]
        tell("first compile of the rules", f"{seconds(warm, XDG_CACHE_HOME=cache):.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        run = [*IPSC_RACE, "run", "baseline", "--runs", str(MEMORY_RACES), "--out", str(Path(folder) / "result")]
        took, peak = measured(run)
    tell(f"ipsc-race run baseline, {MEMORY_RACES:,} races, figures included", f"{took:.1f} s")
    tell("its peak memory", f"{peak / 1024:.0f} MB")
    tell("ipsc-race --help (median)", f"{median_seconds([*IPSC_RACE, '--help']) * 1e3:.0f} ms")
    tell("ipsc-race check baseline (median)", f"{median_seconds([*IPSC_RACE, 'check', 'baseline']) * 1e3:.0f} ms")


def measured(command: list[str]) -> tuple[float, int]:
    """Wall time and peak memory (KiB) of a command, measured by a process that has no other child."""
    took, peak = told(MEASURE, *command).split()
    return float(took), int(peak)


if __name__ == "__main__":
    main()
