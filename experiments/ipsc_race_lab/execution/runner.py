"""Conducting an experiment: which rows are missing, in what chunks, and who races them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ipsc_race.ensemble import Racer, RaceResult
from ipsc_race.varying import locate
from ipsc_race.world import EVENT, MONTHLY
from ipsc_race_lab.results.shards import MAX_RUNS, Array, Rows

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.design.experiment import Points


CHUNK_ROWS = 32  # at least, of which only outcomes are kept
CHUNK_SECONDS = 2.0  # of one core: storing and reading a chunk are a hundredth of it, and no more is lost with it
WHOLE_SECONDS = 0.2  # where whole races are kept, which fill memory
AHEAD = 2  # chunks under way for each worker, so that none waits for the storing of another


@dataclass(frozen=True)
class Chunk:
    """Rows of one world that are raced together; `keeps_races`: whole, and not only what they came to."""

    world: tuple[str, ...]
    points: Array
    values: Array
    runs: Array
    keeps_races: bool = False


class Table(Protocol):
    """Rows to be raced: an experiment, or a wave of a calibration."""

    @property
    def name(self) -> str:
        """What the races are told as."""

    @property
    def kin(self) -> str:
        """Hash of what decides each single race."""

    @property
    def seed(self) -> int:
        """The key of all races."""

    def paths_of(self, key: tuple[str, ...], /) -> tuple[str, ...]:
        """The paths that the points of a world write numbers to."""

    @property
    def points(self) -> Points:
        """The points, each raced so many times."""

    @property
    def replications(self) -> int:
        """Races of each point."""

    @property
    def keeps_races(self) -> bool:
        """Whether whole races are kept."""


class Racing(Protocol):
    """Who races rows: a `Racer`, or one that keeps other numbers of each race than its outcomes."""

    @property
    def form(self) -> np.dtype[Any]:
        """The record of what is kept."""

    @property
    def records(self) -> int:
        """How many of them a race has."""

    def outcomes(self, values: Array, runs: Array) -> Array:
        """As `Racer.outcomes`, shape (rows, records)."""


class Executor(Protocol):
    """Who races chunks: gives them back as they end, in any order, a few under way at a time."""

    def race(self, chunks: Iterator[Chunk]) -> Iterator[Rows]:
        """Race all chunks. Closed early, it finishes what is under way and forgets the rest."""


def missing(experiment: Table, done: Array, chunk_rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """The rows that are not there yet, world by world, in chunks; `done` holds the keys of those that are."""
    points = experiment.points
    for number in range(len(points.worlds)):
        waiting: list[tuple[int, Array]] = []  # points, and the runs that they lack
        count = 0
        for i in np.flatnonzero(points.world_of == number):
            runs = _runs_missing(int(points.ids[i]), int(points.first_runs[i]), experiment.replications, done)
            while len(runs):
                taken, runs = runs[: chunk_rows - count], runs[chunk_rows - count :]
                waiting.append((int(i), taken))
                count += len(taken)
                if count == chunk_rows:
                    yield _chunk(experiment, number, waiting)
                    waiting, count = [], 0
        if waiting:
            yield _chunk(experiment, number, waiting)


def raced(experiment: Table, done: Array) -> int:
    """How many of the rows asked for are there already."""
    points = experiment.points
    first = points.ids * MAX_RUNS + points.first_runs
    low, high = np.searchsorted(done, first), np.searchsorted(done, first + experiment.replications)
    return int((high - low).sum())


def _runs_missing(number: int, first_run: int, replications: int, done: Array) -> Array:
    """The runs of a point that are not there yet."""
    first = number * MAX_RUNS
    low, high = np.searchsorted(done, [first, first + MAX_RUNS])
    return np.setdiff1d(first_run + np.arange(replications), done[low:high] - first, assume_unique=True)


def _chunk(experiment: Table, world: int, rows: Sequence[tuple[int, Array]]) -> Chunk:
    """Rows of the world at a place, together."""
    points = experiment.points
    at = np.repeat(np.array([i for i, _ in rows], np.intp), [len(runs) for _, runs in rows])
    runs = np.concatenate([runs for _, runs in rows])
    values = points.written(world, at)
    return Chunk(points.worlds[world], points.ids[at], values, runs, experiment.keeps_races)


def race_chunk(racer: Racing, chunk: Chunk) -> Rows:
    """Race a chunk; a row that cannot be raced is kept with its reason and loses no other."""
    if chunk.keeps_races:
        assert isinstance(racer, Racer)
        return _whole_races(racer, chunk)
    try:
        outcomes = racer.outcomes(chunk.values, chunk.runs)
        return Rows(chunk.points, chunk.runs, outcomes, ("",) * len(chunk.runs))
    except OverflowError:
        return _row_by_row(racer, chunk)


def _row_by_row(racer: Racing, chunk: Chunk) -> Rows:
    outcomes = np.zeros((len(chunk.runs), racer.records), racer.form)
    reasons = []
    for row in range(len(chunk.runs)):
        one = slice(row, row + 1)
        try:
            outcomes[one] = racer.outcomes(chunk.values[one], chunk.runs[one])
            reasons.append("")
        except OverflowError as error:
            outcomes[row] = _nothing(racer)
            reasons.append(str(error))
    return Rows(chunk.points, chunk.runs, outcomes, tuple(reasons))


def _whole_races(racer: Racer, chunk: Chunk) -> Rows:
    races, reasons = [], []
    for run, values in zip(chunk.runs.tolist(), chunk.values, strict=True):
        try:
            races.append(racer.race(run, values))
            reasons.append("")
        except OverflowError as error:
            races.append(RaceResult(run, np.zeros(0, EVENT), np.zeros((0, 1), MONTHLY), _nothing(racer)))
            reasons.append(str(error))
    outcomes = np.stack([race.outcomes for race in races])
    return Rows(chunk.points, chunk.runs, outcomes, tuple(reasons), tuple(races))


def _nothing(racer: Racing) -> Array:
    """Outcomes of a race that failed: not numbers."""
    outcomes = np.zeros(racer.records, racer.form)
    for name in racer.form.names or ():
        outcomes[name] = np.nan
    return outcomes


def chunk_rows(race_seconds: float | None, keeps_races: bool = False) -> int:
    """How many rows make a chunk that is worth its starting and storing, judged by the time of one race.

    No result depends on it. Where none could be timed it is the least, also on the plain host: one of its races is
    seconds.
    """
    least, seconds = (1, WHOLE_SECONDS) if keeps_races else (CHUNK_ROWS, CHUNK_SECONDS)
    return max(least, math.ceil(seconds / race_seconds)) if race_seconds else least


def racers(experiment: Table, worlds: Mapping[tuple[str, ...], Resolved]) -> dict[tuple[str, ...], Racer]:
    """A racer for each world of an experiment."""
    return {
        key: Racer(world, experiment.seed, locate(world, experiment.paths_of(key))) for key, world in worlds.items()
    }


class Threads:
    """Races chunks on threads of this process: the compiled races let each other run."""

    def __init__(self, racers_of: Mapping[tuple[str, ...], Racing], workers: int) -> None:
        self._racers, self._workers = racers_of, workers

    def race(self, chunks: Iterator[Chunk]) -> Iterator[Rows]:
        """As `Executor.race`."""
        with ThreadPoolExecutor(self._workers) as pool:
            under_way: set[Future[Rows]] = set()
            try:
                for chunk in chunks:
                    under_way.add(pool.submit(race_chunk, self._racers[chunk.world], chunk))
                    while len(under_way) >= AHEAD * self._workers:
                        ended, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                        yield from (future.result() for future in ended)
                while under_way:
                    ended, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in ended)
            finally:
                for future in under_way:
                    future.cancel()


def conduct(
    chunks: Iterator[Chunk], executor: Executor, keep: Callable[[Rows], None], stop: Callable[[], bool]
) -> None:
    """Race chunks and keep their rows, until all are there or `stop` says so: what is under way is still kept."""
    asked = False

    def until_stopped() -> Iterator[Chunk]:
        for chunk in chunks:
            if asked or stop():
                return
            yield chunk

    for rows in executor.race(until_stopped()):
        keep(rows)
        asked = asked or stop()
