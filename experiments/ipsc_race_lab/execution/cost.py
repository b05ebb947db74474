"""What an experiment will cost before it is raced: races, time on this machine, disk."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ipsc_race.ensemble import is_compiled
from ipsc_race.host import PLAIN
from ipsc_race.rules.summary import OUTCOME
from ipsc_race_lab.execution.runner import racers

if TYPE_CHECKING:
    from ipsc_race_lab.design.experiment import Experiment

TIMED_RACES = 1 if PLAIN else 8  # in each world that is timed; one of the plain host is seconds
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
        rows = points.numbers[points.world_of == number][:1].repeat(TIMED_RACES, axis=0)
        racing[key].outcomes(rows[:1], np.zeros(1, np.int64))  # loads the rules
        started = time.perf_counter()
        racing[key].outcomes(rows, np.arange(TIMED_RACES))
        times.append((time.perf_counter() - started) / TIMED_RACES)
    seconds = sum(times) / len(times) * races / min(workers, races) if times else None
    most_bytes = races * (OUTCOME.itemsize * blocs + KEY_BYTES)
    return Cost(len(points.ids), experiment.replications, races, TIMED_RACES * len(times), seconds, workers, most_bytes)
