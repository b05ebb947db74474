"""What an experiment or a race will cost before it is raced: races, time on this machine, disk."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ipsc_race.ensemble import Racer, is_compiled
from ipsc_race.host import PLAIN
from ipsc_race.rules.summary import OUTCOME
from ipsc_race_lab.execution.runner import racers

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.design.experiment import Experiment

TIMED_RACES = 1 if PLAIN else 8  # in each world that is timed; one of the plain host is seconds
USUAL_SECONDS = 0.02  # of a race of the baseline on one core of 2026
SLOW = 10  # times as long as usual, and it is said
KEY_BYTES = 24  # of a row beside its outcomes: point, run and whether it failed


@dataclass(frozen=True)
class Cost:
    """What an experiment asks for. `seconds`: None where the rules are not compiled, and so nothing was raced."""

    points: int
    replications: int
    races: int
    timed_races: int
    seconds: float | None
    workers: int
    most_bytes: int  # shards are compressed to less


def cost(experiment: Experiment, workers: int) -> Cost:
    """The cost of an experiment, its time by races in its first and its last world, on so many workers."""
    points = experiment.points
    races = len(points.ids) * experiment.replications
    ends = {number: points.worlds[number] for number in (0, len(points.worlds) - 1)}
    racing = racers(experiment, {key: experiment.world(key) for key in ends.values()})
    blocs = len(next(iter(racing.values())).resolved.blocs)
    times = []
    for number, key in ends.items() if PLAIN or is_compiled() else ():
        rows = points.written(number, np.flatnonzero(points.world_of == number)[:1]).repeat(TIMED_RACES, axis=0)
        racing[key].outcomes(rows[:1], np.zeros(1, np.int64))  # loads the rules
        started = time.perf_counter()
        racing[key].outcomes(rows, np.arange(TIMED_RACES))
        times.append((time.perf_counter() - started) / TIMED_RACES)
    seconds = sum(times) / len(times) * races / min(workers, races) if times else None
    most_bytes = races * (OUTCOME.itemsize * blocs + KEY_BYTES)
    return Cost(len(points.ids), experiment.replications, races, TIMED_RACES * len(times), seconds, workers, most_bytes)


@dataclass(frozen=True)
class OneRace:
    """What one race of a world takes in processor seconds, and why it failed (empty: it did not)."""

    seconds: float
    failure: str = ""

    @property
    def note(self) -> str:
        """What a reader should know before many of them, empty where it is nothing unusual.

        A legal world may be slow: many foundings, short steps, a long span. No race is endless: one that outgrows its
        records is ended (`ipsc_race.world.MAX_TURNS`).
        """
        if self.failure:
            return f"{self.failure} ({self.seconds:.1f} s)"
        times = self.seconds / USUAL_SECONDS
        return f"one race takes {self.seconds:.1f} s of a core, {times:.0f} times the usual" if times > SLOW else ""


def one_race(resolved: Resolved, seed: int) -> OneRace | None:
    """Race number 0 of a seed, timed once the rules are loaded; None on the plain host, where all races are slow.

    A first race also fills memory and loads what it needs: one that seems slow is timed once more.
    """
    if PLAIN:
        return None
    racer = Racer(resolved, seed)
    racer.outcomes(np.zeros((0, 0)), np.zeros(0, np.int64))  # loads the rules
    first = _timed(racer)
    again = _timed(racer) if first.note and not first.failure else first
    return min(first, again, key=lambda one: one.seconds)


def _timed(racer: Racer) -> OneRace:
    failure, started = "", time.thread_time()
    try:
        racer.race(0)
    except OverflowError as error:
        failure = str(error)
    return OneRace(time.thread_time() - started, failure)
