"""Targets: what is on record of trials and gates, with how far a measure of races may lie from it, and why.

They stand in `scenarios/targets/`. A target is held where its measure lies within the spread of the record, widened by
the stated discrepancy of the model; one without a spread is shown beside the races and binds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ipsc_race.loading import ScenarioError, scenario_folder
from ipsc_race.tree import did_you_mean
from ipsc_race.yaml_reading import read_file
from ipsc_race_lab.analysis.record import MEASURES, Measure
from ipsc_race_lab.typed_file import ONE_OR_MORE, Block, Expected, Number, Text, TypedFile, wrong


@dataclass(frozen=True)
class Target:
    """What is on record for a measure, in its unit. `spread`: of the record, None where nothing is held against it.

    `discrepancy`: by how much more the model may miss it, for the stated `reason`; `not_for`: what it says nothing of.
    """

    measure: str
    title: str
    definition: str
    unit: str
    recorded: float | None
    spread: tuple[float, float] | None
    discrepancy: float
    reason: str
    not_for: str
    grade: str
    sources: tuple[str, ...]

    @property
    def bounds(self) -> tuple[float, float] | None:
        """What a measure is held to."""
        if self.spread is None:
            return None
        low, high = self.spread
        return low - self.discrepancy, high + self.discrepancy

    def holds(self, measure: Measure) -> bool:
        """Whether a measure is where it may be; of numbers of whole races, whether their central 80% reaches there."""
        if self.bounds is None:
            return True
        low, high = self.bounds
        if self.unit == "a race" and measure.low is not None and measure.high is not None:
            return bool(measure.low <= high and low <= measure.high)
        return bool(low <= measure.value <= high)


class _Discrepancy(Block):
    """By how much the model may miss what is on record, beyond the spread of that."""

    value: Annotated[float, Field(ge=0, le=1e9), Expected("a number from 0 on")]
    reason: Text


def _ends(spread: list[float] | None) -> list[float] | None:
    if spread is not None and not (len(spread) == 2 and spread[0] <= spread[1]):
        raise wrong("is not two numbers in order; expected [low, high]")
    return spread


class _Target(Block):
    """One target; its key is the name of the measure."""

    title: Text
    definition: Text
    """What is counted, of what, and what the record says."""
    recorded: Number | None = None
    unit: Text
    spread: Annotated[list[Number] | None, AfterValidator(_ends)] = None
    discrepancy: _Discrepancy | None = None
    not_for: Text
    grade: Literal["A", "B", "C", "D"]
    source: Annotated[list[Text], ONE_OR_MORE]


class _Targets(Block):
    title: Text
    description: Text
    targets: dict[str, _Target]


def read_targets(path: Path, shown: str) -> tuple[Target, ...]:
    """The targets in a file, reported as `shown`. Raises ScenarioError with all that is wrong."""
    file = TypedFile(read_file(path, shown), "the file of targets")
    given = file.read(_Targets)
    listed = read_file(scenario_folder() / "sources.yaml", "scenarios/sources.yaml").value
    sources = set(listed) if isinstance(listed, dict) else set()
    for name, of in given.targets.items() if given else ():
        _check(file, name, of, sources)
    if given is None or file.problems:
        raise ScenarioError(file.problems)
    return tuple(_made(name, of) for name, of in given.targets.items())


def _check(file: TypedFile, name: str, of: _Target, sources: set[str]) -> None:
    """What a target names must be there: its measure, in that unit, its sources, and a record within its spread."""
    if name not in MEASURES:
        file.complain(("targets", name), f"is no measure{did_you_mean(name, MEASURES) or ''}")
    elif of.unit != MEASURES[name]:
        file.complain(("targets", name, "unit"), f"is {of.unit!r}; expected {MEASURES[name]!r}, as of the measure")
    for source in of.source:
        if source not in sources:
            hint = did_you_mean(source, sources)
            file.complain(("targets", name, "source"), f"is {source!r}, which sources.yaml does not list{hint}")
    if of.spread and (of.recorded is None or not of.spread[0] <= of.recorded <= of.spread[1]):
        file.complain(("targets", name, "recorded"), f"is {of.recorded}; expected a number within the spread")
    if of.discrepancy and not of.spread:
        file.complain(("targets", name, "discrepancy"), "is of no use without a spread")


def _made(name: str, of: _Target) -> Target:
    return Target(
        name,
        of.title,
        of.definition,
        of.unit,
        of.recorded,
        (of.spread[0], of.spread[1]) if of.spread else None,
        of.discrepancy.value if of.discrepancy else 0.0,
        of.discrepancy.reason if of.discrepancy else "",
        of.not_for,
        of.grade,
        tuple(of.source),
    )


@cache
def targets() -> tuple[Target, ...]:
    """The shipped targets."""
    return read_targets(scenario_folder() / "targets/development.yaml", "scenarios/targets/development.yaml")


def beside(measures: Mapping[str, Measure]) -> Iterator[tuple[Target, Measure, bool]]:
    """Each target with its measure, and whether it is held."""
    for target in targets():
        measure = measures[target.measure]
        yield target, measure, target.holds(measure)
