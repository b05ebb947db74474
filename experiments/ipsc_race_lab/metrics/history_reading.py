"""Reading the histories that a world names: files of facts, typed, all that is wrong at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race.loading import scenario_folder
from ipsc_race.milestones import CELL_SOURCES, HOSPITAL, LANES, REGISTRATION
from ipsc_race.tree import did_you_mean
from ipsc_race.values import GRADES, MONTH
from ipsc_race.yaml_reading import Node, Place, Problem, ScenarioError, problem, read_file, shown_value
from ipsc_race_lab.metrics.history import ALL, ANY, DEFAULT, KINDS, Fact, History, Kind, Posting, Registry
from ipsc_race_lab.typed_file import ExperimentFile

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


KEYS = ("title", "description", "registry", "facts")
FACT = (
    "title", "what", "by", "recorded", "region", "after", "cells", "lane", "spread", "grade", "source", "note",
)  # fmt: skip
NEEDED = ("title", "what", "recorded", "region", "cells", "grade", "source")
VALUE = ("value", "range", "grade", "source", "note")
MOST = {"probability": 1.0, "delay_months": 1200.0}
POSTING = {"posting_probability": "probability", "delay_months": "delay_months"}  # as written, as held
REGISTRY_LANES = (LANES[HOSPITAL], LANES[REGISTRATION])


def history_folder() -> Path:
    """Folder of the shipped histories."""
    return scenario_folder() / "history"


def history_names() -> list[str]:
    """Names of the shipped histories."""
    return sorted(path.stem for path in history_folder().glob("*.yaml"))


def histories_of(world: Resolved) -> tuple[History, ...]:
    """The histories that a world names. Raises ScenarioError with all that is wrong with them."""
    problems: list[Problem] = []
    found = []
    for name in world.scenario.histories:
        try:
            history = read_history(*_find(name, world))
            _refuse_unknown_places(history, world)
            found.append(history)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return tuple(found)


def read_history(path: Path, shown: str) -> History:
    """The history in a file, reported as `shown`. Raises ScenarioError with all problems."""
    file = _HistoryFile(path, read_file(path, shown))
    given = file.needed(file.root, "", KEYS, ("title", "registry", "facts"))
    title = file.words_at(given, "title", "")
    registry = file.registry(given["registry"]) if "registry" in given else Registry({})
    facts = tuple(file.fact(key, node) for key, node in file.inside("facts").items())
    if "facts" in given and not file.inside("facts"):
        file.complain(given["facts"].place, "facts", "are none; expected facts by name")
    if file.problems:
        raise ScenarioError(file.problems)
    return History(path.stem, title, facts, registry)


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


class _HistoryFile(ExperimentFile):
    """The values of a history file, and all problems found in it so far."""

    def __init__(self, path: Path, root: Node) -> None:
        super().__init__(path, root)
        self.sources = _listed(scenario_folder()) | _listed(path.parent)

    def needed(self, node: Node, path: str, keys: tuple[str, ...], needed: tuple[str, ...]) -> dict[str, Node]:
        """The known keys of a mapping; one that lacks what it needs is complained of."""
        given = self.mapping(node, path, keys)
        missing = [key for key in needed if key not in given]
        if missing and isinstance(node.value, dict):
            self.complain(node.key, "", f"{path or 'the history'} lacks {', '.join(missing)}")
        return given

    def words_at(self, given: Mapping[str, Node], key: str, path: str) -> str:
        """A text, empty where there is none or it is wrong."""
        node = given.get(key)
        if node is not None and (not isinstance(node.value, str) or not node.value):
            self.complain(node.place, f"{path}.{key}".lstrip("."), f"is {shown_value(node)}; expected text")
        return node.value if node is not None and isinstance(node.value, str) else ""

    def choice(self, given: Mapping[str, Node], key: str, path: str, names: tuple[str, ...]) -> str:
        """One of some words; the first where it is wrong."""
        node = given.get(key)
        if node is None or node.value in names:
            return str(node.value) if node else names[0]
        hint = did_you_mean(str(node.value), names) or f"; expected {', '.join(names)}"
        self.complain(node.place, f"{path}.{key}", f"is {shown_value(node)}{hint}")
        return names[0]

    def month(self, node: Node, path: str) -> str:
        """A calendar month; empty where it is wrong."""
        if isinstance(node.value, str) and MONTH.fullmatch(node.value):
            return node.value
        self.complain(node.place, path, f"is {shown_value(node)}; expected a month such as 2018-11")
        return ""

    def known_sources(self, given: Mapping[str, Node], path: str) -> tuple[str, ...]:
        """Keys of sources.yaml."""
        nodes = self.words(given["source"], f"{path}.source", "the key of a source") if "source" in given else []
        for node in nodes:
            if node.value not in self.sources:
                hint = did_you_mean(str(node.value), self.sources)
                message = f"is {shown_value(node)}, which sources.yaml does not list{hint}"
                self.complain(node.place, f"{path}.source", message)
        return tuple(str(node.value) for node in nodes)

    def fact(self, key: str, node: Node) -> Fact:
        """One fact; what is wrong with it goes to the problems."""
        path = f"facts.{key}"
        given = self.needed(node, path, FACT, NEEDED)
        what = self.choice(given, "what", path, tuple(KINDS))
        kind, told = KINDS[what], "what" in given and given["what"].value == what
        if told:
            self._fits(kind, given, path, node)
        recorded = self._recorded(kind, given["recorded"], f"{path}.recorded") if told and "recorded" in given else ""
        by = self.month(given["by"], f"{path}.by") if "by" in given else str(recorded)
        return Fact(
            key,
            self.words_at(given, "title", path),
            what,
            by,
            recorded,
            self.words_at(given, "region", path),
            self.choice(given, "cells", path, (ANY, *CELL_SOURCES.values())),
            self.choice(given, "grade", path, GRADES),
            self.known_sources(given, path),
            self.choice(given, "lane", path, REGISTRY_LANES) if "lane" in given else None,
            self.words_at(given, "after", path) or None,
            self._spread(kind, given["spread"], path) if told and "spread" in given else None,
            self.words_at(given, "note", path) or None,
        )

    def _fits(self, kind: Kind, given: Mapping[str, Node], path: str, node: Node) -> None:
        """A fact says what its kind needs, and nothing that races cannot tell apart."""
        if kind.is_month and "by" in given:
            self.complain(given["by"].key, f"{path}.by", "is not for a date: `recorded` is the month")
        if not kind.is_month and "by" not in given:
            self.complain(node.key, path, "lacks by: the month up to which it was counted")
        if kind.compares != ("after" in given):
            self.complain(node.key, path, "has `after`, the other place, if it is an approval_lag, and only then")
        if not kind.by_lane and "lane" in given:
            self.complain(given["lane"].key, f"{path}.lane", "is not possible: races do not tell this by lane")
        if not kind.by_cells and "cells" in given and given["cells"].value != ANY:
            self.complain(given["cells"].place, f"{path}.cells", f"expected {ANY}: races do not tell this by cells")

    def _recorded(self, kind: Kind, node: Node, path: str) -> float | str:
        return self.month(node, path) if kind.is_month else self.number(node, path)

    def _spread(self, kind: Kind, node: Node, path: str) -> tuple[float | str, float | str] | None:
        """The ends of what the record may mean."""
        ends = [self._recorded(kind, end, f"{path}.spread") for end in _items(node)]
        if len(ends) == len(("low", "high")) and ends[0] <= ends[1]:  # type: ignore[operator]
            return ends[0], ends[1]
        self.complain(node.place, f"{path}.spread", "is not two of what is recorded; expected [low, high]")
        return None

    def registry(self, node: Node) -> Registry:
        """The registry: rules by place and lane, a place that says less than all taking the rest from `default`."""
        if not isinstance(node.value, dict) or DEFAULT not in node.value:
            self.complain(node.key, "registry", f"lacks {DEFAULT}, with rules for {' and '.join(REGISTRY_LANES)}")
            return Registry({})
        usual = {lane: Posting(1.0, 0.0) for lane in REGISTRY_LANES}
        usual = self._place(DEFAULT, node.value[DEFAULT], usual, whole=True)
        others = {key: inner for key, inner in node.value.items() if key != DEFAULT}
        return Registry(
            {DEFAULT: usual, **{key: self._place(key, inner, usual, whole=False) for key, inner in others.items()}}
        )

    def _place(self, name: str, node: Node, usual: Mapping[str, Posting], *, whole: bool) -> dict[str, Posting]:
        """The rules of a place by lane; `whole`: every number must be there."""
        path = f"registry.{name}"
        lanes = self.needed(node, path, REGISTRY_LANES, REGISTRY_LANES if whole else ())
        found = {}
        for lane, inner in lanes.items():
            given = self.needed(inner, f"{path}.{lane}", tuple(POSTING), tuple(POSTING) if whole else ())
            numbers: dict[str, Any] = {
                POSTING[key]: self._evidenced(value, f"{path}.{lane}.{key}", MOST[POSTING[key]])
                for key, value in given.items()
            }
            found[lane] = usual[lane]._replace(**numbers)
        return found

    def _evidenced(self, node: Node, path: str, most: float) -> float:
        """A number from 0 to a bound, bare or with its evidence."""
        if isinstance(node.value, dict):
            given = self.needed(node, path, VALUE, ("value",))
            self.choice(given, "grade", path, GRADES)
            self.known_sources(given, path)
            if "value" not in given:
                return 0.0
            node = given["value"]
        value = self.number(node, path)
        if not 0 <= value <= most:
            self.complain(node.place, path, f"is {shown_value(node)}; expected a number from 0 to {most:g}")
        return value


def _listed(folder: Path) -> set[str]:
    """Keys of the list of sources in a folder, none where it has none."""
    path = folder / "sources.yaml"
    value = read_file(path, str(path)).value if path.is_file() else None
    return set(value) if isinstance(value, dict) else set()


def _items(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else []
