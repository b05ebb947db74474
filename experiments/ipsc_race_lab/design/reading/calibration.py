"""Reading a calibration file: which world, what is in doubt, and up to when the record is known; all that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from ipsc_race.policy import calendar_month, iso_month
from ipsc_race.tree import did_you_mean
from ipsc_race.yaml_reading import ScenarioError, read_file
from ipsc_race_lab.design.calibration import Calibration
from ipsc_race_lab.design.designs import MAX_POINTS
from ipsc_race_lab.design.reading.evidence import over_evidence
from ipsc_race_lab.design.reading.file import MAX_SEED, Names, OverEvidence, Overrides
from ipsc_race_lab.design.reading.scenarios import Scenarios
from ipsc_race_lab.metrics.history import History
from ipsc_race_lab.metrics.history_reading import histories_of
from ipsc_race_lab.typed_file import Block, Expected, Month, Text, TypedFile, Whole, wrong

MIN_FIRST_WAVE = 100  # races: emulators of fewer say nothing


def _waves(sizes: list[int]) -> list[int]:
    if sizes[0] < MIN_FIRST_WAVE:
        raise wrong(f"begins with {sizes[0]:,} races; expected {MIN_FIRST_WAVE} or more, from which emulators are made")
    return sizes


class CalibrationFile(Block):
    """A calibration as a file says it."""

    title: Text
    """What is held to which record, in a line."""
    description: Text = ""
    """What is in doubt, and why."""
    scenario: Names
    """The world: a shipped name, or a file."""
    set: Overrides = Field(default_factory=dict)
    """Values that hold at every point, by path."""
    as_of: Month
    """The month at whose end the record is taken."""
    over_evidence: OverEvidence
    """What is in doubt: a factor for every number with a range."""
    leave_out: dict[Text, Text] = Field(default_factory=dict)
    """Facts that are not held, as history.fact, each with why."""
    rates: Annotated[bool, Expected("true or false")] = True
    """Whether the published rates of development are held too."""
    widened: Annotated[float, Field(ge=1, le=10), Expected("a number from 1 to 10")] = 1.0
    """How many times as wide as stated the errors of facts are taken, where races are few."""
    waves: Annotated[
        list[Annotated[int, Whole(1, MAX_POINTS)]],
        Field(min_length=1, max_length=20),
        Expected("one to twenty numbers of races"),
        AfterValidator(_waves),
    ]
    """Races of each wave; those of the last are weighed, those before tell where to look."""
    short_waves: Annotated[int, Whole(1, 20)] = 1
    """How many of the last waves end with the record; those before go to the horizon and tell rates as well."""
    posterior: Annotated[int, Whole(1, 100_000)] = 400
    """Points in the sample of the posterior."""
    seed: Annotated[int, Whole(0, MAX_SEED)] = 1
    """Of all random numbers."""


def read_calibration(path: Path, shown: str) -> Calibration:
    """The calibration in a file, checked against its world. Raises ScenarioError with all problems."""
    root = read_file(path, shown)
    file = TypedFile(root, "the calibration")
    if not isinstance(root.value, dict):
        file.complain((), "expected a calibration: a mapping with a scenario, over_evidence and waves")
        raise ScenarioError(file.problems)
    scenarios = Scenarios(file, path.parent)
    given = file.read(CalibrationFile, scenarios)
    world = scenarios.base
    if given is None or world is None:
        raise ScenarioError(file.problems)
    if len(scenarios.sources) > 1:
        file.complain(("scenario",), f"names {len(scenarios.sources)} scenarios; expected one")
    factors = over_evidence(file, given.over_evidence, world, given.set)
    histories = histories_of(world)
    _check_record(file, given, histories)
    first, last = (iso_month(world.epochs[0].month + months) for months in (0, world.months - 1))
    if not first <= given.as_of <= last:
        file.complain(("as_of",), f"is {given.as_of}; expected a month of the race, from {first} to {last}")
    if file.problems:
        raise ScenarioError(file.problems)
    source = next(iter(scenarios.sources.values()))
    return Calibration(
        path.stem, given.title, given.description, source, world.hash, scenarios.fixed, tuple(factors), given.as_of,
        given.leave_out, given.rates, given.widened, tuple(given.waves), given.short_waves,
        given.posterior, given.seed,
    )  # fmt: skip


def _check_record(file: TypedFile, given: CalibrationFile, histories: tuple[History, ...]) -> None:
    """The world has a history, its facts are known by the month asked for, and what is left out is one of them."""
    if not histories:
        file.complain(("scenario",), "names a world without histories; expected one that names what is on record")
        return
    keys = [f"{history.name}.{fact.key}" for history in histories for fact in history.facts]
    for key in given.leave_out:
        if key not in keys:
            file.complain(("leave_out", key), f"is no fact of its histories{did_you_mean(key, keys) or ''}")
    if not any(calendar_month(fact.by) <= calendar_month(given.as_of) for of in histories for fact in of.facts):
        file.complain(("as_of",), f"is {given.as_of}, by when none of the facts was known")
    if given.as_of > (last := max(of.as_of for of in histories)):
        file.complain(("as_of",), f"is {given.as_of}, but nothing is on record of after {last}; expected that at most")
