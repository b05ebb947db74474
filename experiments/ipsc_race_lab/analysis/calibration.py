"""Calibration: which points of the prior, with their races, could have given what is on record.

Waves, as in history matching (Craig et al. 1997; Vernon et al. 2010): races of the prior make emulators of the numbers
on record, and each later wave is drawn where these say that the record may be met, as a Markov chain whose density is
the prior times theirs. The races of the last wave are the answer: each is weighed by the density of the record given
it (see `estimators.weighing`) over the density that it was drawn with, so that what an emulator says of the facts is
divided out again. Emulators choose where to look; only of rates, which no single race tells, they are what is held.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ipsc_race_lab.analysis.meeting import Meeting, Told, meetings
from ipsc_race_lab.design.calibration import CHAINS
from ipsc_race_lab.design.posterior import LEVELS, on_unit
from ipsc_race_lab.estimators.emulators import Amounts, Emulator, Floats, Stack, fit, stacked
from ipsc_race_lab.estimators.weighing import effective_number, log_density, normalised

Levels = npt.NDArray[np.uint8]

BURN_IN, THIN = 1200, 50  # steps before the first points of the chains, and between two of a chain
MOVED = 4  # factors that a step draws anew, on average
MIN_NUMBER_SHARE = 0.1  # of the usual number that a rate rests on: an emulator may say none
NEGLIGIBLE = 1e-12  # weight of a race of a recovered truth that is left out
MIN_EFFECTIVE = 20  # races of a recovered truth: fewer say nothing of an interval


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
    emulators: tuple[Emulator, ...] = ()  # of each excess, then of each number

    @cached_property
    def stack(self) -> Stack:
        """All of them at once."""
        return stacked(self.emulators)

    def expected(self, points: Floats) -> Amounts:
        """The rates at points of the unit cube, shape (points, rates)."""
        return self.ratios(self.stack.mean(points[:, self.stack.factors]))

    def ratios(self, emulated: Amounts) -> Amounts:
        """The rates from emulated excesses and numbers."""
        count = len(self.published.keys)
        least = np.array([MIN_NUMBER_SHARE * of.usual for of in self.emulators[count:]])
        ratio = emulated[:, :count] / np.maximum(emulated[:, count:], least)
        return np.asarray(self.published.recorded + ratio, np.float64)


def emulated_rates(published: Record, points: Floats, excess: Amounts, number: Amounts) -> Rates:
    """Rates from the races that told them; `excess` and `number`: (races, rates)."""
    return Rates(published, fit(points, np.hstack([excess, number])))


@dataclass(frozen=True)
class Proposal:
    """How a wave is drawn: from the prior, or with the density that emulators give the record."""

    meetings: tuple[Meeting, ...] = ()  # one for each fact
    rates: Rates | None = None

    @cached_property
    def stack(self) -> Stack:
        """The emulators of facts, then those of rates."""
        return stacked((*(of.emulator for of in self.meetings), *(self.rates.emulators if self.rates else ())))

    def log_density(self, points: Floats) -> Amounts:
        """Log density relative to the prior, up to a constant, at points of the unit cube."""
        return self.match(points[:, self.stack.factors]) if self.meetings else np.zeros(len(points))

    def match(self, points: Floats) -> Amounts:
        """The same from the factors of the stack alone."""
        emulated = self.stack.mean(points)
        facts = len(self.meetings)
        of_facts = sum((of.log_density(emulated[:, k]) for k, of in enumerate(self.meetings)), np.zeros(len(points)))
        if self.rates is None:
            return of_facts
        published = self.rates.published
        expected = self.rates.ratios(emulated[:, facts:])
        return of_facts + log_density(expected, published.recorded, published.error_sd)


def proposal(points: Floats, told: Sequence[Told], rates: Rates | None) -> Proposal:
    """The next wave's proposal, from all races so far, and what they told of each fact."""
    return Proposal(meetings(points, told), rates)


def drawn(of: Proposal, factors: int, size: int, seed: int) -> Levels:
    """Points of a wave as levels, shape (size, factors)."""
    rng = np.random.default_rng([seed, 2])
    if not of.meetings or not len(of.stack.factors):
        return _prior(rng, size, factors)
    parts = list(_chains(of, factors, size, rng))
    return np.concatenate(parts)[:size]


def _chains(of: Proposal, factors: int, size: int, rng: np.random.Generator) -> Iterator[Levels]:
    """The states of Metropolis chains side by side, now and then; factors that nothing knows are drawn anew.

    A step draws some factors anew from the prior, and is taken by the ratio of the densities (Metropolis et al. 1953).
    """
    count = min(CHAINS, size)
    known = of.stack.factors
    state = _prior(rng, count, len(known))
    density = of.match(on_unit(state))
    for step in range(BURN_IN + THIN * (math.ceil(size / count) - 1)):
        moved = rng.random(state.shape, np.float32) < MOVED / len(known)
        other = np.where(moved, _prior(rng, count, len(known)), state)
        there = of.match(on_unit(other))
        taken = np.log(rng.random(count)) < there - density
        state = np.where(taken[:, None], other, state)
        density = np.where(taken, there, density)
        if step + 1 >= BURN_IN and (step + 1 - BURN_IN) % THIN == 0:
            points = _prior(rng, count, factors)
            points[:, known] = state
            yield points


def _prior(rng: np.random.Generator, count: int, factors: int) -> Levels:
    """Points of the prior."""
    return rng.integers(0, LEVELS, (count, factors), np.uint8)


def posterior(simulated: Amounts, record: Record, drawn_with: Amounts) -> Amounts:
    """The weight of each race in the posterior, adding to one; `drawn_with`: the log density of its point's wave."""
    return normalised(log_density(simulated, record.recorded, record.error_sd) - drawn_with)


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

    What the points were drawn from is the prior here: so each posterior is exact up to the number
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
        near = np.flatnonzero(weights > NEGLIGIBLE)
        of, there = weights[near], points[near]
        below = of @ (there < points[at])
        ranks.append(below)
        covered.append((below > 0.05) & (below < 0.95))
        effective.append(effective_number(weights))
        contraction.append(1 - (of @ (there - of @ there) ** 2) / (1 - 1 / effective[-1]) / spread)
    return Recovery(np.array(ranks), np.array(covered), np.array(contraction), np.array(effective), lost)


def rank_test(ranks: Amounts, bins: int = 10) -> Amounts:
    """The p-value of a chi-square test that the ranks of each factor are uniform; `ranks`: (truths, factors)."""
    from scipy.stats import chi2

    truths = len(ranks)
    places = np.minimum((ranks * bins).astype(np.int64), bins - 1)
    counts = np.stack([(places == place).sum(axis=0) for place in range(bins)])
    statistic = ((counts - truths / bins) ** 2 / (truths / bins)).sum(axis=0)
    return np.asarray(chi2.sf(statistic, bins - 1), np.float64)
