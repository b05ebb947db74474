"""What an experiment and a run cost beside their races: `python benchmarks/experiments.py --races 100000 --workers 2`.

Races of the baseline are drawn over two numbers, stored, read back, hashed and gathered for analysis, as `ipsc-race
experiment` does it; then as many are run and kept whole, as `ipsc-race run` does it, with its files for readers and its
summary. Race seconds are those spent inside `race_chunk`, overhead is all that is spent besides, as a share of them.
All are seconds of processors, so that a busy machine does not show, and reading of scenarios does not count.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ipsc_race import ensemble
from ipsc_race.loading import load
from ipsc_race_lab.analysis.responses import gathered
from ipsc_race_lab.commands import run
from ipsc_race_lab.design.finding import load_experiment
from ipsc_race_lab.execution import runner
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
    """Race, measure, print a line of JSON for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--races", type=int, default=400)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    ensemble.warm(print)
    ensemble.Racer(load("baseline"), 1).race(0)  # the rules are loaded
    for measure in (of_experiment, of_run):
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(measure(Path(folder), arguments.races, arguments.workers)), flush=True)


def of_experiment(folder: Path, races: int, workers: int) -> dict[str, Any]:
    """What an experiment takes."""
    file = folder / "cost.yaml"
    file.write_text(FILE.format(points=races // REPLICATIONS, replications=REPLICATIONS), encoding="utf-8")
    experiment = load_experiment(file)
    worlds = experiment.worlds()
    (world,) = worlds.values()
    shards = Shards(folder / "out", experiment.kin, list(world.blocs))
    racers = runner.racers(experiment, worlds)

    def work() -> None:
        shards.open({"kind": "experiment"})
        missing = runner.missing(experiment, shards.done())
        runner.conduct(missing, runner.Threads(racers, workers), shards.write, lambda: False)
        shards.value_hash()
        gathered(experiment, shards, worlds)

    return {"kind": "experiment", "races": races, "workers": workers, **measured(work)}


def of_run(folder: Path, races: int, workers: int) -> dict[str, Any]:
    """What a run takes that draws no figures."""
    parser = argparse.ArgumentParser()
    run.configure(parser)
    words = ["baseline", "--runs", str(races), "--workers", str(workers), "--no-figures", "--out", str(folder / "out")]
    arguments = parser.parse_args(words)
    resolved, out = run.checked(arguments)
    return {"kind": "run", "races": races, "workers": workers, **measured(lambda: run.raced(resolved, out, arguments))}


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Processor seconds of some work and of the races in it, and what follows from them."""
    racing: list[float] = []
    race_chunk = runner.race_chunk

    def timed(racer: ensemble.Racer, chunk: runner.Chunk) -> Rows:
        started = time.thread_time()
        rows = race_chunk(racer, chunk)
        racing.append(time.thread_time() - started)
        return rows

    with patch.object(runner, "race_chunk", timed):
        started = time.process_time()
        work()
        seconds = time.process_time() - started
    races = sum(racing)
    return {
        "chunks": len(racing),
        "seconds": round(seconds, 2),
        "race_seconds": round(races, 2),
        "overhead_share": round(seconds / races - 1, 4),
    }


if __name__ == "__main__":
    main()
