"""Races with luck of their own as tables; those of a posterior with the same numbers and keys, so the same events."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipsc_race_lab.design.distributions import Numbers
from ipsc_race_lab.design.experiment import Points
from ipsc_race_lab.design.posterior import Posterior


@dataclass(frozen=True)
class Races:
    """A table to be raced, one race of each point: a wave of a calibration, or the races of a posterior."""

    name: str
    kin: str
    paths: tuple[str, ...]
    seed: int
    points: Points
    replications: int = 1
    keeps_races: bool = False

    def paths_of(self, _: tuple[str, ...]) -> tuple[str, ...]:
        """The paths that its points write numbers to: there is one world."""
        return self.paths


def own_luck(values: Numbers, ids: npt.NDArray[np.int64]) -> Points:
    """Points of one world, every race with luck of its own: its number is that of its point."""
    return Points([("",)], np.zeros(len(ids), np.intp), values, ids, ids)


def continuation(posterior: Posterior) -> Races:
    """The races of a posterior, whole and to the end of the span."""
    told = (posterior.scenario_hash, posterior.as_of, posterior.seed, posterior.paths, posterior.runs.tolist())
    kin = hashlib.sha256(repr(told).encode() + posterior.levels.tobytes()).hexdigest()
    points = own_luck(posterior.values, posterior.runs.astype(np.int64))
    name = f"races from {posterior.as_of} on"
    return Races(name, kin, posterior.paths, posterior.seed, points, keeps_races=True)
