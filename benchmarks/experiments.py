"""What an experiment and a run cost beside their races: `python benchmarks/experiments.py --races 100000 --workers 2`.

Races of the baseline are drawn over two numbers, stored, read back, hashed and gathered for analysis, as `ipsc-race
experiment` does it; then as many are run and kept whole, as `ipsc-race run` does it, with its files for readers and its
summary. Overhead is all that is spent beside the races, as a share of their seconds; writing shards stands alone too.
All are seconds of processors, so that a busy machine does not show; loading of rules, libraries and scenarios does not
count.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ipsc_race import ensemble
from ipsc_race_lab.analysis import responses
from ipsc_race_lab.commands import run
from ipsc_race_lab.design.finding import load_experiment
from ipsc_race_lab.execution import runner
from ipsc_race_lab.execution.cost import one_race
from ipsc_race_lab.metrics.questions import Answers
from ipsc_race_lab.results.run_folder import RunWriter
from ipsc_race_lab.results.shards import Shards

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
    for measure in (of_experiment, of_run):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), REPLICATIONS, 1)  # rules and libraries are loaded
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
    one = one_race(world, experiment.seed)
    rows_each = runner.chunk_rows(one.seconds if one else None)

    def work() -> None:
        shards.open({"kind": "experiment"})
        missing = runner.missing(experiment, shards.done(), rows_each)
        runner.conduct(missing, runner.Threads(racers, workers), shards.write, lambda: False)
        shards.value_hash()
        responses.gathered(experiment, shards, worlds)

    return {"kind": "experiment", "races": races, "workers": workers, **measured(work)}


def of_run(folder: Path, races: int, workers: int) -> dict[str, Any]:
    """What a run takes that draws no figures."""
    parser = argparse.ArgumentParser()
    run.configure(parser)
    words = ["baseline", "--runs", str(races), "--workers", str(workers), "--no-figures", "--out", str(folder / "out")]
    arguments = parser.parse_args(words)
    resolved, out = run.checked(arguments)
    return {"kind": "run", "races": races, "workers": workers, **measured(lambda: run.raced(resolved, out, arguments))}


PARTS = {  # what is done in one thread and in no other's time
    "races": (runner, "race_chunk"),
    "shards": (Shards, "write"),
    "files_for_readers": (RunWriter, "_flush"),
    "answers": (Answers, "add"),
    "analysis": (responses, "gather"),
}


def measured(work: Callable[[], object]) -> dict[str, Any]:
    """Processor seconds of some work and of its parts; shards, and all but races and answers, as shares of races."""
    seconds: Counter[str] = Counter()

    def timed(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def do(*given: Any) -> Any:
            started = time.thread_time()
            done = function(*given)
            seconds[part] += time.thread_time() - started
            return done

        return do

    with ExitStack() as patches:
        for part, (owner, name) in PARTS.items():
            patches.enter_context(patch.object(owner, name, timed(part, getattr(owner, name))))
        started = time.process_time()
        work()
        seconds["all"] = time.process_time() - started
    return {
        "seconds": {part: round(spent, 2) for part, spent in seconds.items()},
        "shards_share": round(seconds["shards"] / seconds["races"], 4),
        "store_and_scheduling_share": round(_beside(seconds) / seconds["races"] - 1, 4),
        "overhead_share": round(seconds["all"] / seconds["races"] - 1, 4),
    }


def _beside(seconds: Counter[str]) -> float:
    """Seconds of all but what makes answers of races."""
    return seconds["all"] - seconds["analysis"] - seconds["answers"] - seconds["files_for_readers"]


if __name__ == "__main__":
    main()
