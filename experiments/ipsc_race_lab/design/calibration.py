"""Calibrations as data: which world, which of its numbers are in doubt, and up to when the record is known.

    title: The baseline held to what is on record by mid-2026
    scenario: baseline
    as_of: 2026-06
    over_evidence: {grades: [C, D], distribution: halves}
    leave_out: {ipsc.first_approval: the same approvals as those in Japan}
    waves: [8000, 8000, 8000, 16000]
    widened: 2
    posterior: 400
    seed: 1

`over_evidence` reads as in an experiment: the prior has a factor for every number with a range and one of these grades.
`waves` are numbers of races. The races of the last are weighed, those of the waves before tell where the record may be
met; more races of a last wave go on from those that are there. The last `short_waves` of them (one, where nothing is
said) end with what is on record; those before go to the horizon, without which no published rate is told. The record is
that of the histories which the world names, as far as it was known at the end of `as_of`; with `rates` the published
rates of `scenarios/targets` are held too. `leave_out` names facts that another fact tells already; `widened` takes the
errors of facts for so many times as wide as they are stated, which a calibration of few races needs (approximate
Bayesian computation), and says so. `posterior` is the number of points in the sample.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ipsc_race_lab.design.continuation import Races, own_luck
from ipsc_race_lab.design.distributions import Numbers
from ipsc_race_lab.design.factors import Factor
from ipsc_race_lab.design.posterior import values_at
from ipsc_race_lab.estimators.emulators import Floats

CHAINS = 1024  # side by side, which draw the points of a wave


@dataclass(frozen=True)
class Calibration:
    """A calibration that has been read and checked against its scenario."""

    name: str
    title: str
    description: str
    source: str  # the scenario: a name, or a file
    scenario_hash: str
    fixed: Mapping[str, Any]
    factors: tuple[Factor, ...]
    as_of: str
    leave_out: Mapping[str, str]  # facts that are not held, by key, each with why
    rates: bool
    widened: float  # how many times as wide as stated the errors of facts are taken
    waves: tuple[int, ...]
    short_waves: int  # the last so many end with what is on record; a first wave never does
    posterior: int
    seed: int

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that are in doubt."""
        return tuple(factor.name for factor in self.factors)

    @property
    def races(self) -> int:
        """Races of all waves."""
        return sum(self.waves)

    @property
    def whole_waves(self) -> int:
        """The first so many waves, whose races go to the horizon."""
        return max(len(self.waves) - self.short_waves, 1)

    @property
    def whole_races(self) -> int:
        """Their races."""
        return sum(self.waves[: self.whole_waves])

    @cached_property
    def kin(self) -> str:
        """Hash of all that decides the races but the record, which stands in files of its own.

        The last wave may grow: its chains go on from where they were.
        """
        content = {
            "calibration": [asdict(factor) for factor in self.factors],
            "scenario": self.scenario_hash,
            "as_of": self.as_of,
            "leave_out": sorted(self.leave_out),
            "rates": self.rates,
            "widened": self.widened,
            "waves": (*self.waves[:-1], min(self.waves[-1], CHAINS)),
            "short_waves": self.short_waves,
            "seed": self.seed,
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def values(self, points: Floats) -> Numbers:
        """Points of the unit cube as values of the paths, shape (points, paths)."""
        return values_at(self.factors, points)


def wave_table(calibration: Calibration, number: int, points: Floats) -> Races:
    """A wave as a table: `points` of the unit cube; rows are numbered through all waves, and so are their races."""
    first = sum(calibration.waves[:number])
    ids = np.arange(first, first + len(points))
    name, values = f"wave {number + 1}", calibration.values(points)
    return Races(name, calibration.kin, calibration.paths, calibration.seed, own_luck(values, ids))
