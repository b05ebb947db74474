"""Intervals hold the truth as often as they say, or more often, near 0 and with few races too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from ipsc_race_lab.estimators.intervals import (
    Estimate,
    difference_of_shares,
    paired_shares,
    paired_t,
    share_of_sums,
    share_over_points,
    wilson,
)

LEAST = 0.93
P = (0.0, 0.01, 0.05, 0.5)
N = (10, 60, 1000)
Rng = np.random.Generator


def holds(found: Estimate, truth: float) -> bool:
    low, high = (-np.inf if found.low is None else found.low), (np.inf if found.high is None else found.high)
    return bool(low - 1e-12 <= truth <= high + 1e-12)


@pytest.mark.parametrize("p", P)
@pytest.mark.parametrize("n", N)
def test_a_chance_is_covered_for_every_count_that_can_come(p: float, n: int) -> None:
    """The exact coverage, from the binomial: an answer near 0 would otherwise be told as surer than it is."""
    counts = np.arange(n + 1)
    covered = sum(stats.binom.pmf(k, n, p) for k in counts if holds(wilson(float(k), n), p))
    assert covered >= LEAST


def chance(rng: Rng, p: float, n: int) -> bool:
    return holds(share_over_points((rng.random((1, n)) < p).astype(float)), p)


def chance_over_points(rng: Rng, p: float, n: int) -> bool:
    """Four points of which a race has half its luck in common."""
    shared, own = rng.random((1, n)), rng.random((4, n))
    luck = np.where(rng.random((4, n)) < 0.5, shared, own)
    return holds(share_over_points((luck < p).astype(float)), p)


def paired_chance(rng: Rng, p: float, n: int) -> bool:
    """Two worlds that differ by a tenth of what there is, with shared luck."""
    luck = rng.random(n)
    return holds(paired_shares((luck < 1.1 * p).astype(float) - (luck < p)), 0.1 * p)


def lead(rng: Rng, p: float, n: int) -> bool:
    """Months, of which a share `p` of races has none."""
    return holds(paired_t(rng.normal(20, 30, n) * (rng.random(n) >= p)), 20 * (1 - p))


def market(rng: Rng, p: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Markets of many sizes of which one bloc takes all or nothing."""
    wholes = rng.gamma(4.0, 1.0, n)
    return wholes * (rng.random(n) < p), wholes


def share(rng: Rng, p: float, n: int) -> bool:
    return holds(share_of_sums(*market(rng, p, n)), p)


def difference_of_share(rng: Rng, p: float, n: int) -> bool:
    """Parts of a market that vary from race to race about two means."""
    wholes = rng.gamma(4.0, 1.0, (2, n))
    shares = np.clip(rng.normal([[p / 2 + 0.3], [0.3]], 0.05, (2, n)), 0, 1)
    there, here = ((of * part, of) for of, part in zip(wholes, shares, strict=True))
    return holds(difference_of_shares(there, here), p / 2)


ESTIMATORS = (chance, chance_over_points, paired_chance, lead, share, difference_of_share)


def coverage(of: Callable[[Rng, float, int], bool], p: float, n: int, repeats: int) -> float:
    rng = np.random.default_rng([int(1000 * p), n])
    return float(np.mean([of(rng, p, n) for _ in range(repeats)]))


@pytest.mark.parametrize("p", [0.0, 0.5])
@pytest.mark.parametrize("of", ESTIMATORS)
def test_an_interval_covers_as_often_as_it_says(of: Callable[[Rng, float, int], bool], p: float) -> None:
    """Sixty races are what `compare` is used with; nineteen of twenty intervals must hold the truth."""
    assert coverage(of, p, 60, 600) >= LEAST - 0.02  # two standard errors of six hundred


@pytest.mark.slow
@pytest.mark.parametrize("n", N)
@pytest.mark.parametrize("p", P)
@pytest.mark.parametrize("of", ESTIMATORS)
def test_an_interval_covers_near_nothing_and_with_few_races_too(
    of: Callable[[Rng, float, int], bool], p: float, n: int
) -> None:
    """False certainty is worst where a thing is rare."""
    assert coverage(of, p, n, 20_000) >= LEAST - 0.004  # two standard errors


def test_ten_leads_of_which_half_are_nothing_are_told_as_few() -> None:
    """Student's interval over all ten holds the truth in 91.8% of cases only: five of them tell of no spread."""
    assert coverage(lead, 0.5, 10, 4_000) >= LEAST
