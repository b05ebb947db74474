"""What an answer depends on: indices of factors with 95% intervals, from answers at the points of a design.

Shapes throughout: `points` (points, factors) in the unit cube, in the order in which the sampler made them; `answers`
(points, replications), one number of one question for each race. All indices are of the *mean response*, the mean
answer of a point over all races that could be run there, and not of the answer of one race.

Replications share their random numbers: the race of one number draws the same ones at every point. So the answers of a
point are a mean response plus a random function of the point, one function for each replication number, and nothing
here assumes that the stochastic variation of two points is independent. What follows from it:

- A square or product of point means holds the noise of a point over the number of replications, in which what all
  points share cancels and what they do not share stays. Products of *distinct* replication numbers hold none. Every
  variance and every part of a variance below is the mean over such pairs: without bias for the mean response, whatever
  the noise of points has in common. For a variance over points this is the method of moments of the analysis of
  variance crossed by point and replication (Searle, Casella & McCulloch 1992, 4). It can come out below nothing, which
  says that there is less than the noise can tell.
- One replication leaves no pairs: the indices are then of that one race, and its noise counts as interaction.
- Resampling draws both the units of the design (blocks of a Saltelli sample, trajectories, points) and the replication
  numbers, these alike for all points: the pigeonhole bootstrap (Owen 2007), which errs on the wide side. With two
  replications only the former can vary; below about eight the intervals know little of the noise.
- A dummy factor, which no rule reads, shares all its random numbers with its neighbour in the design, so its
  variance-based indices are exactly nothing: it then tells that the design and the estimator work, and not how large
  the noise is. For `pawn` and `delta`, which are never nothing in a finite sample, it is the floor.

A number without meaning, such as a share of no variance, is None.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ipsc_race_lab.analysis import layouts
from ipsc_race_lab.estimators.intervals import Estimate, paired_t, variance_ratio
from ipsc_race_lab.estimators.resampling import (
    Amounts,
    Floats,
    Weights,
    column_products,
    products,
    resampled,
    variance,
    with_interval,
)

RESAMPLES = 1000
HARMONICS = 4  # of the search curve's own frequency that count as the factor's (Saltelli, Tarantola & Chan 1999)
FEWEST_REPLICATIONS = 3  # whose resampling says anything where nothing else is resampled


@dataclass(frozen=True, slots=True)
class Index:
    """One index of one factor for one question, as it stands in `analysis.json`."""

    question: str
    factor: str
    index: str
    estimate: float | None
    low: float | None
    high: float | None


class VarianceParts(NamedTuple):
    """Variance of single answers over the design and over random numbers.

    `between`: of the mean response over points; `within`: of the answers of a point over replications, mean over
    points; `shared`: the part of `within` that is the same at all points; `share`: `between` of the sum of
    `between` and `within`, with its interval.
    """

    between: float
    within: float | None
    shared: float | None
    share: Estimate


class Step(NamedTuple):
    """The indices that the first `size` units of a design give."""

    size: int
    rows: list[Index]


def block_rows(factors: int, second_order: bool = False) -> int:
    """Rows of a block of Saltelli's scheme: one base point with all that is crossed from it."""
    return (2 if second_order else 1) * factors + 2


def noise_floor(rows: Iterable[Index], question: str, index: str, dummy: str | None) -> float | None:
    """Upper end of the dummy's interval: a factor whose index is not above it is not significant."""
    if dummy is None:
        return None
    return next((row.high for row in rows if (row.question, row.index, row.factor) == (question, index, dummy)), None)


def exceeds_noise(low: float | None, noise: float | None) -> bool:
    """Whether the interval of a `mu_star` lies above its floor; not known, so not told, without replications."""
    return low is not None and noise is not None and low > noise


# The variance of answers, and its parts


def variance_parts(answers: Floats, *, seed: int, block: int = 1, resamples: int = RESAMPLES) -> VarianceParts:
    """Variance between points freed of replicate noise, variance within a point, and the share of the former.

    The method of moments with random effects of points and replications: the variance between points is the mean
    covariance of pairs of replications over points. The one-way form, which takes the variance within a point over
    its replications off the variance of point means, would take off too much where points share their random numbers.
    `block`: rows that are resampled together, see `block_rows`. One replication gives no variance within, so no share.
    """
    answers = layouts.numbers(answers, "answers")
    number, replications = answers.shape
    units = layouts.units(answers, block, "blocks")
    nothing = _nothing(answers)
    within = float(np.mean([row.var(ddof=1) for row in answers])) if replications > 1 else 0.0
    answers -= answers.mean()  # for the digits: a variance knows no level

    def parts(weights: Weights) -> list[Amounts]:
        rows = np.repeat(weights.units / block, block, axis=0)
        between = variance(answers, rows, weights.replications) * (number / (number - 1))
        if replications == 1:
            return [between, np.full_like(between, np.nan)]
        whole = between + (_spread(answers, weights.replications) * rows).sum(axis=0)
        return [between, between / np.where(whole > nothing, whole, np.nan)]

    samples = resampled(parts, units, replications, resamples if replications > 1 else 0, seed, number)
    between, share = float(samples[0, 0]), samples[1]
    if replications == 1:
        return VarianceParts(between, None, None, Estimate(None, None, None))
    shared = within - _own_luck(answers)
    return VarianceParts(between, within, shared, with_interval(share))


def _spread(values: Floats, replications: Amounts) -> Amounts:
    """Variance of each row over distinct replications: (rows, resamples) from (rows, replications)."""
    total, squares = replications.sum(axis=0), np.square(replications).sum(axis=0)
    half = total * (np.square(values) @ replications) - np.square(values @ replications)
    return np.asarray(half / (np.square(total) - squares))


def _own_luck(answers: Floats) -> float:
    """Mean square of the interaction of points and replications: variation that points do not share."""
    number, replications = answers.shape
    of_points = replications * np.square(answers.mean(axis=1)).sum()
    of_replications = number * np.square(answers.mean(axis=0)).sum()
    both = np.vdot(answers, answers) - of_points - of_replications + number * replications * answers.mean() ** 2
    return float(both / ((number - 1) * (replications - 1)))


# Analyses of designs made for them


def sobol(
    question: str,
    points: Floats,
    answers: Floats,
    factors: Sequence[str],
    *,
    seed: int,
    second_order: bool = False,
    resamples: int = RESAMPLES,
) -> list[Index]:
    """Shares of the variance of the mean response: `first` of a factor alone, `total` with all its interactions.

    `points` are Saltelli's scheme: N(D + 2) rows, or N(2D + 2) where it was made for `second_order`, which adds
    `second:other` for every pair. Estimators of Saltelli et al. (2010) and, of second order, Saltelli (2002), as in
    SALib, whose numbers these are with one replication; with more, numerator and denominator are freed of replicate
    noise (see the head of this file). Point means left as they are would have noise over replications in the
    denominator, which lowers `first`, and in the numerator of `total`, which raises it. Blocks and replications are
    resampled. All are None where no variance of the mean response is found, and without an interval where more than
    one resample in forty finds none.
    """
    points, answers = layouts.design(points, answers, factors)
    number, rows = len(factors), block_rows(len(factors), second_order)
    units = layouts.units(points, rows, "blocks")
    layouts.check_crossed(points.reshape(units, rows, number), second_order)
    nothing = _nothing(answers)
    answers -= answers.mean(axis=0)
    blocks = answers.reshape(units, rows, -1)
    a, b, ab = blocks[:, 0], blocks[:, -1], blocks[:, 1 : number + 1]
    pairs = [(j, k) for j in range(number) for k in range(j + 1, number)] if second_order else []

    def shares(weights: Weights) -> list[Amounts]:
        def form(left: Floats, right: Floats) -> Amounts:
            return np.asarray((products(left, right, weights.replications) * weights.units).sum(axis=0))

        centre = (a + b).T @ weights.units / 2
        whole = (form(a, a) + form(b, b)) / 2 - column_products(centre, weights.replications)
        whole = np.where(whole > nothing, whole, np.nan)
        first = [form(b, ab[:, j] - a) / whole for j in range(number)]
        total = [form(ab[:, j] - a, ab[:, j] - a) / 2 / whole for j in range(number)]
        both, ba = form(a, b), blocks[:, number + 1 : -1]
        second = [(form(ba[:, j], ab[:, k]) - both) / whole - first[j] - first[k] for j, k in pairs]
        return [*first, *total, *second]

    names = [(name, index) for index in ("first", "total") for name in factors]
    names += [(factors[j], f"second:{factors[k]}") for j, k in pairs]
    samples = resampled(shares, units, answers.shape[1], resamples, seed, units)
    return [row(question, *name, of) for name, of in zip(names, samples, strict=True)]


def morris(
    question: str,
    points: Floats,
    answers: Floats,
    factors: Sequence[str],
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> list[Index]:
    """Elementary effects (Morris 1991; Campolongo et al. 2007), per whole range of a factor.

    `mu`: mean effect; `mu_star`: mean size of an effect; `sigma`: their standard deviation over trajectories, freed of
    replicate noise, so that it tells of curvature and interaction alone. `mu_star` is of point means, in SALib's way:
    noise makes it larger, and `mu_star_noise` is its floor, what noise of the size seen would give without any effect:
    sqrt(2 / (pi R)) times the root of the mean over trajectories of the variance of an effect over its R replications,
    which is the mean size of a normal number with the variance of a mean of R, and by Jensen's inequality no less than
    that of trajectories of unlike variance. A factor that changes no race, such as a dummy, has a floor of exactly
    nothing: it shares all its random numbers. Trajectories and replications are resampled.
    """
    points, answers = layouts.design(points, answers, factors)
    number = len(factors)
    units = layouts.units(points, number + 1, "trajectories")
    effects = layouts.elementary_effects(points, answers, units)

    def sizes(weights: Weights) -> list[Amounts]:
        statistics = []
        for of in effects:
            means = of @ weights.replications / weights.replications.sum(axis=0)
            squares = variance(of, weights.units, weights.replications) * units / (units - 1)
            statistics.append((np.abs(means) * weights.units).sum(axis=0))
            statistics.append((means * weights.units).sum(axis=0))
            statistics.append(np.sqrt(np.maximum(squares, 0)))
        return statistics

    samples = resampled(sizes, units, answers.shape[1], resamples, seed, units)
    rows = []
    for i, (index, least) in enumerate((("mu_star", 0), ("mu", None), ("sigma", 0))):
        rows += [row(question, name, index, samples[3 * j + i], True, least) for j, name in enumerate(factors)]
    if answers.shape[1] > 1:
        noise = math.sqrt(2 / math.pi / answers.shape[1]) * np.sqrt(effects.var(axis=2, ddof=1).mean(axis=1))
        rows += [
            Index(question, name, "mu_star_noise", float(of), None, None)
            for name, of in zip(factors, noise, strict=True)
        ]
    return rows


def fast(
    question: str,
    points: Floats,
    answers: Floats,
    factors: Sequence[str],
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> list[Index]:
    """`first` and `total` by the extended Fourier test (Saltelli, Tarantola & Chan 1999), as in SALib.

    One search curve for each factor. The points of a curve cannot be resampled without breaking its frequencies, so
    the intervals are of replicate noise alone: what the curve itself misses is not in them. Fewer than three
    replications give none. Power is freed of replicate noise.
    """
    points, answers = layouts.design(points, answers, factors)
    length = layouts.units(points, len(factors), "points of each curve")
    frequency = (length - 1) // (2 * HARMONICS)
    if frequency < 2:
        raise ValueError(f"Curves of {length} points are too short for {HARMONICS} harmonics.")
    replications = answers.shape[1]
    nothing = _nothing(answers)
    answers -= answers.mean(axis=0)
    curves = answers.reshape(len(factors), length, replications)

    def shares(weights: Weights) -> list[Amounts]:
        first, total = [], []
        for curve in curves:
            waves = np.fft.rfft(curve, axis=0)[1 : -(-length // 2)] / length
            power = sum(products(part, part, weights.replications) for part in (waves.real, waves.imag))
            assert isinstance(power, np.ndarray)
            whole = 2 * power.sum(axis=0)
            whole = np.where(whole > nothing, whole, np.nan)
            first.append(2 * power[np.arange(1, HARMONICS + 1) * frequency - 1].sum(axis=0) / whole)
            total.append(1 - 2 * power[: frequency // 2].sum(axis=0) / whole)
        return [*first, *total]

    samples = resampled(shares, 1, replications, resamples if replications >= FEWEST_REPLICATIONS else 0, seed, length)
    names = [(name, index) for index in ("first", "total") for name in factors]
    return [row(question, *name, of) for name, of in zip(names, samples, strict=True)]


def effects(question: str, levels: Floats, answers: Floats, factors: Sequence[str]) -> list[Index]:
    """Effects in a two-level factorial: `effect` of a factor, `interaction:other` of a pair.

    An effect is the mean answer at the upper level less that at the lower one; an interaction is half of what one
    factor's effect gains as the other goes up. Each is taken within a replication, all of whose points share their
    random numbers, and the interval is Student's over replications. In a fraction of a factorial an interaction that
    cannot be told from another, or from an effect, is left out, and an effect holds the interactions of two it is
    confounded with. `variance_ratio` of a factor, last: what the shared random numbers are worth to its effect, see
    `intervals`. Raises ValueError where levels are not two, balanced and uncorrelated.
    """
    levels, answers = layouts.design(levels, answers, factors)
    signs = layouts.signs(levels, factors)
    number = len(factors)
    pairs = [(j, k) for j in range(number) for k in range(j + 1, number)]
    columns = np.concatenate([signs, *(signs[:, [j]] * signs[:, [k]] for j, k in pairs)], axis=1)
    alike = np.abs(columns.T @ columns) / len(levels)
    alone = (alike > 1e-9).sum(axis=0) == 1
    balanced = np.abs(columns.mean(axis=0)) < 1e-9
    weights = 2 / len(levels) * columns.T
    contrasts = weights @ answers
    names = [(name, "effect") for name in factors]
    names += [(factors[j], f"interaction:{factors[k]}") for j, k in pairs]
    rows = [
        Index(question, *names[i], *paired_t(contrasts[i]))
        for i in range(len(names))
        if i < number or (alone[i] and balanced[i])
    ]
    ratios = [variance_ratio(answers, weights[i]) for i in range(number)]
    return rows + [Index(question, name, "variance_ratio", *ratio) for name, ratio in zip(factors, ratios, strict=True)]


# Analyses of any spread-out sample


def convergence(
    analysis: Callable[[Floats, Floats], list[Index]],
    points: Floats,
    answers: Floats,
    sizes: Sequence[int],
    block: int = 1,
) -> list[Step]:
    """The same analysis of growing beginnings of a design, to see whether more points would change it.

    `sizes`: numbers of units, each of `block` rows: blocks of Saltelli's scheme (powers of two keep it balanced),
    trajectories, or points. Curves of `fast` have no beginnings.
    """
    units = len(points) // block
    wrong = [size for size in sizes if not 0 < size <= units]
    if wrong:
        raise ValueError(f"Sizes {wrong} are not among 1..{units}, the units of the design.")
    return [Step(size, analysis(points[: size * block], answers[: size * block])) for size in sizes]


# Rows


def row(
    question: str,
    factor: str,
    index: str,
    samples: Amounts,
    centred: bool = False,
    least: float | None = None,
    most: float | None = None,
) -> Index:
    """An index with the interval that resamples give it."""
    return Index(question, factor, index, *with_interval(samples, centred, least, most))


def _nothing(answers: Floats) -> float:
    """A variance that is rounding and no more."""
    return float(np.square(1e-12 * max(answers.max(), -answers.min())))
