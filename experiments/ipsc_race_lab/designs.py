"""Designs of experiments: which points of the space of its factors an experiment runs.

Every design is made on the unit cube, one column for each factor, and mapped to values through the quantile function of
the factor's distribution. So the same designs serve numbers, switches and whole worlds. Everything is seeded.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from ipsc_race_lab.experiment import Experiment, Factor

Numbers = npt.NDArray[np.float64]

ONE_AT_A_TIME = "one_at_a_time"
MOST_POINTS = 1_000_000
FAST_LEAST = 65  # points: SALib asks for more than 4 M^2, with M = 4 harmonics


# Distributions


@dataclass(frozen=True)
class Distribution:
    """What is believed of a factor, by its quantile function; every kind ends at `low` and `high`.

    `whole`: whole numbers only. The interval is widened by half a step at both ends and rounded, so that every number
    inside it has the same chance under `uniform`, the two ends too.
    """

    kind: str  # a key of DISTRIBUTIONS, or "values"
    low: float = 0.0
    high: float = 1.0
    mode: float = 0.0  # triangular
    mean: float = 0.0  # normal, before it is cut off at both ends
    sd: float = 1.0
    whole: bool = False
    values: tuple[float, ...] = ()  # kind "values": all equally likely; switches as 0 and 1, levels by their place

    def quantile(self, shares: npt.ArrayLike) -> Numbers:
        """Values at quantiles from 0 to 1, both included."""
        u = np.asarray(shares, np.float64)
        if self.kind == "values":
            last = len(self.values) - 1
            places = np.minimum((u * len(self.values)).astype(np.int64), last)
            return np.asarray(self.values, np.float64)[places]
        widened = 0.5 if self.whole else 0.0
        x = DISTRIBUTIONS[self.kind].quantile(self, u, self.low - widened, self.high + widened)
        return np.clip(np.floor(x + 0.5) if self.whole else x, self.low, self.high)


@dataclass(frozen=True)
class _Shape:
    """A kind of distribution: its keys beside `low` and `high`, and its quantile function."""

    keys: tuple[str, ...]
    quantile: Callable[[Distribution, Numbers, float, float], Numbers]


def _uniform(_: Distribution, u: Numbers, low: float, high: float) -> Numbers:
    return low + u * (high - low)


def _log_uniform(_: Distribution, u: Numbers, low: float, high: float) -> Numbers:
    return np.exp(math.log(low) + u * (math.log(high) - math.log(low)))


def _triangular(of: Distribution, u: Numbers, low: float, high: float) -> Numbers:
    width, left, right = high - low, of.mode - low, high - of.mode
    rising, falling = low + np.sqrt(u * width * left), high - np.sqrt((1 - u) * width * right)
    return np.where(u * width < left, rising, falling)


def _normal(of: Distribution, u: Numbers, low: float, high: float) -> Numbers:
    from scipy.special import ndtr, ndtri

    below, above = ndtr((low - of.mean) / of.sd), ndtr((high - of.mean) / of.sd)
    share = below + u * (above - below)
    beyond, from_low = ndtr((of.mean - high) / of.sd), ndtr((of.mean - low) / of.sd)
    left = beyond + (1 - u) * (from_low - beyond)  # the same from above: near 1 a share has no digits left
    return np.where(share < left, of.mean + of.sd * ndtri(share), of.mean - of.sd * ndtri(left))


DISTRIBUTIONS: dict[str, _Shape] = {
    "uniform": _Shape((), _uniform),
    "log_uniform": _Shape((), _log_uniform),
    "triangular": _Shape(("mode",), _triangular),
    "normal": _Shape(("mean", "sd"), _normal),
}


# Designs


@dataclass(frozen=True)
class Design:
    """How the points of an experiment are chosen.

    `points`: rows of a random design; for saltelli and fast the base sample, for morris the trajectories; 0 where the
    levels give the number. `levels`: of morris for every factor, of grid and one_at_a_time for each without values.
    """

    kind: str  # a key of KINDS
    points: int = 0
    second_order: bool = False  # saltelli
    levels: int = 4  # morris, grid, one_at_a_time
    levels_of: tuple[tuple[str, int], ...] = ()  # grid: levels of single factors, by name

    @property
    def extensible(self) -> bool:
        """Whether more points keep all earlier ones, in their places, so that a result can be expanded."""
        return KINDS[self.kind].extensible


@dataclass(frozen=True)
class _Kind:
    """A kind of design: what can be set, whether it can be extended, how it is drawn and how many rows it gives."""

    keys: tuple[str, ...]
    sample: Callable[[Design, Sequence[Factor], int], Numbers]
    rows: Callable[[Design, Sequence[Factor]], int]
    extensible: bool = False
    powers_of_two: bool = False  # the points of a Sobol sequence are balanced at powers of two only
    least: int = 1


def points_refused(kind: str, count: int) -> str:
    """What is wrong with a number of points for a kind of design, in words; empty if nothing."""
    of = KINDS[kind]
    if "points" not in of.keys and "trajectories" not in of.keys:
        return f"a {kind} has as many points as its levels give"
    if count < of.least:
        return f"expected {of.least:,} or more for {kind}"
    if of.powers_of_two and count.bit_count() != 1:
        return f"expected a power of two for {kind}, such as {1 << count.bit_length():,}"
    return ""


def quantiles(experiment: Experiment) -> Numbers:
    """The design on the unit cube, shape (points, factors): what SALib's analyses read beside `problem`.

    Not a number where one_at_a_time leaves a factor as the scenario has it.
    """
    return KINDS[experiment.design.kind].sample(experiment.design, experiment.factors, experiment.seed)


def points(experiment: Experiment) -> Numbers:
    """The design in values, shape (points, factors).

    A switch is 0 or 1, a lever the place of its level, a dummy a number from 0 to 1; not a number: as the scenario has
    it. The points are those of one scenario; an experiment with several runs all of them in each.
    """
    unit = quantiles(experiment)
    table = np.full_like(unit, np.nan)
    for i, factor in enumerate(experiment.factors):
        moved = ~np.isnan(unit[:, i])
        table[moved, i] = _mapped(experiment.design, factor).quantile(unit[moved, i])
    return table


def _mapped(design: Design, factor: Factor) -> Distribution:
    """What turns a factor's quantiles into values: its distribution, of one_at_a_time its levels alone."""
    if design.kind != ONE_AT_A_TIME:
        return factor.distribution
    return Distribution("values", values=tuple(level_values(design, factor).tolist()))


class Points(NamedTuple):
    """All points of an experiment as they are run, scenario by scenario, each in the order of the design.

    `worlds`: keys of `Experiment.worlds()`, each a scenario and the level of each lever; `world_of`: shape (points,),
    the place of each point's world among them; `numbers`: (points, paths), what is written into it, in the order of
    `Experiment.paths`; `ids`: (points,), by scenario and row of the design, which more points leave as they are.
    """

    worlds: list[tuple[str, ...]]
    world_of: npt.NDArray[np.intp]
    numbers: Numbers
    ids: npt.NDArray[np.int64]


def design_points(experiment: Experiment) -> Points:
    """The points of an experiment; see `Experiment.points`, which makes them once."""
    tables = [_filled(experiment, points(experiment), scenario) for scenario in experiment.scenarios]
    table = tables[0]  # of levers the same in every scenario
    levers = [(i, factor.levels) for i, factor in enumerate(experiment.factors) if factor.levels]
    columns = [i for i, factor in enumerate(experiment.factors) if factor.path is not None]
    met, place = np.unique(table[:, [i for i, _ in levers]], axis=0, return_inverse=True)
    levels = [tuple(of[int(at)].name for (_, of), at in zip(levers, row, strict=True)) for row in met]
    count, scenarios = len(table), range(len(experiment.scenarios))
    return Points(
        [(scenario, *names) for scenario in experiment.scenarios for names in levels],
        np.concatenate([number * len(levels) + place.reshape(-1) for number in scenarios]),
        np.concatenate([of[:, columns] for of in tables]),
        np.concatenate([number * MOST_POINTS + np.arange(count) for number in scenarios]),
    )


def _filled(experiment: Experiment, table: Numbers, scenario: str) -> Numbers:
    """Points with a scenario's own values where a design leaves factors as they are."""
    left = np.isnan(table)
    return np.where(left, experiment.as_it_is(scenario), table) if left.any() else table


def size(design: Design, factors: Sequence[Factor]) -> int:
    """Rows of a design, without making it."""
    return KINDS[design.kind].rows(design, factors)


def problem(experiment: Experiment) -> dict[str, Any]:
    """The experiment as SALib wants it described, on the unit cube."""
    return _problem(experiment.factors)


def _problem(factors: Sequence[Factor]) -> dict[str, Any]:
    names = [factor.name for factor in factors]
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _rows(design: Design, _: Sequence[Factor]) -> int:
    return design.points


# Levels: factorial, fractional factorial, grid


def level_counts(design: Design, factors: Sequence[Factor]) -> list[int]:
    """Levels of each factor: its values; of a range both ends, or as many as the design asks for."""
    if design.kind == ONE_AT_A_TIME:
        return [len(level_values(design, factor)) for factor in factors]
    own = dict(design.levels_of)
    ranges = design.levels if design.kind == "grid" else 2
    return [len(factor.distribution.values) or own.get(factor.name, ranges) for factor in factors]


def _levels(factor: Factor, count: int) -> Numbers:
    """Quantiles of the levels: the middle of each value's share, or evenly spread from end to end of a range."""
    if factor.distribution.values:
        return (np.arange(count) + 0.5) / count
    return np.linspace(0, 1, count) if count > 1 else np.array([0.5])


def _crossing(design: Design, factors: Sequence[Factor], _: int) -> Numbers:
    """All combinations of levels, the last factor changing fastest; of no factors the one of nothing."""
    axes = [_levels(factor, count) for factor, count in zip(factors, level_counts(design, factors), strict=True)]
    return np.array(list(itertools.product(*axes)), np.float64)


def _crossing_rows(design: Design, factors: Sequence[Factor]) -> int:
    return math.prod(level_counts(design, factors))


def generators(count: int) -> tuple[int, ...]:
    """For each factor of a two-level fraction the independent columns whose product is its column, as bits.

    Every word has an odd number of columns, so that no product of three factors or fewer is constant: resolution IV, in
    the fewest runs in which it is possible (Box & Hunter 1961). One factor more than columns takes the product of all:
    the resolution is then their number plus one.
    """
    columns = count if count <= 2 else max(3, math.ceil(math.log2(count)) + 1)
    own = [1 << column for column in range(columns)]
    if count == columns + 1:
        return (*own, (1 << columns) - 1)
    odd = [word for word in range(1 << columns) if word.bit_count() % 2 and word.bit_count() > 1]
    return tuple([*own, *sorted(odd, key=int.bit_count)][:count])


def aliasing(experiment: Experiment) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Pairs of factors whose joint effects a fractional factorial cannot tell apart, group by group.

    The effect of a single factor is never in one of them: it is mixed with joint effects of three and more only. Empty
    for a full factorial and for a fraction of resolution V or better.
    """
    if experiment.design.kind != "fractional_factorial":
        return ()
    words = generators(len(experiment.factors))
    names = [factor.name for factor in experiment.factors]
    groups: dict[int, list[tuple[str, str]]] = {}
    for i, j in itertools.combinations(range(len(words)), 2):
        groups.setdefault(words[i] ^ words[j], []).append((names[i], names[j]))
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def _fraction(_: Design, factors: Sequence[Factor], __: int) -> Numbers:
    words = generators(len(factors))
    runs = range(1 << sum(word.bit_count() == 1 for word in words))
    ends = [_levels(factor, 2) for factor in factors]
    return np.array(
        [[end[(run & word).bit_count() % 2] for end, word in zip(ends, words, strict=True)] for run in runs]
    )


def _fraction_rows(_: Design, factors: Sequence[Factor]) -> int:
    return 1 << sum(word.bit_count() == 1 for word in generators(len(factors)))


# One factor at a time


def level_values(design: Design, factor: Factor) -> Numbers:
    """The values of a factor in one_at_a_time, rising; of a lever the places of its levels.

    Of a range evenly spaced from end to end, log_uniform in the logarithm. Whole numbers are rounded and each is taken
    once, so that a narrow range has fewer levels.
    """
    of = factor.distribution
    if of.values:
        return np.sort(np.asarray(of.values, np.float64))
    spaced = np.geomspace if of.kind == "log_uniform" else np.linspace
    values = np.asarray(spaced(of.low, of.high, design.levels), np.float64)
    return np.unique(np.floor(values + 0.5)) if of.whole else values


def level_rows(design: Design, factors: Sequence[Factor]) -> list[range]:
    """The points of one_at_a_time at which each factor moves, level by level; point 0 is the world as it is."""
    ends = list(itertools.accumulate(level_counts(design, factors), initial=1))
    return [range(first, end) for first, end in itertools.pairwise(ends)]


def _one_at_a_time(design: Design, factors: Sequence[Factor], _: int) -> Numbers:
    """The world as it is, then each factor through its levels while the others stay: not a number where they do."""
    table = np.full((_one_at_a_time_rows(design, factors), len(factors)), np.nan)
    for i, rows in enumerate(level_rows(design, factors)):
        table[rows.start : rows.stop, i] = (np.arange(len(rows)) + 0.5) / len(rows)
    return table


def _one_at_a_time_rows(design: Design, factors: Sequence[Factor]) -> int:
    return 1 + sum(level_counts(design, factors))


# Random designs


def _monte_carlo(design: Design, factors: Sequence[Factor], seed: int) -> Numbers:
    return np.random.default_rng(seed).random((design.points, len(factors)))


def _latin_hypercube(design: Design, factors: Sequence[Factor], seed: int) -> Numbers:
    from scipy.stats import qmc

    return qmc.LatinHypercube(len(factors), rng=np.random.default_rng(seed)).random(design.points)


def _sobol_sequence(design: Design, factors: Sequence[Factor], seed: int) -> Numbers:
    from scipy.stats import qmc

    return qmc.Sobol(len(factors), scramble=True, rng=np.random.default_rng(seed)).random(design.points)


# SALib takes a seed of 0 for none, and then repeats nothing: it gets a generator instead.


def _saltelli(design: Design, factors: Sequence[Factor], seed: int) -> Numbers:
    """Two points of a scrambled Sobol sequence, and each with one factor of the other (Saltelli 2010)."""
    from SALib.sample import sobol

    rng = np.random.default_rng(seed)
    table = sobol.sample(_problem(factors), design.points, calc_second_order=design.second_order, seed=rng)
    return np.asarray(table, np.float64)


def _saltelli_rows(design: Design, factors: Sequence[Factor]) -> int:
    return design.points * (2 * len(factors) + 2 if design.second_order else len(factors) + 2)


def _morris(design: Design, factors: Sequence[Factor], seed: int) -> Numbers:
    """Trajectories along which one factor moves at a time (Morris 1991)."""
    from SALib.sample import morris

    rng = np.random.default_rng(seed)
    table = morris.sample(_problem(factors), design.points, num_levels=design.levels, seed=rng)
    return np.asarray(table, np.float64)


def _morris_rows(design: Design, factors: Sequence[Factor]) -> int:
    return design.points * (len(factors) + 1)


def _fast(design: Design, factors: Sequence[Factor], seed: int) -> Numbers:
    """A curve through the cube, each factor with a frequency of its own (Saltelli, Tarantola & Chan 1999)."""
    from SALib.sample import fast_sampler

    table = fast_sampler.sample(_problem(factors), design.points, seed=np.random.default_rng(seed))
    return np.asarray(table, np.float64)


def _fast_rows(design: Design, factors: Sequence[Factor]) -> int:
    return design.points * len(factors)


KINDS: dict[str, _Kind] = {
    "factorial": _Kind((), _crossing, _crossing_rows),
    "fractional_factorial": _Kind((), _fraction, _fraction_rows),
    "grid": _Kind(("levels",), _crossing, _crossing_rows),
    ONE_AT_A_TIME: _Kind(("levels",), _one_at_a_time, _one_at_a_time_rows),
    "latin_hypercube": _Kind(("points",), _latin_hypercube, _rows),
    "sobol_sequence": _Kind(("points",), _sobol_sequence, _rows, extensible=True, powers_of_two=True),
    "saltelli": _Kind(("points", "second_order"), _saltelli, _saltelli_rows, extensible=True, powers_of_two=True),
    "morris": _Kind(("trajectories", "levels"), _morris, _morris_rows, extensible=True),
    "fast": _Kind(("points",), _fast, _fast_rows, least=FAST_LEAST),
    "monte_carlo": _Kind(("points",), _monte_carlo, _rows, extensible=True),
}
