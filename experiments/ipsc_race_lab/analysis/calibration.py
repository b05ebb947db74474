"""Calibration: which points of the prior, with their races, could have given what is on record.

Waves, as in history matching (Craig et al. 1997; Vernon et al. 2010): the races of all waves so far make emulators of
the numbers on record, and the next wave takes points of the prior with a chance that grows with how well the emulators
say they match. Nothing is cut off: the chance with which each point was taken is known, and divided out of its weight
(deterministic mixture sampling, Owen & Zhou 2000). What a race says itself then decides by the density of the record
given it, see `estimators.weighing`. Emulators choose where to look; no answer rests on them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ipsc_race_lab.estimators.emulators import Amounts, Emulator, Floats, fit
from ipsc_race_lab.estimators.weighing import log_density, normalised

CANDIDATES = 4096  # drawn together
PILOT = 16_384  # candidates by which the chance of being taken is set
ALWAYS_SHARE = 0.005  # of the prior, the best by the emulators, that is always taken
MIN_CHANCE = 1e-4  # with which any point is taken: an emulator may be wrong


@dataclass(frozen=True)
class Record:
    """What is on record: a number each, on a scale on which its error is normal, with the error of race and record."""

    keys: tuple[str, ...]
    recorded: Amounts
    error_sd: Amounts


@dataclass(frozen=True)
class Proposal:
    """How a wave takes points of the prior: all, or by what emulators say. `rate`: the share of candidates taken."""

    emulators: tuple[Emulator, ...] = ()
    record: Record | None = None
    inverse: Amounts | None = None  # of the covariance of the record about the emulated answers
    ceiling: float = 0.0  # the log density from which on a point is always taken
    rate: float = 1.0

    def chance(self, points: Floats) -> Amounts:
        """With which points of the unit cube are taken."""
        if self.record is None or self.inverse is None:
            return np.ones(len(points))
        return chance(match(self.emulators, self.record, self.inverse, points), self.ceiling)


def match(emulators: Sequence[Emulator], record: Record, inverse: Amounts, points: Floats) -> Amounts:
    """Log density of the record at points, by the emulators, up to a constant."""
    off = record.recorded - np.stack([of.mean(points) for of in emulators], axis=1)
    return np.asarray(-0.5 * ((off @ inverse) * off).sum(axis=1), np.float64)


def chance(log_density_at: Amounts, ceiling: float) -> Amounts:
    """With which points of some log density are taken: all from the ceiling on, none never."""
    return np.asarray(np.maximum(np.exp(np.minimum(log_density_at - ceiling, 0.0)), MIN_CHANCE), np.float64)


def proposal(points: Floats, simulated: Amounts, record: Record, seed: int) -> Proposal:
    """The next wave's proposal, from all races so far. `simulated`: (races, numbers), on the scale of the record."""
    emulators = tuple(fit(points, simulated[:, k]) for k in range(simulated.shape[1]))
    residuals = simulated - np.stack([of.mean(points) for of in emulators], axis=1)
    covariance = np.cov(residuals, rowvar=False).reshape(len(emulators), -1) + np.diag(record.error_sd**2)
    inverse = np.linalg.inv(covariance)
    pilot = np.random.default_rng([seed, 1]).uniform(size=(PILOT, points.shape[1])).astype(np.float32)
    log_densities = match(emulators, record, inverse, pilot)
    ceiling = float(np.quantile(log_densities, 1 - ALWAYS_SHARE))
    return Proposal(emulators, record, inverse, ceiling, float(chance(log_densities, ceiling).mean()))


def drawn(of: Proposal, factors: int, size: int, seed: int) -> Floats:
    """Points of a wave, shape (size, factors): candidates of the prior, each taken with its chance."""
    rng = np.random.default_rng([seed, 2])
    return np.concatenate(list(_taken(of, factors, size, rng)))


def _taken(of: Proposal, factors: int, size: int, rng: np.random.Generator) -> Iterator[Floats]:
    left = size
    while left > 0:
        candidates = rng.uniform(size=(CANDIDATES, factors)).astype(np.float32)
        kept = candidates[rng.uniform(size=CANDIDATES) < of.chance(candidates)][:left]
        left -= len(kept)
        yield kept


def proposed(points: Floats, waves: Sequence[tuple[Proposal, int]]) -> Amounts:
    """How many times as often as by the prior the waves together take points; `waves`: proposals and their sizes."""
    total = sum(size for _, size in waves)
    return np.asarray(sum(size / total * of.chance(points) / of.rate for of, size in waves), np.float64)


def posterior(simulated: Amounts, record: Record, proposed_times: Amounts) -> Amounts:
    """The weight of each race in the posterior, adding to one."""
    return normalised(log_density(simulated, record.recorded, record.error_sd) - np.log(proposed_times))


@dataclass(frozen=True)
class Recovery:
    """What held-out races, taken as the record in turn, say of the method. Arrays of shape (truths, factors).

    `ranks`: the share of the posterior below the true value, uniform if the method is right (simulation-based
    calibration, Talts et al. 2018); `covered`: whether the central 90% hold it; `contraction`: the share of its
    variance among the points that a factor loses; `effective`: (truths,), the effective number of races of each.
    """

    ranks: Amounts
    covered: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    contraction: Amounts
    effective: Amounts


def recovery(points: Floats, simulated: Amounts, record: Record, truths: int, seed: int) -> Recovery:
    """Take races as the truth, one by one, with an error drawn for each number, and recover their factors.

    The points are all of one wave, and what they are drawn from is the prior here: so each posterior is exact up to the
    number of its races.
    """
    rng = np.random.default_rng([seed, 3])
    chosen = rng.choice(len(points), size=min(truths, len(points) // 2), replace=False)
    ranks, covered, contraction, effective = [], [], [], []
    spread = points.var(axis=0, dtype=np.float64)
    for at in chosen:
        record_of = simulated[at] + rng.normal(size=len(record.keys)) * record.error_sd
        logs = log_density(simulated, record_of, record.error_sd)
        logs[at] = -math.inf
        weights = normalised(logs)
        mean = weights @ points
        below = weights @ (points < points[at])
        ranks.append(below)
        covered.append((below > 0.05) & (below < 0.95))
        contraction.append(1 - (weights @ (points - mean) ** 2) / spread)
        effective.append(1 / (weights**2).sum())
    return Recovery(np.array(ranks), np.array(covered), np.array(contraction), np.array(effective))


def rank_test(ranks: Amounts, bins: int = 10) -> Amounts:
    """The p-value of a chi-square test that the ranks of each factor are uniform; `ranks`: (truths, factors)."""
    from scipy.stats import chi2

    truths = len(ranks)
    places = np.minimum((ranks * bins).astype(np.int64), bins - 1)
    counts = np.stack([(places == place).sum(axis=0) for place in range(bins)])
    statistic = ((counts - truths / bins) ** 2 / (truths / bins)).sum(axis=0)
    return np.asarray(chi2.sf(statistic, bins - 1), np.float64)
