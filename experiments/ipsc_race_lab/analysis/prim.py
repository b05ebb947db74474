"""Scenario discovery: the part of the space of factors in which an outcome that is either so or not mostly is so.

The patient rule induction method (PRIM; Friedman & Fisher 1999) as used for scenarios by Bryant & Lempert (2010). A
box limits some factors to a range, or to some levels. Of the points in it,

- `density`: the share that are hits, points with the outcome;
- `coverage`: the share of all hits that are in the box;
- `mass`: the share of all points that are in the box.

Peeling starts from the whole space and cuts off, again and again, the slice whose loss gains most density for each
point lost: from the lower or the upper end of a factor, or one level of a factor that has no order. Of slices of one
size that is the highest density left, the rule of Friedman & Fisher; by theirs alone a whole level, which takes many
points at once, would go before thin slices that tell more (Kwakkel & Jaxa-Rozen 2016). Small slices are what makes the
method patient: a mistake can be made good by the next cut. The boxes on the way are the trajectory, along which
coverage is given for density. Pasting moves sides of the chosen box out again where that costs no density.

The box is chosen by a rule, so that nobody's eye is needed to have the same one again: the largest harmonic mean of
coverage and density, of equals the one with fewer limited factors, then with more points. Limits whose quasi-p value
is above 0.05 are then taken away, the largest first, as Bryant & Lempert advise.

The quasi-p value of a limited factor: the chance that, of as many points as the box has, at least as many would be
hits, if each were one with the density of the box without the limits of that factor (a one-sided binomial test). It
is not a p value of a hypothesis put before the search: the box was made to look good on the same points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

ALPHA = 0.05  # share of a box's points that a cut takes
MIN_MASS = 0.05  # share of all points below which no box is cut
LARGEST_P = 0.05  # quasi-p value above which a limit is taken away

Floats = npt.NDArray[np.floating[Any]]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Limit:
    """What a box asks of one factor: to lie from `low` to `high` (None: no end), or to be one of `levels`."""

    low: float | None = None
    high: float | None = None
    levels: tuple[float, ...] | None = None

    def holds(self, values: Floats) -> Flags:
        """Which values are within it."""
        if self.levels is not None:
            return np.isin(values, self.levels)
        low = -math.inf if self.low is None else self.low
        return np.asarray((values >= low) & (values <= (math.inf if self.high is None else self.high)))


Limits = dict[str, Limit]


@dataclass(frozen=True, slots=True)
class Box:
    """A box and what is in it; `p_values`: quasi-p of each factor in `limits`."""

    limits: Limits
    coverage: float
    density: float
    mass: float
    p_values: dict[str, float] = field(default_factory=dict)

    @property
    def restricted(self) -> tuple[str, ...]:
        """The factors that the box limits."""
        return tuple(self.limits)


class Discovery(NamedTuple):
    """The boxes on the way, from the whole space on, and the one chosen, pasted and freed of idle limits."""

    trajectory: list[Box]
    chosen: Box


@dataclass(frozen=True)
class Space:
    """Points and hits, `points` of shape (points, factors); factors in `unordered` hold numbers of levels."""

    points: Floats
    hits: Flags
    factors: tuple[str, ...]
    unordered: frozenset[str]

    def column(self, factor: str) -> Floats:
        """Values of one factor."""
        return self.points[:, self.factors.index(factor)]

    def inside(self, limits: Limits) -> Flags:
        """Which points are in a box."""
        within = np.ones(len(self.points), dtype=np.bool_)
        for factor, limit in limits.items():
            within &= limit.holds(self.column(factor))
        return within

    def box(self, limits: Limits) -> Box:
        """A box with what is in it; its factors in the order of the space."""
        limits = {factor: limits[factor] for factor in self.factors if factor in limits}
        within = self.inside(limits)
        size, hits = int(within.sum()), int(self.hits[within].sum())
        if size == 0:
            raise ValueError(f"No point lies in the box that limits {', '.join(limits)}.")
        p_values = {factor: self._quasi_p(limits, factor, size, hits) for factor in limits}
        return Box(limits, hits / int(self.hits.sum()), hits / size, size / len(self.hits), p_values)

    def _quasi_p(self, limits: Limits, factor: str, size: int, hits: int) -> float:
        """Chance of so many hits in a box, at the density it has without the limits of one factor."""
        from scipy import stats

        without = self.inside({other: limit for other, limit in limits.items() if other != factor})
        return float(stats.binom.sf(hits - 1, size, self.hits[without].mean()))


def majority(answers: Floats, above: float = 0.5) -> Flags:
    """Which points have an answer whose mean over replications is above a bound; `answers` (points, replications)."""
    return np.asarray(np.asarray(answers, dtype=np.float64).mean(axis=1) > above)


def discover(
    points: Floats,
    hits: npt.ArrayLike,
    factors: Sequence[str],
    *,
    unordered: Collection[str] = (),
    alpha: float = ALPHA,
    min_mass: float = MIN_MASS,
    pasting: bool = True,
) -> Discovery:
    """The box in which hits are, by the rules at the head of this file.

    `points`: (points, factors), in any units; `hits`: one truth for each point; `unordered`: factors whose values are
    names in disguise and are cut off by level; `alpha`: share of a box's points that a cut takes, at least one point
    and all that are equal to it; `min_mass`: no box has a smaller share of the points. Raises ValueError where
    there are no hits, or nothing else.
    """
    space = _space(points, hits, factors, unordered)
    if not 0 < alpha < 1 or not 0 < min_mass < 1:
        raise ValueError(f"alpha ({alpha}) and min_mass ({min_mass}) must lie between 0 and 1.")
    trajectory = peel(space, alpha, min_mass)
    chosen = choose(trajectory)
    if pasting:
        chosen = paste(space, chosen, alpha)
    return Discovery(trajectory, without_idle_limits(space, chosen))


def peel(space: Space, alpha: float = ALPHA, min_mass: float = MIN_MASS) -> list[Box]:
    """Boxes from the whole space down to the least mass, or until there is nothing but hits.

    Of cuts that gain the same for each point the one that leaves more points is taken, then the first: factors in
    their order, the lower end before the upper one, levels upwards. Gains are compared as exact fractions.
    """
    box = space.box({})
    trajectory = [box]
    while box.density < 1:
        ways = [cut for cut in _cuts(space, box.limits, alpha) if cut[0].mean() >= min_mass]
        if not ways:
            break
        _, factor, limit = max(ways, key=_merit(space.hits, space.inside(box.limits)))
        box = space.box({**box.limits, factor: limit})
        trajectory.append(box)
    return trajectory


def choose(trajectory: Sequence[Box]) -> Box:
    """The box with the largest harmonic mean of coverage and density; of equals the simpler, then the larger one."""

    def merit(box: Box) -> tuple[float, int, float]:
        both = box.coverage + box.density
        return (2 * box.coverage * box.density / both if both else 0.0, -len(box.limits), box.mass)

    return max(trajectory, key=merit)


def paste(space: Space, box: Box, alpha: float = ALPHA) -> Box:
    """The box grown at one side after another as long as the density does not fall.

    A step takes in a share `alpha` of the box's points, at least one, next to it at one end of one factor, or one
    level; it is the step with the highest density, then with more points, then the first as in `peel`.
    """
    while True:
        larger = [(space.inside(limits), limits) for limits in _pastes(space, box, alpha)]
        if not larger:
            return box
        within, limits = max(larger, key=lambda step: (space.hits[step[0]].mean(), int(step[0].sum())))
        if space.hits[within].mean() < box.density:
            return box
        box = space.box(limits)


def without_idle_limits(space: Space, box: Box, largest_p: float = LARGEST_P) -> Box:
    """The box without factors whose limits could be chance, the one with the largest quasi-p value going first."""
    while box.limits:
        idlest = max(box.limits, key=lambda factor: box.p_values[factor])
        if box.p_values[idlest] <= largest_p:
            break
        box = space.box({factor: limit for factor, limit in box.limits.items() if factor != idlest})
    return box


def elsewhere(box: Box, points: Floats, hits: npt.ArrayLike, factors: Sequence[str]) -> Box:
    """The same limits on other points, which the box was not made from: what it is worth."""
    return _space(points, hits, factors, ()).box(box.limits)


def _merit(hits: Flags, before: Flags) -> Callable[[tuple[Flags, str, Limit]], tuple[Fraction, int]]:
    """What cuts of a box are compared by: density gained for each point taken, then points left."""
    many = int(before.sum())
    density = Fraction(int(hits[before].sum()), many)

    def merit(cut: tuple[Flags, str, Limit]) -> tuple[Fraction, int]:
        few = int(cut[0].sum())
        return (Fraction(int(hits[cut[0]].sum()), few) - density) / (many - few), few

    return merit


def _cuts(space: Space, limits: Limits, alpha: float) -> list[tuple[Flags, str, Limit]]:
    """Every cut of a box: the points it leaves, the factor, and what is then asked of it. None leaves nothing."""
    within = space.inside(limits)
    count = max(1, math.floor(alpha * int(within.sum()) + 1e-9))
    cuts = []
    for factor in space.factors:
        values, limit = space.column(factor), limits.get(factor, Limit())
        present = np.unique(values[within])
        if factor in space.unordered:
            levels = np.unique(space.column(factor)) if limit.levels is None else limit.levels
            ways = [Limit(levels=tuple(float(v) for v in levels if v != level)) for level in present]
        else:
            ordered = np.sort(values[within])
            above, below = present[present > ordered[count - 1]], present[present < ordered[-count]]
            ways = []
            if len(above):
                ways.append(Limit(low=_between(above[0], ordered[count - 1]), high=limit.high))
            if len(below):
                ways.append(Limit(low=limit.low, high=_between(below[-1], ordered[-count])))
        cuts += [(within & way.holds(values), factor, way) for way in ways if len(present) > 1]
    return cuts


def _pastes(space: Space, box: Box, alpha: float) -> list[Limits]:
    """Every way to let one side of a box out, each taking in at least one point."""
    count = max(1, math.floor(alpha * box.mass * len(space.hits) + 1e-9))
    limits: list[Limits] = []
    for factor, limit in box.limits.items():
        rest = {other: of for other, of in box.limits.items() if other != factor}
        values = space.column(factor)
        outside = values[space.inside(rest) & ~limit.holds(values)]
        if limit.levels is not None:
            wider = [tuple(sorted((*limit.levels, float(level)))) for level in np.unique(outside)]
            every = len(np.unique(values))
            ways: list[Limit | None] = [None if len(levels) == every else Limit(levels=levels) for levels in wider]
        else:
            ways = []
            if limit.low is not None and (outside < limit.low).any():
                low = _further(values[space.inside(rest)], limit.low, -1, count)
                ways.append(_open(low, limit.high))
            if limit.high is not None and (outside > limit.high).any():
                high = _further(values[space.inside(rest)], limit.high, 1, count)
                ways.append(_open(limit.low, high))
        limits += [rest if way is None else {**rest, factor: way} for way in ways]
    return limits


def _further(values: Floats, end: float, side: int, count: int) -> float | None:
    """An end of a range moved out past the `count` next values and their equals; None past the last of them."""
    beyond = np.sort(side * values[side * values > side * end])
    reached = beyond[min(count, len(beyond)) - 1]
    left = beyond[beyond > reached]
    return None if len(left) == 0 else side * _between(reached, left[0])


def _open(low: float | None, high: float | None) -> Limit | None:
    """A range, or no limit at all."""
    return None if low is None and high is None else Limit(low, high)


def _between(inside: float, outside: float) -> float:
    """Half way between a value that is in and one that is out; the former where no number lies between."""
    middle = (float(inside) + float(outside)) / 2
    return float(inside) if middle == outside else middle


def _space(points: Floats, hits: npt.ArrayLike, factors: Sequence[str], unordered: Collection[str]) -> Space:
    """Points and hits that belong together, with both hits and others among them."""
    table, truths = np.asarray(points, dtype=np.float64), np.asarray(hits)
    if table.ndim != 2 or table.shape != (len(truths), len(factors)):
        raise ValueError(
            f"Points have shape {table.shape}, but there are {len(truths)} hits and {len(factors)} factors."
        )
    if not np.isfinite(table).all():
        raise ValueError("A point holds something that is no number.")
    unknown = sorted(set(unordered) - set(factors))
    if unknown:
        raise ValueError(f"There is no factor {', '.join(unknown)}.")
    flags = truths.astype(np.bool_)
    if not (truths == flags).all():
        raise ValueError("An outcome is neither yes nor no.")
    if flags.all() or not flags.any():
        raise ValueError(f"The outcome is {'always' if flags.all() else 'never'} so: there is nothing to tell apart.")
    return Space(table, flags, tuple(factors), frozenset(unordered))
