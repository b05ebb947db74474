"""Scores of forecasts against what came: proper ones, so that nobody gains by saying other than what is believed.

A probability is scored by Brier's and the logarithmic score, a number by the continuous ranked probability score (CRPS)
of weighted races or, where only quantiles were written down, by theirs. Less is better everywhere (Gneiting & Raftery
2007, J Am Stat Assoc 102:359).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ipsc_race_lab.estimators.intervals import Estimate, wilson

FLOOR = 0.001  # what the logarithmic score takes a probability nearer to 0 or 1 for
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # of the classes of a table of reliability

Amounts = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.floating[Any]]
Flags = npt.NDArray[np.bool_]


class Class(NamedTuple):
    """Forecasts between two probabilities: how many, their mean, and the share that came, with a 95% interval."""

    low: float
    high: float
    number: int
    forecast: float | None
    came: Estimate


def brier(probabilities: Numbers, came: Flags) -> Amounts:
    """Squared error of each probability: 0 is perfect, 0.25 is what one half always gets, 1 the worst (Brier 1950)."""
    return np.asarray(np.square(probabilities - came), np.float64)


def log_scores(probabilities: Numbers, came: Flags) -> Amounts:
    """Negative logarithm, in nats, of the probability given to what came; one half always gets 0.693.

    A certainty that fails would be infinitely bad, and hide all others of a mean. So a probability below 0.001 is
    scored as 0.001, and one above 0.999 as 0.999: finer chances no number of races in a forecast of ours can tell, and
    6.91 is the worst. Between the two the score is proper, beyond them it cannot tell forecasts apart.
    """
    given = np.where(came, probabilities, 1 - probabilities)
    return np.asarray(-np.log(np.clip(given, FLOOR, 1 - FLOOR)), np.float64)


def skill(score: float, reference: float) -> float | None:
    """Part of a reference's score that a forecast does without: 1 is perfect, 0 no better; None of a perfect one."""
    return 1 - score / reference if reference > 0 else None


def reliability(probabilities: Numbers, came: Flags, edges: Sequence[float] = EDGES) -> list[Class]:
    """How often what was given a probability came, by classes of it; the last class holds its upper edge.

    The intervals are Wilson's, of events that have nothing to do with each other: of related ones they are too narrow.
    """
    number_of = np.clip(np.searchsorted(edges, probabilities, side="right") - 1, 0, len(edges) - 2)
    classes = []
    for number, (low, high) in enumerate(itertools.pairwise(edges)):
        inside = number_of == number
        count = int(np.count_nonzero(inside))
        mean = float(np.mean(probabilities[inside])) if count else None
        classes.append(Class(low, high, count, mean, wilson(float(np.count_nonzero(came[inside])), count)))
    return classes


def crps(values: Numbers, weights: Numbers, observed: float) -> float:
    """Continuous ranked probability score of weighted races, in the unit of `values`; of one race its absolute error.

    Exact for the stepped distribution of the races: the integral of the squared distance between it and that of what
    came (Matheson & Winkler 1976), taken from step to step, in O(n log n). `values`: (races,), finite, so that a month
    that never comes has to be set to the end of the span first, and `observed` likewise; `weights`: (races,), not
    negative, of any sum above 0.
    """
    order = np.argsort(values, kind="stable")
    steps = np.asarray(values, np.float64)[order]
    below = np.cumsum(np.asarray(weights, np.float64)[order])
    rank = int(np.searchsorted(steps, observed))
    edges = np.insert(steps, rank, observed)
    reached = np.insert(below / below[-1], rank, below[rank - 1] / below[-1] if rank else 0.0)[:-1]
    return float(np.sum(np.diff(edges) * np.square(reached - (np.arange(len(reached)) >= rank))))


def central_interval(values: Numbers, weights: Numbers, level: float) -> tuple[float, float]:
    """Ends of the central part of weighted races that holds `level` of them: smallest values that reach its tails."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(np.asarray(weights, np.float64)[order])
    tail = (1 - level) / 2
    # Rounding must not push an end past the race that reaches it.
    ends = np.searchsorted(reached, np.array([tail, 1 - tail]) * reached[-1] * (1 - 1e-12))
    low, high = np.asarray(values, np.float64)[order][np.minimum(ends, len(order) - 1)]
    return float(low), float(high)


def coverage(lows: Numbers, highs: Numbers, observed: Numbers) -> Estimate:
    """Share of intervals that hold what came, their ends included, with its own 95% interval (Wilson's)."""
    return wilson(float(np.count_nonzero((lows <= observed) & (observed <= highs))), len(observed))


def quantile_score(levels: Sequence[float], quantiles: Sequence[float], observed: float) -> float:
    """Twice the mean pinball loss of quantiles at `levels`: the CRPS if these are many and even (Laio & Tamea 2007)."""
    losses = [
        (observed - quantile) * (level - (observed < quantile))
        for level, quantile in zip(levels, quantiles, strict=True)
    ]
    return 2 * math.fsum(losses) / len(losses)
