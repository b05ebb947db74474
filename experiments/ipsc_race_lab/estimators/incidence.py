"""Cumulative incidence under competing risks: what share has come to each end by a given time.

Outcomes of a race compete (another bloc is first, a programme is stopped before it is approved), so the estimator is
Aalen and Johansen's, never a Kaplan-Meier curve that censors the rivals' successes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence of competing causes, with a pointwise 95% interval.

    `times` (n,) ascending; `share`, `low`, `high` (causes, n) hold from that time on; `at_risk` (n,) is the number
    that nothing had happened to just before it.
    """

    times: Floats
    share: Floats
    low: Floats
    high: Floats
    at_risk: Floats


def aalen_johansen(at_risk: Floats, events: Floats) -> Floats:
    """Incidence of each cause from counts at successive times.

    `at_risk` (..., n), `events` (..., causes, n), any leading axes alike; returns the shape of `events`.
    Source: Aalen & Johansen 1978, Scandinavian Journal of Statistics 5:141-150.
    """
    hazard = events / np.maximum(at_risk, 1)[..., None, :]
    return np.cumsum(_survival_before(hazard)[..., None, :] * hazard, axis=-1)


def incidence_of_counts(times: Floats, at_risk: Floats, events: Floats, censored: Floats) -> Incidence:
    """Incidence with its interval, from counts at successive times.

    `at_risk` (n,), `events` (causes, n), `censored` (n,): the numbers lost to view at each time, after its events.
    """
    share = np.clip(aalen_johansen(at_risk, events), 0, 1)
    in_view = at_risk[0] - (np.cumsum(censored) - censored) if len(times) else at_risk
    low, high = _interval(share, _variance(at_risk, events, share), in_view)
    return Incidence(times, share, low, high, at_risk)


def cumulative_incidence(times: ArrayLike, causes: ArrayLike, n_causes: int) -> Incidence:
    """Incidence of causes 1..n_causes from one time and one cause (0: censored) for each subject.

    Where an event and a censoring fall on the same time, the event comes first.
    """
    time, cause = np.asarray(times, dtype=np.float64), np.asarray(causes)
    grid, place = np.unique(time, return_inverse=True)
    counts = np.zeros((n_causes + 1, len(grid)))
    np.add.at(counts, (cause, place), 1)
    leaving = counts.sum(axis=0)
    at_risk = len(time) - (np.cumsum(leaving) - leaving)
    return incidence_of_counts(grid, at_risk, counts[1:], counts[0])


def first_of(months: Floats, horizon_months: float) -> Incidence:
    """Incidence of being the first of all, one cause a column.

    `months` (runs, rivals): when each rival arrives, inf if never. A tie shares the credit, so that the curves end at
    the probabilities of being first. Times are whole months, 0 to the horizon.
    """
    earliest = months.min(axis=1)
    tied = (months == earliest[:, None]) & np.isfinite(earliest)[:, None]
    credit = tied / np.maximum(tied.sum(axis=1, keepdims=True), 1)
    grid = np.arange(int(horizon_months) + 1, dtype=np.float64)
    events = np.zeros((months.shape[1], len(grid)))
    arrived = earliest <= horizon_months
    np.add.at(events.T, np.floor(earliest[arrived]).astype(int), credit[arrived])
    leaving = events.sum(axis=0)
    at_risk = len(months) - (np.cumsum(leaving) - leaving)
    return incidence_of_counts(grid, at_risk, events, np.zeros(len(grid)))


def _survival_before(hazard: Floats) -> Floats:
    """Share to which nothing has happened just before each time; `hazard` (..., causes, n)."""
    survival = np.cumprod(np.clip(1 - hazard.sum(axis=-2), 0, 1), axis=-1)
    before = np.ones_like(survival)
    before[..., 1:] = survival[..., :-1]
    return before


def _variance(at_risk: Floats, events: Floats, share: Floats) -> Floats:
    """Delta-method variance of the incidences, shape of `share`.

    Source: Marubini & Valsecchi 1995, Analysing Survival Data from Clinical Trials, eq. 10.12. Where all are seen to
    the end it is share * (1 - share) / n.
    """
    number = np.maximum(at_risk, 1)
    any_event = events.sum(axis=0)
    left = at_risk - any_event
    # Where nobody is left after a time, the curve no longer moves and the term's weight is zero.
    greenwood = np.divide(any_event, number * left, out=np.zeros_like(number), where=left > 0)
    before = _survival_before(events / number)
    own = before**2 * events * (number - events) / number**3
    cross = before * events / number**2
    total = share**2 * np.cumsum(greenwood) - 2 * share * np.cumsum(greenwood * share, axis=-1)
    total += np.cumsum(greenwood * share**2, axis=-1) + np.cumsum(own, axis=-1)
    total -= 2 * (share * np.cumsum(cross, axis=-1) - np.cumsum(cross * share, axis=-1))
    return np.asarray(np.maximum(total, 0), dtype=np.float64)


def _interval(share: Floats, variance: Floats, in_view: Floats) -> tuple[Floats, Floats]:
    """95% interval: Wilson's, on the number of fully seen subjects that would give the same variance.

    Without censoring this is Wilson's interval itself. At 0 and 1, where the variance says nothing, the number is that
    still in view. Source: Korn & Dorey 1992, Statistics in Medicine 11:1199-1212 (effective sample size).
    """
    number = np.broadcast_to(np.maximum(in_view, 1), share.shape).copy()
    inside = (variance > 1e-12) & (share > 0) & (share < 1)
    np.divide(share * (1 - share), variance, out=number, where=inside)
    spread = Z_95 * np.sqrt(share * (1 - share) / number + Z_95**2 / (4 * number**2))
    centre = share + Z_95**2 / (2 * number)
    scale = 1 + Z_95**2 / number
    return np.clip((centre - spread) / scale, 0, 1), np.clip((centre + spread) / scale, 0, 1)
