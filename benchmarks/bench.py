"""`make bench`: what the model costs, beside its peers, in one run; writes `benchmarks/results.md`, asserts nothing.

Every number is measured now, on this machine. `peers.py`, `reduced.py` and `scaling.py` hold the parts, `timing.py` how
they measure; `rules.py` tells one rule of the month from another, `experiments.py` what a store costs.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import peers
import reduced
import scaling
from timing import machine

from ipsc_race import ensemble

RESULTS = Path(__file__).with_name("results.md")
EXPERIMENT_RACES = 300
IPSC_RACE = [sys.executable, "-m", "ipsc_race_lab.cli"]
HEAD = f"""# What the model costs

Written by `make bench`. Times are CPU time of the process that races, unless "wall" is said; ways that are compared
were measured turn by turn, each turn with luck of its own. Machine: {machine()}.
"""
COMPILE = """
import time
from ipsc_race import ensemble
start = time.process_time()
ensemble.compile_rules()
print(time.process_time() - start)
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
    start = time.process_time()
    draw(count)
    print((time.process_time() - start) / count * 1e9)
"""


def answer(*arguments: str, **environment: str) -> str:
    """What Python prints in a process of its own."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True).stdout


def around() -> Iterator[str]:
    """What comes on top of the races: compiling, storing, drawing, starting a command."""
    yield "| beside the races | |"
    yield "|---|---|"
    with tempfile.TemporaryDirectory() as cache:
        yield f"| first compile of the rules | {float(answer('-c', COMPILE, XDG_CACHE_HOME=cache)):.1f} s of CPU |"
    script = str(Path(__file__).with_name("experiments.py"))
    lines = answer(script, "--races", str(EXPERIMENT_RACES)).splitlines()
    for stored in map(json.loads, lines[-2:]):
        of = f"of {EXPERIMENT_RACES} races of {'a run' if stored['kind'] == 'run' else 'an experiment'}, over the races"
        yield f"| storing and scheduling {of} | {stored['store_and_scheduling_share']:.1%} |"
        yield f"| all that is done beside them, {of} | {stored['overhead_share']:.1%} |"
    kinds = ("ours", "NumPy Philox, in sequence", "NumPy Philox, a generator a draw")
    for what, nanoseconds in zip(kinds, answer("-c", DRAWS).split(), strict=True):
        yield f"| one uniform number: {what} | {float(nanoseconds):.1f} ns |"
    for words in (["--help"], ["check", "baseline"]):
        yield f"| `ipsc-race {' '.join(words)}`, wall, median | {median_seconds([*IPSC_RACE, *words]) * 1e3:.0f} ms |"


def median_seconds(command: list[str], times: int = 5) -> float:
    """Median wall time of a command."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        took.append(time.perf_counter() - start)
    return statistics.median(took)


PARTS = {
    "The same race by other tools": peers.lines,
    "A reduced world, in other languages": reduced.lines,
    "Longer and shorter races": scaling.by_months,
    "More and less trade": scaling.by_trade,
    "More and fewer jurisdictions": scaling.by_jurisdictions,
    "Workers and memory": scaling.by_workers,
    "A large design": scaling.saltelli,
    "Beside the races": around,
}


def main() -> None:
    """Measure, print as it comes, and write."""
    ensemble.warm(print)
    text = HEAD
    for title, part in PARTS.items():
        print(f"## {title}", flush=True)
        text += f"\n## {title}\n\n"
        for line in part():
            print(line, flush=True)
            text += f"{line}\n"
        RESULTS.write_text(text, encoding="utf-8")  # what is measured stays, should it be interrupted


if __name__ == "__main__":
    main()
