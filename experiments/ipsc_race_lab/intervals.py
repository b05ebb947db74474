"""Estimates with 95% intervals: shares, paired differences, medians, spreads. Pure functions of arrays."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

LEVEL = 0.95

Values = npt.NDArray[np.floating[Any]]


class Estimate(NamedTuple):
    """A number with its interval; None where the data give none."""

    estimate: float | None
    low: float | None
    high: float | None


def wilson(credit: float, n: int) -> Estimate:
    """Share `credit / n` with its score interval (Wilson 1927).

    `credit` may hold halves or other parts of a success (shared ties): the spread of such scores is at most
    that of whole ones, so the interval then errs on the wide side. Without data it is all of 0..1.
    """
    if n == 0:
        return Estimate(None, 0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + LEVEL / 2)
    p = credit / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # Rounding must not push an end past the share itself, nor past 0 or 1.
    return Estimate(p, max(0.0, min(p, centre - half)), min(1.0, max(p, centre + half)))


def paired_t(differences: Values) -> Estimate:
    """Mean of paired differences with Student's interval; no interval from fewer than two."""
    from scipy import special

    n = len(differences)
    if n == 0:
        return Estimate(None, None, None)
    mean = float(np.mean(differences))
    if n == 1:
        return Estimate(mean, None, None)
    error = float(np.std(differences, ddof=1)) / math.sqrt(n)
    half = float(special.stdtrit(n - 1, 0.5 + LEVEL / 2)) * error
    return Estimate(mean, mean - half, mean + half)


def median(values: Values) -> Estimate:
    """Smallest value that half of `values` do not exceed, with an interval between two order statistics.

    `np.inf` stands for an event that never came: an end that falls on it is None. The interval holds for any
    distribution (the count below the median is binomial; David & Nagaraja 2003, 7.1); fewer than six values
    give none.
    """
    n = len(values)
    if n == 0:
        return Estimate(None, None, None)
    ordered = np.sort(values)
    rank = _rank_below(n)
    ends = (ordered[rank - 1], ordered[n - rank]) if rank else (np.inf, np.inf)
    return Estimate(*(_finite(value) for value in (ordered[(n - 1) // 2], *ends)))


def spread(values: Values) -> Estimate:
    """Median, 5% and 95% points of `values`: what single races do, not how well their middle is known."""
    if len(values) == 0:
        return Estimate(None, None, None)
    middle, low, high = np.quantile(values, [0.5, 0.05, 0.95], method="inverted_cdf")
    return Estimate(_finite(middle), _finite(low), _finite(high))


def _rank_below(n: int) -> int:
    """Largest rank above the median with a chance of at most half of 1 - LEVEL; 0 if there is none."""
    from scipy import special

    ranks = np.arange(n // 2 + 1)
    return int(np.count_nonzero(special.bdtr(ranks, n, 0.5) <= (1 - LEVEL) / 2))


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
