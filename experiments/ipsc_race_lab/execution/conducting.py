"""The one way in which races come into a result: what its folder lacks is raced, by threads here or by a cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ipsc_race import ensemble
from ipsc_race.plain_text import plain_text
from ipsc_race_lab.design import designs
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.execution import runner
from ipsc_race_lab.execution.cost import one_race
from ipsc_race_lab.execution.interrupts import Interrupts
from ipsc_race_lab.progress import say, track
from ipsc_race_lab.results.files import file_digest
from ipsc_race_lab.results.folder import COMPLETE, FILES, clear, held
from ipsc_race_lab.results.provenance import provenance
from ipsc_race_lab.results.shards import Shards

if TYPE_CHECKING:
    from pathlib import Path

    from ipsc_race.ensemble import Racer
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.design.experiment import Experiment
    from ipsc_race_lab.execution.runner import Executor, Table
    from ipsc_race_lab.results.shards import Rows

Worlds = Mapping[tuple[str, ...], "Resolved"]


@dataclass(frozen=True)
class Workplace:
    """Who races: so many threads of this machine, or the workers of a scheduler; so many rows together, if said."""

    workers: int
    scheduler: str | None = None
    chunk_rows: int | None = None


class Asked(Protocol):
    """What a folder is the result of: an experiment, or a calibration."""

    @property
    def kin(self) -> str:
        """Hash of what decides each single race."""


@dataclass
class Study[T: Asked]:
    """An experiment at work in a folder that is ours: its worlds, its rows, and what the manifest says of it."""

    experiment: T
    worlds: Worlds
    shards: Shards
    facts: dict[str, Any]
    interrupts: Interrupts
    is_complete: bool = False

    def race[U: Table](self: Study[U], workplace: Workplace, keep: Callable[[Rows], object] | None = None) -> bool:
        """Race the rows that are missing and keep them, by default as shards; whether it went to the end."""
        racers = runner.racers(self.experiment, self.worlds)
        rows_each = workplace.chunk_rows or partial(_judged, self)
        return self.race_table(self.experiment, executor(workplace, racers), rows_each, keep)

    def race_table(
        self,
        table: Table,
        racing: AbstractContextManager[Executor],
        chunk_rows: int | Callable[[], int],
        keep: Callable[[Rows], object] | None = None,
    ) -> bool:
        """Race the rows of a table that are missing; `racing` holds those who do."""
        wanted = len(table.points.ids) * table.replications
        left = wanted - runner.raced(table, self.shards.done())
        if left < wanted:
            say(f"{wanted - left:,} of {wanted:,} races are in {self.shards.folder} already")
        if not left:
            return True
        ensemble.warm(say)
        started = time.monotonic()
        with self.interrupts.held():
            rows_each = chunk_rows if isinstance(chunk_rows, int) else chunk_rows()
            missing = runner.missing(table, self.shards.done(), rows_each)
            with racing as racers, track(table.name, left) as advance:

                def kept(rows: Rows) -> None:
                    (keep or self.shards.write)(rows)
                    for _ in rows.reasons:
                        advance()

                runner.conduct(missing, racers, kept, lambda: self.interrupts.asked)
        self.facts["seconds"] = round(self.facts.get("seconds", 0) + time.monotonic() - started, 3)
        return not self.interrupts.asked

    def complete(self, value_hash: str) -> None:
        """Say in the manifest that all is there."""
        folder = self.shards.folder
        digests = {name: file_digest(folder / name) for name in FILES[1:] if (folder / name).exists()}
        self.shards.write_manifest({"status": COMPLETE, **self.facts, "value_hash": value_hash, "files": digests})
        self.is_complete = True


@contextmanager
def at_work[T: Asked](
    experiment: T,
    worlds: Worlds,
    folder: Path,
    facts: Mapping[str, Any],
    *,
    force: bool = False,
    blocs: Sequence[str] = (),
) -> Iterator[Study[T]]:
    """The folder of an experiment, ours until the end of the block; its manifest says how that came.

    With `force` an earlier result there is removed first. `blocs` name the records that a row has, by default the
    blocs of the worlds. Raises LabError where the folder is in use, holds something else or cannot
    be written.
    """
    with held(folder):
        if force:
            clear(folder)
        shards = Shards(folder, experiment.kin, blocs or list(next(iter(worlds.values())).blocs))
        manifest = {**facts, **provenance()}
        shards.open(manifest)
        for line in shards.set_aside:
            say(line)
        with Interrupts() as interrupts:
            study = Study(experiment, worlds, shards, manifest, interrupts)
            try:
                yield study
            finally:
                if not study.is_complete:
                    with suppress(LabError):  # of a full disk the first sentence is enough
                        shards.write_manifest({"status": "interrupted", **study.facts})


def _judged[U: Table](study: Study[U]) -> int:
    """How many rows make a chunk, by the time of one race; a race that takes long is told."""
    table = study.experiment
    one = one_race(next(iter(study.worlds.values())), table.seed)
    if one and one.note:
        say(plain_text(f"note: {table.name}: {one.note}"))
    return runner.chunk_rows(one.seconds if one and not one.failure else None, table.keeps_races)


def executor(workplace: Workplace, racers: Mapping[tuple[str, ...], Racer]) -> AbstractContextManager[Executor]:
    """Threads of this machine, or the workers of a scheduler."""
    if workplace.scheduler:
        from ipsc_race_lab.execution.cluster import Cluster

        return Cluster(workplace.scheduler, racers)
    return nullcontext(runner.Threads(racers, workplace.workers))


def experiment_facts(experiment: Experiment) -> dict[str, Any]:
    """What the manifest says of an experiment."""
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
