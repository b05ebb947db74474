"""The one way in which an experiment is raced: what its folder lacks, by threads of this machine or by a cluster."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ipsc_race import ensemble
from ipsc_race_lab.design import designs
from ipsc_race_lab.execution import runner
from ipsc_race_lab.execution.interrupts import Interrupts
from ipsc_race_lab.progress import say, track
from ipsc_race_lab.results.shards import Shards, provenance

if TYPE_CHECKING:
    from pathlib import Path

    from ipsc_race.ensemble import Racer
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.design.experiment import Experiment
    from ipsc_race_lab.execution.runner import Executor
    from ipsc_race_lab.results.shards import Rows


@dataclass(frozen=True)
class Workplace:
    """Who races: so many threads of this machine, or the workers of a scheduler; so many rows together, if said."""

    workers: int
    scheduler: str | None = None
    chunk_rows: int | None = None


@dataclass(frozen=True)
class Conducted:
    """What has been raced: the folder's rows, the worlds, what the manifest says, and whether all is there."""

    shards: Shards
    worlds: Mapping[tuple[str, ...], Resolved]
    facts: Mapping[str, Any]
    is_whole: bool


def conduct(experiment: Experiment, folder: Path, workplace: Workplace) -> Conducted:
    """Race what is missing in the folder. Raises LabError where it holds something else or cannot be written."""
    worlds = experiment.worlds()
    shards = Shards(folder, experiment.kin, list(next(iter(worlds.values())).blocs))
    facts = {**_facts(experiment), **provenance()}
    shards.open(facts)
    ensemble.warm(say)
    started = time.monotonic()
    is_whole = _race(experiment, shards, worlds, workplace)
    return Conducted(shards, worlds, {**facts, "seconds": round(time.monotonic() - started, 3)}, is_whole)


def _race(
    experiment: Experiment, shards: Shards, worlds: Mapping[tuple[str, ...], Resolved], workplace: Workplace
) -> bool:
    """Race the rows that are missing; whether it went to the end."""
    done = shards.done()
    wanted = len(experiment.points.ids) * experiment.replications
    left = wanted - runner.raced(experiment, done)
    if left < wanted:
        say(f"{wanted - left:,} of {wanted:,} races are in {shards.folder} already")
    racers = runner.racers(experiment, worlds)
    chunk_rows = workplace.chunk_rows or runner.chunk_rows(racers)
    with (
        executor(workplace, racers) as racing,
        Interrupts(twice_stops=True) as interrupts,
        track(experiment.name, max(left, 1)) as advance,
        suppress(KeyboardInterrupt),  # a second Ctrl-C: rows are kept whole or not at all
    ):

        def keep(rows: Rows) -> None:
            shards.write(rows)
            for _ in rows.reasons:
                advance()

        def stop() -> bool:
            return interrupts.asked

        runner.conduct(runner.missing(experiment, done, chunk_rows), racing, keep, stop)
    return not interrupts.asked


def executor(workplace: Workplace, racers: Mapping[tuple[str, ...], Racer]) -> AbstractContextManager[Executor]:
    """Threads of this machine, or the workers of a scheduler."""
    if workplace.scheduler:
        from ipsc_race_lab.execution.cluster import Cluster

        return Cluster(workplace.scheduler, racers)
    return nullcontext(runner.Threads(racers, workplace.workers))


def _facts(experiment: Experiment) -> dict[str, Any]:
    """What the manifest says of the experiment."""
    return {
        "experiment": experiment.name,
        "experiment_hash": experiment.hash,
        "scenario_hashes": dict(zip(experiment.scenarios, experiment.scenario_hashes, strict=True)),
        "factors": [factor.name for factor in experiment.factors],
        "points": designs.size(experiment.design, experiment.factors),
        "replications": experiment.replications,
        "set": experiment.fixed,
        "seed": experiment.seed,
        "pair": experiment.pair,
    }
