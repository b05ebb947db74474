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
factors are an experiment too: each has one point, and all are compared with the first. A factor may give the `reason`
why it is expected to move nothing, which is told with its curve where it is flat.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race.loading import ScenarioError, load
from ipsc_race.tree import did_you_mean
from ipsc_race.yaml_reading import Place, problem, read_file
from ipsc_race_lab import designs
from ipsc_race_lab.designs import Design, Distribution
from ipsc_race_lab.levers import in_force, union

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


@dataclass(frozen=True)
class Level:
    """A level of a lever: what it changes in the experiment's scenario, as overrides by path."""

    name: str
    scenario: str | None
    overrides: Mapping[str, Any]


@dataclass(frozen=True)
class Factor:
    """Something that an experiment varies: a number or switch at a path, a lever with levels, or a dummy."""

    name: str
    distribution: Distribution  # of a lever: the places of its levels
    path: str | None = None
    levels: tuple[Level, ...] = ()

    @property
    def is_dummy(self) -> bool:
        """Whether it moves nothing: what an analysis says of it is noise."""
        return self.path is None and not self.levels

    @property
    def level_as_it_is(self) -> int | None:
        """Place of the level of a lever that changes nothing; None where there is none."""
        return next((place for place, level in enumerate(self.levels) if not level.overrides), None)


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

    @property
    def levers(self) -> tuple[Factor, ...]:
        """The factors whose levels are worlds, in order."""
        return tuple(factor for factor in self.factors if factor.levels)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that points write numbers to, in order."""
        return tuple(factor.path for factor in self.factors if factor.path is not None)

    @cached_property
    def points(self) -> designs.Points:
        """All points as they are run, scenario by scenario."""
        return designs.design_points(self)

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
        return self._hash({"points": None if self.design.extensible else self.design.points})

    def _hash(self, more: Mapping[str, Any]) -> str:
        told = {
            "scenarios": self.scenario_hashes,
            "factors": [asdict(factor) for factor in self.factors],
            "design": {**asdict(self.design), "points": None},
            "seed": self.seed,
            **more,
        }
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def worlds(self) -> dict[tuple[str, ...], Resolved]:
        """Every world that the design needs, built once, by scenario and the level of each lever.

        Raises ScenarioError where levels that hold one by one do not hold together.
        """
        return {key: self.world(key) for key in self.points.worlds}

    def as_it_is(self, scenario: str) -> designs.Numbers:
        """Each factor as a scenario has it, in the terms of `designs.points`: (factors,), a dummy not a number."""
        world = load(self.scenarios[scenario], self.fixed)
        return np.array([_own(world, factor) for factor in self.factors], np.float64)

    def world(self, key: tuple[str, ...]) -> Resolved:
        """One world: the scenario, the fixed overrides, and what each lever's level changes."""
        scenario, *names = key
        overrides = dict(self.fixed)
        for lever, name in zip(self.levers, names, strict=True):
            level = next(level for level in lever.levels if level.name == name)
            overrides = union(overrides, level.overrides)
        return _anchored(self.scenarios[scenario], overrides, self.paths)


def _own(world: Resolved, factor: Factor) -> float:
    """A factor as a world has it: its one value at a path, or the place of the level that changes nothing."""
    if factor.path is None:
        return math.nan if factor.level_as_it_is is None else float(factor.level_as_it_is)
    path = factor.path if "@" in factor.path else f"{factor.path}@{world.scenario.span.start_month}"
    at = in_force(world, path)
    assert at is not None, path
    return float(world.origins[at].value)


def _anchored(source: str, overrides: Mapping[str, Any], paths: Collection[str]) -> Resolved:
    """The scenario, the value in force at the start written as a dated one where a path asks for it by that month.

    Nothing in the world changes by it; but the value before the first change can then be varied alone.
    """
    world = load(source, overrides)
    start = world.scenario.span.start_month
    wanted = [path for path in paths if path.endswith(f"@{start}") and path not in world.origins]
    known = {path: at for path in wanted if (at := in_force(world, path)) is not None}
    if not known:
        return world
    return load(source, {**overrides, **{path: world.origins[at].value for path, at in known.items()}})


# Finding


def experiment_folder() -> Path:
    """Folder of the shipped experiments: inside an installed package, beside it in the repository otherwise."""
    packaged = Path(__file__).parent / "experiments"
    return packaged if packaged.is_dir() else Path(__file__).parents[1]


def experiment_names() -> list[str]:
    """Names of the shipped experiments."""
    return sorted(path.stem for path in experiment_folder().glob("*.yaml"))


def load_experiment(source: str | Path) -> Experiment:
    """The experiment with a shipped name or in a file, checked against its scenarios.

    Raises ScenarioError with all problems, each at its place in the file.
    """
    from ipsc_race_lab.experiment_reading import read_experiment  # it makes what is defined here

    path, shown = _find(source)
    return read_experiment(path, read_file(path, shown))


def _find(source: str | Path) -> tuple[Path, str]:
    """Path of an experiment and the name under which it is shown."""
    text = str(source)
    if isinstance(source, Path) or Path(text).suffix or "/" in text:
        return Path(text), text
    names = experiment_names()
    if text in names:
        return experiment_folder() / f"{text}.yaml", f"experiments/{text}.yaml"
    hint = did_you_mean(text, names) or ";"
    message = f"no experiment is named {text!r}{hint} shipped: {', '.join(names) or 'none'}"
    raise ScenarioError([problem(Place(text, 0, 0), "", message)])
