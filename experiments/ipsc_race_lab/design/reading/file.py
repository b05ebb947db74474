"""What an experiment file may hold: its models, each part checked by itself in the light of its scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, Union, override

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    GetPydanticSchema,
    Tag,
    ValidationInfo,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ipsc_race.loading import Resolved, ScenarioError
from ipsc_race.tree import did_you_mean
from ipsc_race.varying import refuse_values
from ipsc_race_lab.design.designs import KINDS, MAX_FACTORS, MAX_LEVELS, POSTERIOR
from ipsc_race_lab.design.distributions import DISTRIBUTIONS, Distribution, misshapen
from ipsc_race_lab.design.levers import part_at, plain
from ipsc_race_lab.design.reading.scenarios import Scenarios, cannot_vary, recorded_range
from ipsc_race_lab.typed_file import ONE_OR_MORE, Block, Expected, Number, OneOf, Text, Whole, wrong

MAX_REPLICATIONS, MAX_SEED = 1_000_000, 2**63 - 1
MAX_NAMES, MAX_NAME_LENGTH = 1000, 100

Overrides = Annotated[dict[str, Any], Field(max_length=MAX_NAMES)]
Names = Annotated[list[Text], Field(max_length=MAX_NAMES), ONE_OR_MORE]


def _one_line(name: str) -> str:
    if len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise wrong(f"is no name; expected one line of at most {MAX_NAME_LENGTH} characters")
    return name


Name = Annotated[str, AfterValidator(_one_line)]


# Levers: factors whose levels are worlds


def _loads(source: str, info: ValidationInfo[Scenarios]) -> str:
    try:
        info.context.load(source)
    except ScenarioError as error:
        raise PydanticCustomError("relayed", "cannot be loaded", {"error": error}) from None
    return source


class Level(Block):
    """A level of a lever: a scenario, values of its own, or both; `{}` leaves the world as it is."""

    scenario: Annotated[Text, AfterValidator(_loads)] | None = None
    set: Overrides = Field(default_factory=dict)


AS_LEVEL = BeforeValidator(
    lambda given: {"scenario": given} if isinstance(given, str) else given, json_schema_input_type=str | Level
)


Levels = dict[Name, Annotated[Level, AS_LEVEL]]


def _two_or_more(levels: dict[str, Level]) -> dict[str, Level]:
    if len(levels) < 2:
        raise wrong("expected two or more levels, such as {as_is: baseline, off: {}}")
    return levels


class Lever(Block):
    """A factor whose levels are worlds."""

    worlds: Annotated[
        dict[Name, Annotated[Level, AS_LEVEL]], Field(max_length=MAX_LEVELS), AfterValidator(_two_or_more)
    ]
    reason: Text | None = None


# Numbers and switches


def _can_vary(path: str, info: ValidationInfo[Scenarios]) -> str:
    for world in info.context.bases.values():
        if reason := cannot_vary(world, path):
            raise wrong(f"is not to be varied: {reason}")
    return path


class _AtPath(Block):
    """A factor whose values are written at a path."""

    path: Annotated[Text, AfterValidator(_can_vary)]
    reason: Text | None = None

    def believed(self, world: Resolved) -> Distribution:
        """The distribution, its ends in doubt those that a scenario records. Raises where there is none."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _within_bounds(self, info: ValidationInfo[Scenarios]) -> Self:
        """Every scenario can have the values at both ends."""
        if info.context.base:
            of = self.believed(info.context.base)
            for world in info.context.bases.values():
                if refused := refuse_values(world, plain(self.path), of.values or (of.low, of.high)):
                    raise wrong(f"leaves the bounds: {refused}")
        return self


def _each_once(values: list[bool | int | float]) -> list[bool | int | float]:
    if len(set(values)) < len(values):
        raise wrong("has a value twice")
    return values


class Listed(_AtPath):
    """A number or switch that takes each of some values equally often."""

    values: Annotated[
        list[bool | int | float],
        Field(min_length=2, max_length=MAX_LEVELS),
        Expected("two or more numbers or switches; words and months go into worlds: with set:"),
        AfterValidator(_each_once),
    ]

    @override
    def believed(self, world: Resolved) -> Distribution:
        return Distribution("values", values=tuple(map(float, self.values)))


class Range(_AtPath):
    """A number between two ends, by default those that the scenario records; or a switch, off and on."""

    distribution: str = "uniform"
    low: Number | None = None
    high: Number | None = None

    @override
    def believed(self, world: Resolved) -> Distribution:
        part = part_at(plain(self.path))
        assert part is not None
        if part.kind is bool:
            if self.model_fields_set - {"path", "reason"}:
                raise wrong("is a switch, off and on; expected its path alone")
            return Distribution("values", values=(0.0, 1.0))
        low, high = self.low, self.high
        if low is None or high is None:
            recorded = recorded_range(world, self.path)
            low, high = (recorded[0] if low is None else low), (recorded[1] if high is None else high)
        shape = self.model_dump(exclude={"path", "reason", "distribution", "low", "high"})
        of = Distribution(self.distribution, low, high, whole=part.kind is int, **shape)
        if reason := misshapen(of):
            raise wrong(reason)
        return of


def _range(kind: str, keys: tuple[str, ...]) -> Any:
    """The model of a range under one kind of distribution; uniform is the one that need not be named."""
    named: Any = Annotated[Literal[kind], OneOf(tuple(DISTRIBUTIONS))]
    settings: dict[str, Any] = {"distribution": (named, "uniform" if kind == "uniform" else ...)}
    settings |= dict.fromkeys(keys, (Number, ...))
    return Annotated[create_model(kind, __base__=Range, **settings), Tag(f"by {kind}")]


class Dummy(Block):
    """A factor that moves nothing: what an analysis says of it is noise."""

    dummy: Annotated[Literal[True], Expected("true")]
    reason: Text | None = None


def _kind(given: Any) -> str | None:
    """Which model a factor is, by what it says; none if it says two things or nothing."""
    kinds = [key for key in ("path", "worlds", "dummy") if isinstance(given, dict) and key in given]
    if len(kinds) != 1:
        return None
    if kinds == ["path"]:
        shape = given.get("distribution")
        kinds = ["values"] if "values" in given else [shape if shape in tuple(DISTRIBUTIONS) else "uniform"]
    return f"by {kinds[0]}"


# Tags stand on the way to a value that pydantic tells, and so are no keys of a file.
_FACTORS: Any = Annotated[
    Union[
        Annotated[Lever, Tag("by worlds")],
        Annotated[Dummy, Tag("by dummy")],
        Annotated[Listed, Tag("by values")],
        *(_range(kind, of.keys) for kind, of in DISTRIBUTIONS.items()),
    ],
    Discriminator(_kind, custom_error_type="expected", custom_error_message="one of path, worlds, dummy"),
]
FactorSpec = Annotated[Lever | Dummy | Listed | Range, GetPydanticSchema(lambda _, to: to.generate_schema(_FACTORS))]


class OverEvidence(Block):
    """A factor for every number that the scenario holds with a range."""

    under: Names = Field(default_factory=list)
    grades: Annotated[list[Literal["A", "B", "C", "D"]], ONE_OR_MORE] = Field(["A", "B", "C", "D"])
    distribution: Annotated[Literal["uniform", "halves"], Expected("'uniform' or 'halves'")] = "uniform"
    """Even over each range, or with half the belief on either side of the stated value."""


class OverPosterior(Block):
    """A factor for every number that a calibration doubts, at points of its posterior."""

    posterior: Text
    """The name of a shipped posterior, its file, or the folder of a calibration."""
    points: Annotated[int, Whole(1, 100_000)]
    """Points of the sample, each with all its numbers."""


# Designs, each with what its kind lets be set


class _Design(Block):
    kind: str


def _design(name: str, settings: Mapping[str, Any]) -> type[_Design]:
    kind: Any = Literal[name]
    return create_model(name, __base__=_Design, kind=(kind, ...), **settings)


_DESIGNS: Any = Annotated[
    Union[*(_design(kind, of.settings) for kind, of in KINDS.items() if kind != POSTERIOR)], Field(discriminator="kind")
]
DesignSpec = Annotated[_Design, GetPydanticSchema(lambda _, to: to.generate_schema(_DESIGNS))]


# The file


class AnalysisSpec(Block):
    """What is asked of the results."""

    kind: Literal["effects", "morris", "sobol", "fast", "pawn", "delta", "dose_response", "prim"]


AS_ANALYSIS = BeforeValidator(
    lambda given: {"kind": given} if isinstance(given, str) else given, json_schema_input_type=str | AnalysisSpec
)


def _two_blocs(pair: list[str], info: ValidationInfo[Scenarios]) -> list[str]:
    if len(pair) != 2 or pair[0] == pair[1]:
        raise wrong("expected two different blocs, such as [china, west]")
    for world in info.context.bases.values():
        for name in pair:
            if name not in world.blocs:
                hint = did_you_mean(name, world.blocs) or f"; expected two of {', '.join(world.blocs)}"
                raise wrong(f"names {name}, which is no bloc of {world.name}{hint}")
    return pair


class ExperimentFile(Block):
    """An experiment as a file says it."""

    title: Text
    """What it asks, in a line."""
    description: Text = ""
    """What it varies, and why."""
    scenario: Names = Field(default_factory=list)
    """The world: a shipped name, or a file."""
    scenarios: Names = Field(default_factory=list)
    """Several worlds: each has the whole design, and all are compared with the first."""
    set: Overrides = Field(default_factory=dict)
    """Values that hold at every point, by path."""
    factors: dict[Name, FactorSpec] = Field(default_factory=dict, max_length=MAX_FACTORS)
    """What varies, by name."""
    over_evidence: OverEvidence | None = None
    """A factor for every number that the scenario holds with a range."""
    over_posterior: OverPosterior | None = None
    """A factor for every number that a calibration doubts; brings its own design."""
    design: DesignSpec | None = None
    """Which points of the space of the factors are run."""
    replications: Annotated[int, Whole(1, MAX_REPLICATIONS)]
    """Races of each point."""
    seed: Annotated[int, Whole(0, MAX_SEED)] = 1
    """Of all random numbers and of the design."""
    pair: Annotated[list[Text], AfterValidator(_two_blocs)] | None = None
    """The blocs whose race is told, the first against the second; by default the first two."""
    analysis: Annotated[AnalysisSpec, AS_ANALYSIS] | None = None
    """What is asked of the results; by default their means."""
