"""A posterior as data: points of a world's numbers that are in doubt, with the races in which they met the record.

A point keeps all its numbers together, so that what the record says of two numbers at once is kept. `counts` says how
often each stands in the sample; `runs` is the number of the race that met the record there, under the key `seed`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ipsc_race.policy import iso_month
from ipsc_race_lab.design.distributions import Numbers
from ipsc_race_lab.design.factors import Factor

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


@dataclass(frozen=True)
class Posterior:
    """A sample of a posterior. `levels`: (points, factors), of 256 each; `runs`, `counts`: (points,)."""

    name: str
    title: str
    scenario: str
    scenario_hash: str
    fixed: Mapping[str, Any]
    as_of: str
    leave_out: tuple[str, ...]
    rates: bool
    seed: int
    races: int  # that were weighed
    effective: float
    factors: tuple[Factor, ...]
    runs: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    levels: npt.NDArray[np.uint8]

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that are in doubt."""
        return tuple(factor.name for factor in self.factors)

    @property
    def digest(self) -> str:
        """SHA-256 of the points and of how often each stands."""
        return hashlib.sha256(self.levels.tobytes() + self.counts.astype(np.int64).tobytes()).hexdigest()

    @property
    def values(self) -> Numbers:
        """The points as values, shape (points, paths)."""
        return values_at(self.factors, on_unit(self.levels))


def values_at(factors: Sequence[Factor], points: npt.NDArray[np.floating[Any]]) -> Numbers:
    """Points of the unit cube as values of factors, shape (points, factors)."""
    columns = [factor.distribution.quantile(points[:, i]) for i, factor in enumerate(factors)]
    return np.stack(columns, axis=1) if columns else np.zeros((len(points), 0))


def of_scenario(world: Resolved, races: int, seed: int) -> Posterior:
    """A world that begins today, as a posterior in which nothing is in doubt: so many races of it, as of its eve."""
    return Posterior(
        world.name, world.scenario.title, world.name, world.hash, {}, iso_month(world.epochs[0].month - 1), (), False,
        seed, 0, float(races), (), np.arange(races), np.ones(races, np.int64), np.zeros((races, 0), np.uint8),
    )  # fmt: skip


LEVELS = 256  # of each factor: a byte each, so that a sample of the posterior is small, and no belief is finer


def on_unit(levels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Levels as points of the unit cube: the middle of each level's share."""
    return (levels.astype(np.float32) + np.float32(0.5)) / np.float32(LEVELS)
