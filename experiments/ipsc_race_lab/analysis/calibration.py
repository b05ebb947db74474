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
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ipsc_race_lab.design.posterior import LEVELS, on_unit
from ipsc_race_lab.estimators.emulators import Amounts, Emulator, Floats, fit
from ipsc_race_lab.estimators.weighing import effective_number, log_density, normalised

Levels = npt.NDArray[np.uint8]

CANDIDATES = 4096  # drawn together
PILOT = 16_384  # candidates by which the chance of being taken is set
ALWAYS_SHARE = 0.005  # of the prior, the best by the emulators, that is always taken
MIN_NUMBER_SHARE = 0.1  # of the usual number that a rate rests on: an emulator may say none
MIN_EFFECTIVE = 20  # races of a recovered truth: fewer say nothing of an interval
MIN_CHANCE = 1e-4  # with which any point is taken: an emulator may be wrong


@dataclass(frozen=True)
class Record:
    """What is on record: a number each, on a scale on which its error is normal, with the error of race and record."""

    keys: tuple[str, ...]
    recorded: Amounts
    error_sd: Amounts

    def __add__(self, other: Record) -> Record:
        """Both together."""
        recorded, error_sd = (
            np.concatenate(pair) for pair in ((self.recorded, other.recorded), (self.error_sd, other.error_sd))
        )
        return Record(self.keys + other.keys, recorded, error_sd)


@dataclass(frozen=True)
class Rates:
    """Rates that are of a world and not of one race, as emulators expect them at a point.

    A rate is a ratio of sums, and a race may rest on three products: so the excess of its sum over the published rate
    times its number is emulated, and the number, over all races (see `on_record.excesses`).
    """

    published: Record
    excess: tuple[Emulator, ...] = ()
    number: tuple[Emulator, ...] = ()

    def expected(self, points: Floats) -> Amounts:
        """The rates at points, shape (points, rates)."""
        shape = (len(self.published.keys), len(points))
        excess = np.array([of.mean(points) for of in self.excess]).reshape(shape).T
        number = np.array([of.mean(points) for of in self.number]).reshape(shape).T
        usual = np.array([of.usual for of in self.number])
        ratio = excess / np.maximum(number, MIN_NUMBER_SHARE * usual)
        return np.asarray(self.published.recorded + ratio, np.float64)


def emulated_rates(published: Record, points: Floats, excess: Amounts, number: Amounts) -> Rates:
    """Rates from the races that told them; `excess` and `number`: (races, rates)."""
    count = len(published.keys)
    both = fit(points, np.hstack([excess, number]))
    return Rates(published, both[:count], both[count:])


@dataclass(frozen=True)
class Proposal:
    """How a wave takes points of the prior: all, or by what emulators say. `rate`: the share of candidates taken."""

    emulators: tuple[Emulator, ...] = ()
    record: Record | None = None
    inverse: Amounts | None = None  # of the covariance of the record about the emulated answers
    rates: Rates | None = None
    ceiling: float = 0.0  # the log density from which on a point is always taken
    rate: float = 1.0

    def match(self, points: Floats) -> Amounts:
        """Log density of the record at points, by the emulators, up to a constant."""
        assert self.record is not None
        assert self.inverse is not None
        off = self.record.recorded - np.stack([of.mean(points) for of in self.emulators], axis=1)
        of_facts = np.asarray(-0.5 * ((off @ self.inverse) * off).sum(axis=1), np.float64)
        if self.rates is None:
            return of_facts
        published = self.rates.published
        return of_facts + log_density(self.rates.expected(points), published.recorded, published.error_sd)

    def chance(self, points: Floats) -> Amounts:
        """With which points of the unit cube are taken."""
        return np.ones(len(points)) if self.record is None else chance(self.match(points), self.ceiling)


def chance(log_density_at: Amounts, ceiling: float) -> Amounts:
    """With which points of some log density are taken: all from the ceiling on, none never."""
    return np.asarray(np.maximum(np.exp(np.minimum(log_density_at - ceiling, 0.0)), MIN_CHANCE), np.float64)


def proposal(points: Floats, simulated: Amounts, record: Record, rates: Rates | None, seed: int) -> Proposal:
    """The next wave's proposal, from all races so far. `simulated`: (races, facts), on the scale of the record."""
    emulators = fit(points, simulated)
    residuals = simulated - np.stack([of.mean(points) for of in emulators], axis=1)
    covariance = np.cov(residuals, rowvar=False).reshape(len(emulators), -1) + np.diag(record.error_sd**2)
    made = Proposal(emulators, record, np.linalg.pinv(covariance), rates)
    pilot = on_unit(_candidates(np.random.default_rng([seed, 1]), PILOT, points.shape[1]))
    log_densities = made.match(pilot)
    ceiling = float(np.quantile(log_densities, 1 - ALWAYS_SHARE))
    return replace(made, ceiling=ceiling, rate=float(chance(log_densities, ceiling).mean()))


def drawn(of: Proposal, factors: int, size: int, seed: int) -> Levels:
    """Points of a wave as levels, shape (size, factors): candidates of the prior, each taken with its chance."""
    rng = np.random.default_rng([seed, 2])
    return np.concatenate(list(_taken(of, factors, size, rng)))


def _taken(of: Proposal, factors: int, size: int, rng: np.random.Generator) -> Iterator[Levels]:
    left = size
    while left > 0:
        candidates = _candidates(rng, CANDIDATES, factors)
        kept = candidates[rng.uniform(size=CANDIDATES) < of.chance(on_unit(candidates))][:left]
        left -= len(kept)
        yield kept


def _candidates(rng: np.random.Generator, count: int, factors: int) -> Levels:
    """Points of the prior."""
    return rng.integers(0, LEVELS, (count, factors), np.uint8)


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
    variance among the points that a factor loses, made less for what few races tell of it; `effective`: (truths,), the
    effective number of races of each. Truths that leave fewer than `MIN_EFFECTIVE` are not among them.
    """

    ranks: Amounts
    covered: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    contraction: Amounts
    effective: Amounts
    lost: int  # truths that too few other races come near to


def recovery(points: Floats, simulated: Amounts, record: Record, truths: int, seed: int) -> Recovery:
    """Take races as the truth, one by one, with an error drawn for each number, and recover their factors.

    What the points are drawn from, all waves together, is the prior here: so each posterior is exact up to the number
    of its races. Truths are taken from races that do not contradict the record, as that of the posterior must not.
    """
    rng = np.random.default_rng([seed, 3])
    possible = np.flatnonzero(np.isfinite(simulated).all(axis=1))
    chosen = rng.choice(possible, size=min(truths, len(possible) // 2), replace=False)
    ranks, covered, contraction, effective, lost = [], [], [], [], 0
    spread = points.var(axis=0, dtype=np.float64)
    for at in chosen:
        record_of = simulated[at] + rng.normal(size=len(record.keys)) * record.error_sd
        logs = log_density(simulated, record_of, record.error_sd)
        logs[at] = -math.inf
        weights = normalised(logs) if np.isfinite(logs).any() else np.zeros(len(logs))
        if effective_number(weights) < MIN_EFFECTIVE:
            lost += 1
            continue
        mean = weights @ points
        below = weights @ (points < points[at])
        ranks.append(below)
        covered.append((below > 0.05) & (below < 0.95))
        effective.append(effective_number(weights))
        contraction.append(1 - (weights @ (points - mean) ** 2) / (1 - 1 / effective[-1]) / spread)
    return Recovery(np.array(ranks), np.array(covered), np.array(contraction), np.array(effective), lost)


def rank_test(ranks: Amounts, bins: int = 10) -> Amounts:
    """The p-value of a chi-square test that the ranks of each factor are uniform; `ranks`: (truths, factors)."""
    from scipy.stats import chi2

    truths = len(ranks)
    places = np.minimum((ranks * bins).astype(np.int64), bins - 1)
    counts = np.stack([(places == place).sum(axis=0) for place in range(bins)])
    statistic = ((counts - truths / bins) ** 2 / (truths / bins)).sum(axis=0)
    return np.asarray(chi2.sf(statistic, bins - 1), np.float64)
