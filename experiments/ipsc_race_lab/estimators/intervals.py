"""Estimates with 95% intervals: shares, ratios, means, differences, medians, spreads. Pure functions of arrays."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

LEVEL = 0.95
RARE = 3  # successes or failures up to which a share is rare
FEWEST = 6  # races that tell anything of the variance of a share

Values = npt.NDArray[np.floating[Any]]


class Estimate(NamedTuple):
    """A number with its interval; None where the data give none."""

    estimate: float | None
    low: float | None
    high: float | None


def wilson(credit: float, n: float) -> Estimate:
    """Share `credit / n` with its score interval (Wilson 1927), made wider where there are few on one side.

    Up to three successes or failures Wilson's interval covers too seldom; its end there is then that of a Poisson count
    (Brown, Cai & DasGupta 2001). `credit` may hold halves or other parts of a success (shared ties): the spread of such
    scores is at most that of whole ones, so the interval then errs on the wide side. Without data it is all of 0..1.
    """
    if n == 0:
        return Estimate(None, 0.0, 1.0)
    z = _z()
    p = credit / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = min(centre - half, _rare_end(credit, n)), max(centre + half, 1 - _rare_end(n - credit, n))
    # Rounding must not push an end past the share itself, nor past 0 or 1.
    return Estimate(p, max(0.0, min(p, low)), min(1.0, max(p, high)))


def share_of_sums(parts: Values, wholes: Values) -> Estimate:
    """Sum of `parts` over races as a share of the sum of `wholes`, each at least its part; None if that is nothing.

    A race weighs by its whole, and races differ in both. The interval is Wilson's at the number of equal races that
    would tell as much: Kish's (1965) for unequal weights, right if each race is all or nothing. Where that is at least
    six, and so many races have something in the part and as many something outside it, the number is p(1 - p) over
    the variance of the ratio by the delta method, made less for what few races tell of it (Dean & Pagano 2015).
    """
    whole = float(np.sum(wholes))
    if whole <= 0:
        return Estimate(None, None, None)
    p = float(np.sum(parts)) / whole
    equal = whole**2 / float(np.sum(np.square(wholes)))
    informative = min(int(np.count_nonzero(parts)), int(np.count_nonzero(parts < wholes)), equal)
    if informative >= FEWEST:
        variance = _sum_of_squares(parts - p * wholes, informative) / whole**2
        if variance == 0:
            return Estimate(p, p, p)
        equal = p * (1 - p) / variance * (_z() / _student(informative)) ** 2
    return wilson(p * equal, equal)


def share_over_points(scores: Values) -> Estimate:
    """Mean of scores from 0 to 1, shape (points, races), the races of a column with the same random numbers.

    Wilson's interval, of one point at the number of races. Of several it is at the number of races that would tell as
    much, from how far the means of single races over the points lie apart; where these all agree, at theirs.
    """
    points, races = scores.shape
    means = scores.mean(axis=0, dtype=np.float64)
    number = float(races)
    if points > 1 and races > 1 and (variance := float(np.var(means, ddof=1))) > 0:
        p = float(means.mean())
        number = p * (1 - p) * races / variance * (_z() / _student(races)) ** 2
    return wilson(float(means.mean()) * number if number != races else float(means.sum()), number)


def difference_of_shares(there: tuple[Values, Values], here: tuple[Values, Values]) -> Estimate:
    """What one share of sums is more than another, from the parts and wholes of paired races in both.

    The interval is the delta method's, with Student's t over races; None where one of the wholes is nothing.
    """
    shares, errors = [], []
    for parts, wholes in (there, here):
        whole = float(np.mean(wholes))
        if whole <= 0:
            return Estimate(None, None, None)
        shares.append(float(np.mean(parts)) / whole)
        errors.append((parts - shares[-1] * wholes) / whole)
    more, (_, low, high) = shares[0] - shares[1], paired_t(errors[0] - errors[1])
    if low is None or high is None:
        return Estimate(more, None, None)
    half = (high - low) / 2
    return Estimate(more, max(more - half, -1.0), min(more + half, 1.0))


def ratio_of_means(numerators: Values, denominators: Values) -> Estimate:
    """Mean over races of one amount by the mean of another of the same race; None where the latter is nothing.

    The interval is the delta method's for the logarithm, so that it stays above 0; none from fewer than two races
    in which there is anything.
    """
    above, below = float(np.sum(numerators)), float(np.sum(denominators))
    if below <= 0:
        return Estimate(None, None, None)
    ratio = above / below
    informative = int(np.count_nonzero((numerators != 0) | (denominators != 0)))
    if informative < 2:
        return Estimate(ratio, None, None)
    if ratio == 0:
        return Estimate(0.0, 0.0, 0.0)
    error = math.sqrt(_sum_of_squares(numerators - ratio * denominators, informative)) / above
    factor = math.exp(_student(informative) * error)
    return Estimate(ratio, ratio / factor, ratio * factor)


def mean_amount(values: Values) -> Estimate:
    """Mean of amounts of which none is negative, with Student's interval cut at 0."""
    mean, low, high = paired_t(values)
    return Estimate(mean, None if low is None else max(low, 0.0), high)


def paired_shares(differences: Values) -> Estimate:
    """Mean difference of paired scores from 0 to 1, with an interval that has a width even where no pair differs.

    One pair more is counted on either side, and Wald's interval taken (Bonett & Price 2012). Scores may hold halves
    (shared ties): their spread is at most that of whole ones, so the interval then errs on the wide side. Without data
    it is all of -1..1.
    """
    n = len(differences)
    if n == 0:
        return Estimate(None, -1.0, 1.0)
    mean = float(np.mean(differences))
    more = (float(np.maximum(differences, 0).sum()) + 1) / (n + 2)
    less = (float(np.maximum(-differences, 0).sum()) + 1) / (n + 2)
    centre = more - less
    half = _z() * math.sqrt((more + less - centre**2) / (n + 2))
    return Estimate(mean, max(-1.0, min(mean, centre - half)), min(1.0, max(mean, centre + half)))


def paired_t(differences: Values) -> Estimate:
    """Mean of paired differences with Student's interval; no interval from fewer than two.

    Differences of exactly nothing tell that there is none, and not how far the others lie apart: together they count
    for one value. Of ten leads of which half are nothing the interval then holds the truth in 94.9% of cases, and not
    in 91.8%; without such ties it is Student's own. Where all differ alike it has no width.
    """
    n = len(differences)
    if n == 0:
        return Estimate(None, None, None)
    mean = float(np.mean(differences))
    if n == 1:
        return Estimate(mean, None, None)
    error = float(np.std(differences, ddof=1)) / math.sqrt(n)
    nothing = int(np.count_nonzero(differences == 0))
    half = _student(max(n - max(nothing - 1, 0), 2)) * error
    return Estimate(mean, mean - half, mean + half)


def variance_ratio(answers: Values, weights: Values) -> Estimate:
    """How many times as many races a weighted sum of answers would take if its worlds shared no random numbers.

    `answers`: shape (worlds, races), the races of a column with the same random numbers; `weights`: of each world in
    the sum, 1 and -1 for a difference. The variance that the sum would have with random numbers of its own in each
    world, by the variance that it has. None where the sum never varies. The interval is that of the jackknife for the
    logarithm (Miller 1974), one race left out at a time; none where the other races then agree.
    """
    races = answers.shape[1]
    if races < 2:
        return Estimate(None, None, None)
    each = np.concatenate([answers, [weights @ answers]])
    squares = np.square(each - each.mean(axis=1, keepdims=True))
    sums = squares.sum(axis=1, keepdims=True)
    rounding = races * float(np.square(1e-12 * np.abs(answers).max()))
    if sums[-1, 0] <= rounding:
        return Estimate(None, None, None)
    ratio = float(np.square(weights) @ sums[:-1, 0] / sums[-1, 0])
    left = sums - races / (races - 1) * squares  # sums of squares of the others, about their own mean
    if left[-1].min() <= rounding:
        return Estimate(ratio, None, None)
    logs = np.log(np.square(weights) @ left[:-1] / left[-1])
    factor = math.exp(_student(races) * math.sqrt((races - 1) * float(np.var(logs))))
    return Estimate(ratio, ratio / factor, ratio * factor)


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
    """Median and ends of the central 80% of `values`: what single races do, not how well their middle is known."""
    if len(values) == 0:
        return Estimate(None, None, None)
    middle, low, high = np.quantile(values, [0.5, 0.1, 0.9], method="inverted_cdf")
    return Estimate(_finite(middle), _finite(low), _finite(high))


def _z() -> float:
    """Normal deviate that a 95% interval reaches to."""
    return NormalDist().inv_cdf(0.5 + LEVEL / 2)


def _rare_end(count: float, n: float) -> float:
    """Lower end of the share of a rare outcome; 1, so that it bounds nothing, of one that is not."""
    from scipy import special

    if count > RARE:
        return 1.0
    return float(special.gammaincinv(count, 1 - LEVEL)) / n if count > 0 else 0.0


def _student(n: float) -> float:
    """Likewise, of Student's t for the mean of `n` values."""
    from scipy import special

    return float(special.stdtrit(n - 1, 0.5 + LEVEL / 2))


def _sum_of_squares(residuals: Values, n: float) -> float:
    """Of residuals about a ratio that `n` races tell of, made larger for the one parameter fitted to them."""
    return float(np.sum(np.square(residuals))) * n / (n - 1)


def _rank_below(n: int) -> int:
    """Largest rank above the median with a chance of at most half of 1 - LEVEL; 0 if there is none."""
    from scipy import special

    ranks = np.arange(n // 2 + 1)
    return int(np.count_nonzero(special.bdtr(ranks, n, 0.5) <= (1 - LEVEL) / 2))


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
