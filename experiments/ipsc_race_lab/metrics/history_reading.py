"""Reading the histories that a world names: files of facts, typed, all that is wrong at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo

from ipsc_race.loading import scenario_folder
from ipsc_race.milestones import HOSPITAL, LANES, REGISTRATION
from ipsc_race.tree import did_you_mean
from ipsc_race.values import MONTH
from ipsc_race.yaml_reading import Place, Problem, ScenarioError, problem, read_file
from ipsc_race_lab.metrics.contradictions import contradictions
from ipsc_race_lab.metrics.history import ALL, ANY, DEFAULT, KINDS, Discrepancy, Fact, History, Kind, Posting, Registry
from ipsc_race_lab.metrics.register import Lane
from ipsc_race_lab.typed_file import ONE_OR_MORE, Block, Expected, Month, Number, Text, TypedFile, wrong

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


MAX_DELAY_MONTHS = 1200.0
REGISTRY_LANES = (LANES[HOSPITAL], LANES[REGISTRATION])


# What a file may hold


def _known(source: str, info: ValidationInfo[set[str]]) -> str:
    if source not in info.context:
        raise wrong(f"is {source!r}, which sources.yaml does not list{did_you_mean(source, info.context)}")
    return source


Grade = Literal["A", "B", "C", "D"]
Sources = Annotated[list[Annotated[Text, AfterValidator(_known)]], ONE_OR_MORE]


class _Evidence(Block):
    """How well a number of a registry is known."""

    range: list[Number] | None = None
    grade: Grade | None = None
    source: Sources = Field(default_factory=list)
    note: str | None = None


class _Probability(_Evidence):
    value: Annotated[float, Field(ge=0, le=1), Expected("a number from 0 to 1")]


class _Delay(_Evidence):
    value: Annotated[float, Field(ge=0, le=MAX_DELAY_MONTHS), Expected(f"a number from 0 to {MAX_DELAY_MONTHS:g}")]


BARE = BeforeValidator(lambda given: given if isinstance(given, dict) else {"value": given})
Probability = Annotated[_Probability, BARE]
Delay = Annotated[_Delay, BARE]


class _Rule(Block):
    """What a registry shows of the trials of a lane."""

    posting_probability: Probability
    delay_months: Delay


class _Default(Block):
    hospital: _Rule
    registration: _Rule


class _OwnRule(Block):
    """What differs from the default in one place."""

    posting_probability: Probability | None = None
    delay_months: Delay | None = None


class _Own(Block):
    hospital: _OwnRule = _OwnRule()
    registration: _OwnRule = _OwnRule()


class _Registry(Block):
    """Rules by place; those of `default` hold where a place has none of its own."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, _Own] = Field(init=False)
    default: _Default


def _kind(info: ValidationInfo[Any]) -> Kind | None:
    """What the fact at hand counts or dates, which stands first in it; none where that is wrong."""
    return KINDS.get(info.data.get("what", ""))


def _recorded(value: Any, info: ValidationInfo[Any]) -> Any:
    """A month of a date, a number of anything else."""
    kind = _kind(info)
    if kind and kind.is_month and not (isinstance(value, str) and MONTH.fullmatch(value)):
        raise wrong(f"is {value!r}; expected a month such as 2018-11")
    if kind and not kind.is_month and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise wrong(f"is {value!r}; expected a number")
    return value


def _spread(ends: list[Any] | None, info: ValidationInfo[Any]) -> list[Any] | None:
    if ends is not None and not (len(ends) == 2 and _recorded(ends[0], info) <= _recorded(ends[1], info)):
        raise wrong("is not two of what is recorded; expected [low, high]")
    return ends


def _by(month: str | None, info: ValidationInfo[Any]) -> str | None:
    kind = _kind(info)
    if kind and kind.is_month and month is not None:
        raise wrong("is not for a date: `recorded` is the month")
    if kind and not kind.is_month and month is None:
        raise wrong("lacks by: the month up to which it was counted")
    return month


def _after(place: str | None, info: ValidationInfo[Any]) -> str | None:
    kind = _kind(info)
    if kind and kind.compares != (place is not None):
        raise wrong("has `after`, the other place, if it is an approval_lag, and only then")
    return place


def _cells(cells: str, info: ValidationInfo[Any]) -> str:
    kind = _kind(info)
    if kind and cells != ANY and not kind.by_cells:
        raise wrong(f"is {cells!r}; expected {ANY}: races do not tell this by cells")
    return cells


class _Discrepancy(Block):
    """By how much the model may miss what is on record, beyond the spread of that."""

    value: Annotated[float, Field(ge=0, le=1e9), Expected("a number from 0 on")]
    reason: Text


class _Fact(Block):
    """One fact; it says what its kind needs, and nothing that races cannot tell apart."""

    what: Literal["trials_posted", "patients_treated", "approvals", "first_patient", "first_approval", "approval_lag"]
    title: Text
    by: Annotated[Month | None, AfterValidator(_by), Field(validate_default=True)] = None
    recorded: Annotated[Any, AfterValidator(_recorded)]
    region: Text
    after: Annotated[Text | None, AfterValidator(_after), Field(validate_default=True)] = None
    cells: Annotated[Literal["any", "reprogrammed", "embryonic"], AfterValidator(_cells)]
    lane: Lane = None
    spread: Annotated[list[Any] | None, AfterValidator(_spread)] = None
    grade: Grade
    source: Sources
    note: Text | None = None
    definition: Text | None = None
    discrepancy: _Discrepancy | None = None
    not_for: Text | None = None


def _some(facts: dict[str, _Fact]) -> dict[str, _Fact]:
    if not facts:
        raise wrong("are none; expected facts by name")
    return facts


class _History(Block):
    title: Text
    description: str = ""
    registry: _Registry
    facts: Annotated[dict[str, _Fact], AfterValidator(_some)]


def history_folder() -> Path:
    """Folder of the shipped histories."""
    return scenario_folder() / "history"


def history_names() -> list[str]:
    """Names of the shipped histories."""
    return sorted(path.stem for path in history_folder().glob("*.yaml"))


def histories_of(world: Resolved) -> tuple[History, ...]:
    """The histories that a world names. Raises ScenarioError with all that is wrong with them."""
    problems: list[Problem] = []
    histories = []
    for name in world.scenario.histories:
        try:
            history = read_history(*_find(name, world))
            _refuse_unknown_places(history, world)
            histories.append(history)
        except ScenarioError as error:
            problems += error.problems
    problems = problems or _of_two(histories)
    if problems:
        raise ScenarioError(problems)
    return tuple(histories)


def _of_two(histories: Sequence[History]) -> list[Problem]:
    """What one history says and another cannot have; each is in itself without contradiction."""
    told = [replace(fact, key=f"{of.name}.{fact.key}") for of in histories for fact in of.facts]
    return [
        problem(Place(f"history {fact.key.partition('.')[0]}", 0, 0), fact.key.partition(".")[2], words)
        for fact, words in contradictions(told)
    ]


def read_history(path: Path, shown: str) -> History:
    """The history in a file, reported as `shown`. Raises ScenarioError with all problems."""
    file = TypedFile(read_file(path, shown), "the history")
    given = file.read(_History, _listed(scenario_folder()) | _listed(path.parent))
    if given is None or file.problems:
        raise ScenarioError(file.problems)
    facts = tuple(
        Fact(
            key, of.title, of.what, of.by or str(of.recorded), of.recorded, of.region, of.cells, of.grade,
            tuple(of.source), of.lane, of.after, (of.spread[0], of.spread[1]) if of.spread else None, of.note,
            of.definition, Discrepancy(of.discrepancy.value, of.discrepancy.reason) if of.discrepancy else None,
            of.not_for,
        )
        for key, of in given.facts.items()
    )  # fmt: skip
    for fact, words in contradictions(facts):
        file.complain(("facts", fact.key, "recorded"), words)
    if file.problems:
        raise ScenarioError(file.problems)
    return History(path.stem, given.title, facts, _registry(given.registry))


def _registry(given: _Registry) -> Registry:
    """The rules by place and lane, a place that says less than all taking the rest from the default."""
    usual = {lane: _posting(getattr(given.default, lane), Posting(1.0, 0.0)) for lane in REGISTRY_LANES}
    own = {
        place: {lane: _posting(getattr(of, lane), usual[lane]) for lane in REGISTRY_LANES}
        for place, of in given.__pydantic_extra__.items()
    }
    return Registry({DEFAULT: usual, **own})


def _posting(rule: _Rule | _OwnRule, usual: Posting) -> Posting:
    """A rule, what it does not say as usual."""
    probability, delay = rule.posting_probability, rule.delay_months
    return Posting(
        probability.value if probability else usual.probability, delay.value if delay else usual.delay_months
    )


def _find(name: str, world: Resolved) -> tuple[Path, str]:
    """Path of a history and the name it is shown under: a shipped one, or a file beside the scenario naming it."""
    names = history_names()
    if name in names:
        return history_folder() / f"{name}.yaml", f"scenarios/history/{name}.yaml"
    origin = world.origins["histories"]
    if Path(name).suffix or "/" in name:
        path = Path(origin.file).parent / name
        return path, str(path)
    message = f"histories: none is named {name!r}{did_you_mean(name, names) or ';'} shipped: {', '.join(names)}"
    raise ScenarioError([problem(Place(origin.file, origin.line, 1 if origin.line else 0), "histories", message)])


def _refuse_unknown_places(history: History, world: Resolved) -> None:
    """A place that is nearly one of the world's is a slip of the pen; one that it has not is left out by `beside`."""
    places = {ALL, DEFAULT, *world.jurisdictions, *world.blocs}
    of_facts = {place for fact in history.facts for place in (fact.region, fact.after) if place}
    named = (of_facts | set(history.registry.postings)) - places
    slips = {place: hint for place in sorted(named) if (hint := did_you_mean(place, sorted(places)))}
    if slips:
        where = Place(f"history {history.name}", 0, 0)
        raise ScenarioError([problem(where, "", f"no place is named {place}{hint}") for place, hint in slips.items()])


def _listed(folder: Path) -> set[str]:
    """Keys of the list of sources in a folder, none where it has none."""
    path = folder / "sources.yaml"
    value = read_file(path, str(path)).value if path.is_file() else None
    return set(value) if isinstance(value, dict) else set()
