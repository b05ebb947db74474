"""What an experiment costs beside its races: `python benchmarks/experiments.py --races 100000 --workers 2`.

Races of the baseline are drawn over two numbers, stored, read back, hashed and gathered for analysis, as `ipsc-race
experiment` does it. Kernel seconds are those spent inside `race_chunk`, summed over workers; overhead is what the
workers could have raced besides, as a share of that: `(wall x workers - kernel) / kernel`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from pathlib import Path

from ipsc_race import ensemble
from ipsc_race_lab.analysis.responses import gathered
from ipsc_race_lab.design.finding import load_experiment
from ipsc_race_lab.execution import runner as conduct
from ipsc_race_lab.results.shards import Rows, Shards

FILE = """
title: Cost of an experiment
scenario: baseline
factors:
  capital: {{path: jurisdictions.china.funding.capital_multiplier}}
  accrual: {{path: jurisdictions.china.sites.accrual_patients_per_site_month}}
design: {{kind: monte_carlo, points: {points}}}
replications: {replications}
seed: 5
"""
REPLICATIONS = 20


def main() -> None:
    """Race, measure, print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--races", type=int, default=400)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    ensemble.warm(print)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(Path(folder), arguments.races, arguments.workers)))


def measured(folder: Path, races: int, workers: int) -> dict[str, float]:
    """Seconds of the whole and of the races alone, and what follows from them."""
    file = folder / "cost.yaml"
    file.write_text(FILE.format(points=races // REPLICATIONS, replications=REPLICATIONS), encoding="utf-8")
    experiment = load_experiment(file)
    worlds = experiment.worlds()
    (world,) = worlds.values()
    shards = Shards(folder / "out", experiment.kin, list(world.blocs))
    racers = conduct.racers(experiment, worlds)
    next(iter(racers.values())).race(0, [0.125, 0.35])  # the rules are loaded
    kernel, chunks, lock = 0.0, 0, threading.Lock()
    race_chunk = conduct.race_chunk

    def timed(racer: ensemble.Racer, chunk: conduct.Chunk) -> Rows:
        nonlocal kernel, chunks
        started = time.perf_counter()
        rows = race_chunk(racer, chunk)
        with lock:
            kernel += time.perf_counter() - started
            chunks += 1
        return rows

    conduct.race_chunk = timed
    started = time.perf_counter()
    shards.open({"kind": "experiment"})
    missing = conduct.missing(experiment, shards.done())
    conduct.conduct(missing, conduct.Threads(racers, workers), shards.write, lambda: False)
    raced = time.perf_counter()
    shards.value_hash()
    gathered(experiment, shards, worlds)
    wall = time.perf_counter() - started
    return {
        "races": races,
        "workers": workers,
        "chunks": chunks,
        "wall_seconds": round(wall, 2),
        "reading_seconds": round(time.perf_counter() - raced, 2),
        "kernel_seconds": round(kernel, 2),
        "overhead_share": round((wall * workers - kernel) / kernel, 4),
        "races_per_second": round(races / wall, 2),
    }


if __name__ == "__main__":
    main()
