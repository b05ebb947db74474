"""Resampling of what a design draws: its units (blocks, trajectories, points) and its replication numbers.

Both are drawn with replacement and apart from each other (the pigeonhole bootstrap, Owen 2007), a few resamples at a
time, so that memory does not grow with their number. See `sensitivity` for why replications are drawn alike at all
points, and why products are taken over pairs of distinct ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ipsc_race_lab.estimators.intervals import LEVEL, Estimate

AT_A_TIME = 200_000  # numbers of a table of rows by resamples: under two megabytes

Floats = npt.NDArray[np.floating[Any]]
Amounts = npt.NDArray[np.float64]


class Weights(NamedTuple):
    """How often each unit and each replication counts in some resamples.

    `units`: (units, resamples), adding to one; `replications`: (replications, resamples), whole numbers.
    """

    units: Amounts
    replications: Amounts


def resampled(
    statistics: Callable[[Weights], Sequence[Amounts]],
    units: int,
    replications: int,
    resamples: int,
    seed: int,
    rows: int,
) -> Amounts:
    """Statistics of the sample itself, in front, and of each resample: shape (statistics, 1 + resamples).

    `statistics` gives one number for each resample of the weights that it is handed, and holds `rows` by resamples.
    """
    parts = [np.array(statistics(weights)) for weights in _weights(units, replications, resamples, seed, rows)]
    return np.concatenate(parts, axis=1)


def _weights(units: int, replications: int, resamples: int, seed: int, rows: int) -> Iterator[Weights]:
    """The sample itself, then resamples, as many at a time as `rows` allow."""
    yield Weights(np.full((units, 1), 1 / units), np.ones((replications, 1)))
    of_units, of_replications = np.random.default_rng(seed).spawn(2)
    batch = max(1, AT_A_TIME // max(rows, replications))
    for some in range(0, resamples, batch):
        size = min(batch, resamples - some)
        drawn = of_replications.multinomial(replications, np.full(replications, 1 / replications), size=size).T
        lone = np.count_nonzero(drawn, axis=0) == 1  # a single number has no pair to be free of noise with
        drawn[:, lone] = 1
        weighed = of_units.multinomial(units, np.full(units, 1 / units), size=size).T / units
        yield Weights(weighed, drawn.astype(np.float64))


def products(left: Floats, right: Floats, replications: Amounts) -> Amounts:
    """Mean of left times right over pairs of distinct replications: (rows, resamples) from (rows, replications)."""
    if left.shape[1] == 1:
        return np.asarray(np.repeat(left * right, replications.shape[1], axis=1))
    squares = np.square(replications)
    pairs = np.square(replications.sum(axis=0)) - squares.sum(axis=0)
    return np.asarray(((left @ replications) * (right @ replications) - (left * right) @ squares) / pairs)


def column_products(means: Floats, replications: Amounts) -> Amounts:
    """Likewise the square of a mean that differs by resample: (resamples,) from (replications, resamples)."""
    if len(means) == 1:
        return np.asarray(np.square(means[0]))
    weighted = means * replications
    pairs = np.square(replications.sum(axis=0)) - np.square(replications).sum(axis=0)
    return np.asarray((np.square(weighted.sum(axis=0)) - np.square(weighted).sum(axis=0)) / pairs)


def variance(values: Floats, rows: Amounts, replications: Amounts) -> Amounts:
    """Variance over rows, freed of noise, for each resample; divided by the number of rows."""
    squares = (products(values, values, replications) * rows).sum(axis=0)
    return np.asarray(squares - column_products(values.T @ rows, replications))


def by_resampling(
    statistic: Callable[[npt.NDArray[np.intp], Floats], list[float]],
    answers: Floats,
    block: int,
    resamples: int,
    seed: int,
) -> Amounts:
    """A statistic of row numbers and their point means, for the sample and each resample: (1 + resamples, factors)."""
    number, replications = answers.shape
    units = number // block
    rng = np.random.default_rng(seed)
    samples = [statistic(np.arange(number), answers.mean(axis=1))]
    for _ in range(resamples):
        drawn = rng.integers(units, size=units)
        rows = (drawn[:, None] * block + np.arange(block)).ravel()
        columns = rng.integers(replications, size=replications)
        samples.append(statistic(rows, answers[:, columns].mean(axis=1)[rows]))
    return np.array(samples, dtype=np.float64)


def with_interval(
    samples: Amounts, centred: bool = False, least: float | None = None, most: float | None = None
) -> Estimate:
    """Of the sample in front, with the quantiles of the resamples behind it.

    `centred` moves the interval so that the resamples have their mean at the estimate: for indices that resampling
    itself pushes to one side.
    """
    estimate, drawn = float(samples[0]), samples[1:]
    if not math.isfinite(estimate):
        return Estimate(None, None, None)
    finite = drawn[np.isfinite(drawn)]
    tail = (1 - LEVEL) / 2
    if len(finite) == 0 or len(drawn) - len(finite) > tail * len(drawn):
        return Estimate(estimate, None, None)
    ends = np.quantile(finite, [tail, 1 - tail]) + (estimate - finite.mean() if centred else 0.0)
    low, high = (float(end) for end in np.clip(ends, least, most))
    return Estimate(estimate, low, high)
