"""Designs of experiments: which points of the space of its factors an experiment runs.

Every design is made on the unit cube, one column for each factor, and mapped to values through the quantile function of
the factor's distribution. So the same designs serve numbers, switches and whole worlds. Everything is seeded.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import AfterValidator, Discriminator, Tag

from ipsc_race_lab.design.distributions import Numbers
from ipsc_race_lab.typed_file import Whole, wrong

if TYPE_CHECKING:
    from ipsc_race_lab.design.factors import Factor


ONE_AT_A_TIME, POSTERIOR = "one_at_a_time", "posterior"
MAX_POINTS, MAX_LEVELS, MAX_FACTORS = 1_000_000, 1000, 5000
MAX_NUMBERS = 50_000_000  # of the table of points and factors: 400 MB
FAST_MIN_POINTS = 65  # points: SALib asks for more than 4 M^2, with M = 4 harmonics


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
    posterior: tuple[str, ...] = ()  # posterior: its name or file, and the digest of its points

    @property
    def extensible(self) -> bool:
        """Whether more points keep all earlier ones, in their places, so that a result can be expanded."""
        return KINDS[self.kind].extensible


@dataclass(frozen=True)
class _Kind:
    """A kind of design: how it is drawn, how many rows it gives, what can be set, whether it can be extended."""

    sample: Callable[[Design, Sequence[Factor], int], Numbers]
    rows: Callable[[Design, Sequence[Factor]], int]
    settings: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)  # by name, as a file has it: type, default
    extensible: bool = False


def size(design: Design, factors: Sequence[Factor]) -> int:
    """Rows of a design, without making it."""
    return KINDS[design.kind].rows(design, factors)


def problem(factors: Sequence[Factor]) -> dict[str, Any]:
    """The factors as SALib wants them described, on the unit cube."""
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
    table = sobol.sample(problem(factors), design.points, calc_second_order=design.second_order, seed=rng)
    return np.asarray(table, np.float64)


def _saltelli_rows(design: Design, factors: Sequence[Factor]) -> int:
    return design.points * (2 * len(factors) + 2 if design.second_order else len(factors) + 2)


def _morris(design: Design, factors: Sequence[Factor], seed: int) -> Numbers:
    """Trajectories along which one factor moves at a time (Morris 1991)."""
    from SALib.sample import morris

    rng = np.random.default_rng(seed)
    table = morris.sample(problem(factors), design.points, num_levels=design.levels, seed=rng)
    return np.asarray(table, np.float64)


def _morris_rows(design: Design, factors: Sequence[Factor]) -> int:
    return design.points * (len(factors) + 1)


def _fast(design: Design, factors: Sequence[Factor], seed: int) -> Numbers:
    """A curve through the cube, each factor with a frequency of its own (Saltelli, Tarantola & Chan 1999)."""
    from SALib.sample import fast_sampler

    table = fast_sampler.sample(problem(factors), design.points, seed=np.random.default_rng(seed))
    return np.asarray(table, np.float64)


def _fast_rows(design: Design, factors: Sequence[Factor]) -> int:
    return design.points * len(factors)


def _posterior(design: Design, _: Sequence[Factor], seed: int) -> Numbers:
    """Points of a posterior as often as they stand in its sample, in an order of their own."""
    from ipsc_race_lab.design.posterior import on_unit
    from ipsc_race_lab.design.reading.posterior import find_posterior

    of = find_posterior(design.posterior[0])
    places = np.repeat(np.arange(len(of.counts)), of.counts)
    chosen = np.random.default_rng(seed).permutation(places)[: design.points]
    return on_unit(of.levels[chosen]).astype(np.float64)


# What a file may set of each kind


def _power_of_two(count: int) -> int:
    if count.bit_count() != 1:
        better = 1 << count.bit_length()
        raise wrong(f"is {count:,}; expected a power of two, such as {better:,}: Sobol sequences are even only there")
    return count


_LEVELS = Annotated[int, Whole(2, MAX_LEVELS)]
_BY_FACTOR = Annotated[
    Annotated[_LEVELS, Tag("of all")] | Annotated[dict[str, _LEVELS], Tag("by factor")],
    Discriminator(lambda given: "by factor" if isinstance(given, dict) else "of all"),
]
_ANY = {"points": (Annotated[int, Whole(1, MAX_POINTS)], ...)}
_BALANCED = {"points": (Annotated[int, Whole(1, MAX_POINTS), AfterValidator(_power_of_two)], ...)}
_PAIRS = {**_BALANCED, "second_order": (bool, False)}
_WALKS = {"trajectories": _ANY["points"], "levels": (Annotated[int, Whole(2, MAX_LEVELS, multiple_of=2)], 4)}
_CURVE = {"points": (Annotated[int, Whole(FAST_MIN_POINTS, MAX_POINTS)], ...)}

KINDS: dict[str, _Kind] = {
    "factorial": _Kind(_crossing, _crossing_rows),
    "fractional_factorial": _Kind(_fraction, _fraction_rows),
    "grid": _Kind(_crossing, _crossing_rows, {"levels": (_BY_FACTOR, 4)}),
    ONE_AT_A_TIME: _Kind(_one_at_a_time, _one_at_a_time_rows, {"levels": (_LEVELS, 4)}),
    "latin_hypercube": _Kind(_latin_hypercube, _rows, _ANY),
    "sobol_sequence": _Kind(_sobol_sequence, _rows, _BALANCED, extensible=True),
    "saltelli": _Kind(_saltelli, _saltelli_rows, _PAIRS, extensible=True),
    "morris": _Kind(_morris, _morris_rows, _WALKS, extensible=True),
    "fast": _Kind(_fast, _fast_rows, _CURVE),
    "monte_carlo": _Kind(_monte_carlo, _rows, _ANY, extensible=True),
    POSTERIOR: _Kind(_posterior, _rows, extensible=True),
}
