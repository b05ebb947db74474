"""The races of a posterior as a table to be raced on: the same numbers and keys, so the same events so far."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from ipsc_race_lab.design.experiment import Points
from ipsc_race_lab.design.posterior import Posterior


@dataclass(frozen=True)
class Continuation:
    """Races of a posterior, each once, whole and to the end of the span."""

    name: str
    kin: str
    paths: tuple[str, ...]
    seed: int
    points: Points
    replications: int = 1
    keeps_races: bool = True

    @classmethod
    def of(cls, posterior: Posterior) -> Continuation:
        """The table of a posterior."""
        told = (posterior.scenario_hash, posterior.as_of, posterior.seed, posterior.paths, posterior.runs.tolist())
        kin = hashlib.sha256(repr(told).encode() + posterior.levels.tobytes()).hexdigest()
        count = len(posterior.runs)
        points = Points(
            [("",)], np.zeros(count, np.intp), posterior.values, posterior.runs.astype(np.int64), posterior.runs
        )
        return cls(f"races from {posterior.as_of} on", kin, posterior.paths, posterior.seed, points)
