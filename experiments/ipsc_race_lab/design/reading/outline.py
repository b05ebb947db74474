"""How large an experiment is, told from its file and its first world: no world of a lever is built."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ipsc_race.yaml_reading import ScenarioError, read_file
from ipsc_race_lab.design import designs
from ipsc_race_lab.design.designs import Design
from ipsc_race_lab.design.distributions import Distribution
from ipsc_race_lab.design.factors import Factor
from ipsc_race_lab.design.finding import load_experiment
from ipsc_race_lab.design.reading.experiment import made_design, made_factor
from ipsc_race_lab.design.reading.file import ExperimentFile, FactorSpec, Lever
from ipsc_race_lab.typed_file import TypedFile

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


class Outline(NamedTuple):
    """An experiment in brief; points of all scenarios."""

    name: str
    title: str
    points: int
    replications: int


class _FirstWorld:
    """What the models ask of the scenarios of an experiment, answered by the first of them alone."""

    def __init__(self, base: Resolved) -> None:
        self.base, self.bases = base, {base.name: base}

    def load(self, _: str) -> Resolved:
        return self.base


def outline(path: Path, load: Callable[[str], Resolved]) -> Outline:
    """An experiment in brief; `load` loads a scenario. Raises ScenarioError where the file is wrong."""
    root = read_file(path, str(path))
    shape = TypedFile(root, "the experiment")
    names = shape.words("scenario") or shape.words("scenarios")
    given = shape.read(ExperimentFile, _FirstWorld(load(names[0]))) if names else None
    if given is None or shape.problems:
        raise ScenarioError(shape.problems)
    if given.set or given.over_evidence:  # what they do to its factors only the whole reading knows
        experiment = load_experiment(path)
        return Outline(path.stem, given.title, len(experiment.points.ids), given.replications)
    if given.over_posterior:
        return Outline(path.stem, given.title, given.over_posterior.points * len(names), given.replications)
    base = load(names[0])
    factors = [_factor(name, of, base) for name, of in given.factors.items()]
    points = designs.size(made_design(given.design) if given.design else Design("factorial"), factors)
    return Outline(path.stem, given.title, points * len(names), given.replications)


def _factor(name: str, of: FactorSpec, base: Resolved) -> Factor:
    """A factor as the design counts it: of a lever the number of its levels."""
    if isinstance(of, Lever):
        return Factor(name, Distribution("values", values=tuple(map(float, range(len(of.worlds))))))
    return made_factor(name, of, base)
