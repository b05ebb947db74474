"""Conducting an experiment: which rows are missing, in what chunks, and who races them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ipsc_race.ensemble import Racer
from ipsc_race.rules.summary import OUTCOME
from ipsc_race.varying import locate
from ipsc_race_lab.designs import MOST_POINTS, design_points
from ipsc_race_lab.shards import Array, Rows

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.experiment import Experiment

CHUNK_ROWS = 32  # most of a second on one core: starting and storing a chunk is small beside it
AHEAD = 2  # chunks under way for each worker, so that none waits for the storing of another


@dataclass(frozen=True)
class Chunk:
    """Rows of one world that are raced together."""

    world: tuple[str, ...]
    points: Array
    values: Array
    runs: Array


class Executor(Protocol):
    """Who races chunks: gives them back as they end, in any order, a few under way at a time."""

    def race(self, chunks: Iterator[Chunk]) -> Iterator[Rows]:
        """Race all chunks. Closed early, it finishes what is under way and forgets the rest."""


def point_ids(experiment: Experiment) -> list[int]:
    """A number for each of `design_points`, by scenario and place in the design: more points leave it as it is."""
    order = {scenario: number for number, scenario in enumerate(experiment.scenarios)}
    return [order[point.world[0]] * MOST_POINTS + point.index for point in design_points(experiment)]


def missing(experiment: Experiment, done: set[tuple[int, int]], chunk_rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """The rows that are not there yet, world by world, in chunks."""
    by_world: dict[tuple[str, ...], list[tuple[int, tuple[float, ...], int]]] = {}
    for point, number in zip(design_points(experiment), point_ids(experiment), strict=True):
        waiting = by_world.setdefault(point.world, [])
        waiting += [(number, point.numbers, run) for run in range(experiment.replications) if (number, run) not in done]
    for world, rows in by_world.items():
        for start in range(0, len(rows), chunk_rows):
            points, values, runs = zip(*rows[start : start + chunk_rows], strict=True)
            table = np.array(values, np.float64).reshape(len(runs), len(experiment.paths))
            yield Chunk(world, np.array(points, np.int64), table, np.array(runs, np.int64))


def race_chunk(racer: Racer, chunk: Chunk) -> Rows:
    """Race a chunk; a row that cannot be raced is kept with its reason and loses no other."""
    try:
        outcomes = racer.outcomes(chunk.values, chunk.runs)
        return Rows(chunk.points, chunk.runs, outcomes, ("",) * len(chunk.runs))
    except OverflowError:
        return _row_by_row(racer, chunk)


def _row_by_row(racer: Racer, chunk: Chunk) -> Rows:
    outcomes = np.zeros((len(chunk.runs), len(racer.resolved.blocs)), OUTCOME)
    reasons = []
    for row in range(len(chunk.runs)):
        one = slice(row, row + 1)
        try:
            outcomes[one] = racer.outcomes(chunk.values[one], chunk.runs[one])
            reasons.append("")
        except OverflowError as error:
            for name in OUTCOME.names or ():
                outcomes[name][row] = np.nan
            reasons.append(str(error))
    return Rows(chunk.points, chunk.runs, outcomes, tuple(reasons))


def racers(experiment: Experiment, worlds: Mapping[tuple[str, ...], Resolved]) -> dict[tuple[str, ...], Racer]:
    """A racer for each world of an experiment."""
    return {key: Racer(world, experiment.seed, locate(world, experiment.paths)) for key, world in worlds.items()}


class Threads:
    """Races chunks on threads of this process: the compiled races let each other run."""

    def __init__(self, racers_of: Mapping[tuple[str, ...], Racer], workers: int) -> None:
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


def table_of(rows: Sequence[Rows], ids: Sequence[int], replications: int) -> Array:
    """Outcomes as a table of shape (points, replications, blocs), in the order of `ids`; rows beyond are left out."""
    place = {number: i for i, number in enumerate(ids)}
    blocs = rows[0].outcomes.shape[1]
    table = np.zeros((len(ids), replications, blocs), OUTCOME)
    for name in OUTCOME.names or ():
        table[name] = np.nan
    for part in rows:
        for i in range(len(part.runs)):
            at = place.get(int(part.points[i]))
            if at is not None and part.runs[i] < replications:
                table[at, int(part.runs[i])] = part.outcomes[i]
    return table
