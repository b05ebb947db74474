"""Indices that compare whole distributions of point means: PAWN and Borgonovo's delta."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ipsc_race_lab.analysis import layouts
from ipsc_race_lab.analysis.sensitivity import Index, row
from ipsc_race_lab.estimators.resampling import Floats, by_resampling

SLOW_RESAMPLES = 200  # of `pawn` and `delta`, which sort and weigh all points once more for each
SLICES = 10  # of a factor's range, for pawn


def pawn(
    question: str,
    points: Floats,
    answers: Floats,
    factors: Sequence[str],
    *,
    seed: int,
    block: int = 1,
    resamples: int = SLOW_RESAMPLES,
) -> list[Index]:
    """How far a factor moves the distribution of point means (Pianosi & Wagener 2018): `pawn`.

    Median over ten slices of the factor's range, with equal numbers of points, of the largest distance between the
    distribution in the slice and that of all points. Above nothing even for a dummy: see `noise_floor`. Blocks of
    `block` points and replications are resampled; resampling adds noise once more, so the interval is moved to have
    its middle at the estimate. Noise of replications dulls the index.
    """
    points, answers = layouts.design(points, answers, factors)
    layouts.units(points, block, "blocks")
    slices = [_slices(column) for column in points.T]

    def distances(rows: npt.NDArray[np.intp], means: Floats) -> list[float]:
        order = np.argsort(means, kind="stable")
        ordered = means[order]
        last = np.append(ordered[1:] != ordered[:-1], True)  # of equal answers: where a distribution has made its step
        return [_pawn(cut[rows][order], last) for cut in slices]

    samples = by_resampling(distances, answers, block, resamples, seed)
    return [row(question, name, "pawn", samples[:, j], True, 0, 1) for j, name in enumerate(factors)]


def delta(
    question: str,
    points: Floats,
    answers: Floats,
    factors: Sequence[str],
    *,
    seed: int,
    block: int = 1,
    resamples: int = SLOW_RESAMPLES,
) -> list[Index]:
    """Borgonovo's (2007) moment-independent importance of a factor for point means: `delta`.

    Half the mean distance between the density of point means and that where the factor is known, by SALib's kernel
    estimate, its bias taken off by the bootstrap (Plischke et al. 2013): `2 d - d*`, whose quantiles are the interval.
    Blocks of `block` points and replications are resampled. None where the answers are too often the same for a
    density to be estimated: shares of few replications, say. Noise of replications dulls the index.
    """
    from SALib.analyze.delta import calc_delta

    points, answers = layouts.design(points, answers, factors)
    layouts.units(points, block, "blocks")
    number = len(points)
    classes = min(math.ceil(number ** (2 / (7 + math.tanh((1500 - number) / 500)))), 48)
    edges = np.linspace(0, number, classes + 1)

    def distances(rows: npt.NDArray[np.intp], means: Floats) -> list[float]:
        grid = np.linspace(means.min(), means.max(), 100)
        deltas = []
        for column in points[rows].T:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")  # SALib warns where too many classes have no density
                    deltas.append(float(calc_delta(means, grid, column, edges)))
            except (Warning, np.linalg.LinAlgError):
                deltas.append(math.nan)
        return deltas

    samples = by_resampling(distances, answers, block, resamples, seed)
    if resamples:
        some = np.isfinite(samples[1:]).any(axis=0) & np.isfinite(samples[0])
        samples[:, ~some] = np.nan
        samples[1:] = 2 * samples[0] - samples[1:]
        samples[0, some] = np.nanmean(samples[1:, some], axis=0)
    return [row(question, name, "delta", samples[:, j]) for j, name in enumerate(factors)]


def _slices(column: Floats) -> npt.NDArray[np.intp]:
    """Which of the slices, with equal numbers of points, each value is in; equal values share one."""
    edges = np.quantile(column, np.arange(1, SLICES) / SLICES)
    return np.searchsorted(edges, column, side="right")


def _pawn(slices: npt.NDArray[np.intp], last: npt.NDArray[np.bool_]) -> float:
    """Median over slices of the largest distance between distributions, from slices in the order of the answers."""
    inside = np.cumsum(slices[:, None] == np.arange(SLICES), axis=0)
    inside = inside[:, inside[-1] > 0]
    everyone = np.arange(1, len(slices) + 1) / len(slices)
    distance = np.abs(inside / inside[-1] - everyone[:, None])[last].max(axis=0)
    return float(np.median(distance))
