"""Experiments as data: a YAML file that says which worlds to compare, at which points, and how often.

    title: Which numbers drive the lead
    scenario: baseline               # or scenarios: [baseline, decoupling], each with the whole design
    set: {span.end_month: 2040-12}   # holds at every point
    factors:
      capital: {path: jurisdictions.china.funding.capital_multiplier}
      review: {path: jurisdictions.china.regulation.ind_review_months@2018-11, distribution: uniform, low: 1, high: 6}
      lane: {path: jurisdictions.china.hospital_lane.open_switch@2015-08, values: [false, true]}
      patients: {worlds: {as_is: baseline, level: level-patients}}
      noise: {dummy: true}
    over_evidence: {under: [licensing], grades: [C, D]}
    design: {kind: saltelli, points: 256}
    replications: 16
    seed: 7
    pair: [china, west]
    analysis: {kind: sobol}

A path reads as in `--set`: `path` replaces a value and its dated changes, `path@2018-11` the one dated change, and
`path@` with the first month of the span the value in force then, until its next change. A number without a
distribution is uniform over the range that the scenario records for it, whatever its grade: the ranges of good evidence
are narrow already. A lever's levels are scenarios, or values of their own (`{set: {...}}`); its first level leaves the
world as it is, a further one changes in it what its scenario changes in the first one's. Several scenarios without
factors are an experiment too: each has one point, and all are compared with the first. So are several over a posterior
of the first (`over_posterior`), whose draws the others follow (`design.following`). A factor may give the `reason`
why it is expected to move nothing, which is told with its curve where it is flat.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ipsc_race.loading import load
from ipsc_race_lab.design.designs import KINDS, MAX_POINTS, ONE_AT_A_TIME, POSTERIOR, Design, generators, level_values
from ipsc_race_lab.design.distributions import Distribution, Numbers
from ipsc_race_lab.design.factors import Factor
from ipsc_race_lab.design.levers import in_force, union

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


MAX_OWN_LUCK = 1024  # races of a point with luck of its own
LUCKS = 1023  # so many points have it apart; with these both the number of a race stays below 2^20


@dataclass(frozen=True)
class Analysis:
    """What is asked of the results."""

    kind: str  # a key of experiment_reading.ANALYSES
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Experiment:
    """An experiment that has been read and checked against its scenarios."""

    name: str
    title: str
    description: str
    scenarios: Mapping[str, str]  # by name: what to load, the same name or a file
    scenario_hashes: tuple[str, ...]  # with the fixed overrides, in the same order
    fixed: Mapping[str, Any]
    factors: tuple[Factor, ...]
    design: Design
    replications: int
    seed: int
    pair: tuple[str, str]
    analysis: Analysis | None  # None: the points speak for themselves
    reasons: Mapping[str, str] = field(default_factory=dict)  # by factor: why it is expected to move nothing
    keeps_races: bool = False  # whole, with all that happened in them, and not only what they came to
    follows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # of a further scenario, see `following`

    @property
    def levers(self) -> tuple[Factor, ...]:
        """The factors whose levels are worlds, in order."""
        return tuple(factor for factor in self.factors if factor.levels)

    @property
    def has_own_luck(self) -> bool:
        """Whether each point has luck of its own, the same in every scenario.

        Points of a posterior do: what is asked is their mean, which luck that all share would leave as uncertain as a
        single world's; other designs ask how points differ, which is told best by the same luck.
        """
        return self.design.kind == POSTERIOR

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that points write numbers to, in order; of the first scenario where another `follows` it."""
        return tuple(factor.path for factor in self.factors if factor.path is not None)

    def paths_of(self, key: tuple[str, ...]) -> tuple[str, ...]:
        """The paths of one world that its points write numbers to, in the order of `Points.written`."""
        return tuple(self.follows[key[0]]) if key[0] in self.follows else self.paths

    @cached_property
    def points(self) -> Points:
        """All points as they are run, scenario by scenario."""
        return design_points(self)

    @cached_property
    def hash(self) -> str:
        """Hash of all that decides the races and the answer; titles do not count."""
        return self._hash({"replications": self.replications, "points": self.design.points, "pair": self.pair,
                           "analysis": asdict(self.analysis) if self.analysis else None})  # fmt: skip

    @cached_property
    def kin(self) -> str:
        """Hash of what decides each single race: of two experiments of one kin the larger expands the smaller.

        The replications never count, the points only where more of them would not keep the earlier ones.
        """
        whole = {"keeps_races": True} if self.keeps_races else {}
        return self._hash({"points": None if self.design.extensible else self.design.points, **whole})

    def _hash(self, more: Mapping[str, Any]) -> str:
        content = {
            "scenarios": self.scenario_hashes,
            "factors": [asdict(factor) for factor in self.factors],
            "design": {key: value for key, value in asdict(self.design).items() if key != "posterior" or value}
            | {"points": None},
            "seed": self.seed,
            **({"follows": dict(self.follows)} if self.follows else {}),
            **({"luck": "of each point"} if self.has_own_luck else {}),
            **more,
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def worlds(self) -> dict[tuple[str, ...], Resolved]:
        """Every world that the design needs, built once, by scenario and the level of each lever.

        Raises ScenarioError where levels that hold one by one do not hold together.
        """
        return {key: self.world(key) for key in self.points.worlds}

    def as_it_is(self, scenario: str) -> Numbers:
        """Each factor as a scenario has it, in the terms of `points`: (factors,), a dummy not a number."""
        world = load(self.scenarios[scenario], self.fixed)
        return np.array([_own(world, factor) for factor in self.factors], np.float64)

    def world(self, key: tuple[str, ...]) -> Resolved:
        """One world: the scenario, the fixed overrides, and what each lever's level changes."""
        scenario, *names = key
        overrides = dict(self.fixed)
        for lever, name in zip(self.levers, names, strict=True):
            level = next(level for level in lever.levels if level.name == name)
            overrides = union(overrides, level.overrides)
        return anchored(self.scenarios[scenario], overrides, self.paths_of(key))


def _own(world: Resolved, factor: Factor) -> float:
    """A factor as a world has it: its one value at a path, or the place of the level that changes nothing."""
    if factor.path is None:
        return math.nan if factor.level_as_it_is is None else float(factor.level_as_it_is)
    path = factor.path if "@" in factor.path else f"{factor.path}@{world.scenario.span.start_month}"
    at = in_force(world, path)
    assert at is not None, path
    return float(world.origins[at].value)


def anchored(source: str, overrides: Mapping[str, Any], paths: Collection[str]) -> Resolved:
    """The scenario, the value in force at the start written as a dated one where a path asks for it by that month.

    Nothing in the world changes by it; but the value before the first change can then be varied alone.
    """
    world = load(source, overrides)
    start = world.scenario.span.start_month
    wanted = [path for path in paths if path.endswith(f"@{start}") and path not in world.origins]
    known = {path: at for path in wanted if (at := in_force(world, path)) is not None}
    if not known:
        return world
    return load(source, (overrides, {path: world.origins[at].value for path, at in known.items()}))


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
    `Experiment.paths`; `ids`: (points,), by scenario and row of the design, which more points leave as they are;
    `first_runs`: (points,), the number of each point's first race; where it is 0 for all, they share their luck.
    """

    worlds: list[tuple[str, ...]]
    world_of: npt.NDArray[np.intp]
    numbers: Numbers
    ids: npt.NDArray[np.int64]
    first_runs: npt.NDArray[np.int64]
    columns: Mapping[int, npt.NDArray[np.intp]] = MappingProxyType({})  # by world: which it takes; of others all

    def written(self, world: int, points: npt.NDArray[np.intp]) -> Numbers:
        """The numbers of points of a world at these places, in the order of the world's own paths."""
        numbers = self.numbers[points]
        return numbers[:, self.columns[world]] if world in self.columns else numbers


def design_points(experiment: Experiment) -> Points:
    """The points of an experiment; see `Experiment.points`, which makes them once."""
    tables = [_filled(experiment, points(experiment), scenario) for scenario in experiment.scenarios]
    table = tables[0]  # of levers the same in every scenario
    levers = [(i, factor.levels) for i, factor in enumerate(experiment.factors) if factor.levels]
    columns = [i for i, factor in enumerate(experiment.factors) if factor.path is not None]
    met, place = np.unique(table[:, [i for i, _ in levers]], axis=0, return_inverse=True)
    levels = [tuple(of[int(at)].name for (_, of), at in zip(levers, row, strict=True)) for row in met]
    count, scenarios = len(table), range(len(experiment.scenarios))
    rows = np.tile(np.arange(count), len(scenarios))
    worlds = [(scenario, *names) for scenario in experiment.scenarios for names in levels]
    place_of = {path: place for place, path in enumerate(experiment.paths)}
    return Points(
        worlds,
        np.concatenate([number * len(levels) + place.reshape(-1) for number in scenarios]),
        np.concatenate([of[:, columns] for of in tables]),
        np.concatenate([number * MAX_POINTS + np.arange(count) for number in scenarios]),
        own_luck_runs(rows) if experiment.has_own_luck else np.zeros_like(rows),
        columns={
            number: np.array([place_of[path] for path in experiment.follows[scenario].values()], np.intp)
            for number, (scenario, *_) in enumerate(worlds)
            if scenario in experiment.follows
        },
    )


def own_luck_runs(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The first race of each row of a design whose rows have luck of their own; after `LUCKS` rows it comes again."""
    return rows % LUCKS * MAX_OWN_LUCK


def _filled(experiment: Experiment, table: Numbers, scenario: str) -> Numbers:
    """Points with a scenario's own values where a design leaves factors as they are."""
    left = np.isnan(table)
    return np.where(left, experiment.as_it_is(scenario), table) if left.any() else table


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


DOSE_RESPONSE = "dose_response"
