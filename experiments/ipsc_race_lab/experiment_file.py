"""An experiment file and the scenarios that it names: what is wrong with them is kept until all has been read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race.loading import ScenarioError, load
from ipsc_race.tree import did_you_mean
from ipsc_race.yaml_reading import Node, Place, Problem, problem, shown_value
from ipsc_race_lab.levers import union

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


class ExperimentFile:
    """The values of an experiment file, and all problems found in it so far."""

    def __init__(self, path: Path, root: Node) -> None:
        assert isinstance(root.value, dict)
        self.path, self.root, self.given = path, root, root.value
        self.problems: list[Problem] = []

    def inside(self, key: str) -> dict[str, Node]:
        """What stands by name under a key of the file, nothing where no names do."""
        value = self.given[key].value if key in self.given else None
        return value if isinstance(value, dict) else {}

    def complain(self, place: Place, path: str, message: str) -> None:
        """Keep a problem; the message goes on from the path."""
        self.problems.append(problem(place, path, f"{path} {message}" if path else message))

    def relay(self, error: ScenarioError, node: Node, path: str, places: Mapping[str, Node] | None = None) -> None:
        """Problems of a scenario: as they are where they stand in a file, at our place where we made them."""
        for found in error.problems:
            if found.line:
                self.problems.append(found)
            else:
                at = (places or {}).get(found.file.removeprefix("--set "), node)
                self.problems.append(problem(at.place, path, f"{path}: {found.message}"))

    def mapping(self, node: Node, path: str, keys: Sequence[str]) -> dict[str, Node]:
        """The known keys of a mapping; unknown ones are complained of."""
        if not isinstance(node.value, dict):
            self.complain(node.place, path, f"is {shown_value(node)}; expected a mapping with {', '.join(keys)}")
            return {}
        for key, inner in node.value.items():
            if key not in keys:
                hint = did_you_mean(key, keys) or f"; expected {', '.join(keys)}"
                self.complain(inner.key, f"{path}.{key}" if path else key, f"is not known{hint}")
        return {key: inner for key, inner in node.value.items() if key in keys}

    def text(self, node: Node | None, path: str) -> str:
        """A text that must be there."""
        if node is None:
            self.complain(self.root.key, "", f"the experiment lacks {path}")
        elif not isinstance(node.value, str) or not node.value:
            self.complain(node.place, path, f"is {shown_value(node)}; expected text")
        else:
            return node.value
        return ""

    def whole(self, node: Node | None, path: str, low: int, high: int) -> int:
        """A whole number that must be there; `low` where it is wrong."""
        if node is None:
            message = f"lacks {path}; expected a whole number from {low:,} to {high:,}"
            self.complain(self.root.key, "", f"the experiment {message}")
            return low
        value = node.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            message = f"is {shown_value(node)}; expected a whole number from {low:,} to {high:,}"
            self.complain(node.place, path, message)
            return low
        return value

    def number(self, node: Node, path: str) -> float:
        """A finite number; 0 where it is wrong."""
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e300:
            self.complain(node.place, path, f"is {shown_value(node)}; expected a number")
            return 0.0
        return float(value)

    def words(self, node: Node, path: str, what: str) -> list[Node]:
        """The texts of a list, or the one text."""
        nodes = node.value if isinstance(node.value, list) else [node]
        for inner in nodes:
            if not isinstance(inner.value, str):
                self.complain(inner.place, path, f"is {shown_value(inner)}; expected {what}")
        return [inner for inner in nodes if isinstance(inner.value, str)]


class Scenarios:
    """The scenarios of an experiment and of its levers, each loaded once."""

    def __init__(self, file: ExperimentFile, given: Mapping[str, Node]) -> None:
        self.file = file
        self.loaded: dict[str, Resolved | None] = {}  # by what was loaded, as written
        self.bases: dict[str, Resolved] = {}  # scenarios of the experiment by name, fixed overrides applied
        self.sources: dict[str, str] = {}
        self.fixed: dict[str, Any] = {}
        self._read(given)

    def _read(self, given: Mapping[str, Node]) -> None:
        node = given.get("scenario", given.get("scenarios"))
        if node is None or ("scenario" in given and "scenarios" in given):
            place = self.file.root.key if node is None else node.key
            self.file.complain(place, "", "expected either scenario, with a name, or scenarios, with a list of names")
            return
        places = self._overrides(given["set"], "set") if "set" in given else {}
        for word in self.file.words(node, "scenario", "the name of a scenario, such as baseline"):
            world = self.load(word, "scenario")
            if world is None:
                continue
            if world.name in self.sources:
                self.file.complain(word.place, "scenarios", f"names {world.name} twice")
                continue
            self.sources[world.name] = self._source(word)
            try:
                self.bases[world.name] = load(self.sources[world.name], self.fixed) if self.fixed else world
            except ScenarioError as error:
                self.file.relay(error, given.get("set", node), "set", places)

    def _overrides(self, node: Node, path: str) -> dict[str, Node]:
        """The places of fixed overrides, the values into `self.fixed`."""
        if not isinstance(node.value, dict):
            self.file.complain(node.place, path, f"is {shown_value(node)}; expected a mapping of paths with values")
            return {}
        self.fixed = plain_value(node)
        return node.value

    def _source(self, node: Node) -> str:
        """What to load: a name, or a file beside this one."""
        text = str(node.value)
        return str(self.file.path.parent / text) if Path(text).suffix or "/" in text else text

    def load(self, node: Node, path: str) -> Resolved | None:
        """A scenario as it is written, each one once."""
        source = self._source(node)
        if source not in self.loaded:
            try:
                self.loaded[source] = load(source)
            except ScenarioError as error:
                self.loaded[source] = None
                self.file.relay(error, node, path)
        return self.loaded[source]

    def changed(self, source: str, overrides: Mapping[str, Any]) -> Resolved:
        """A scenario of the experiment with its fixed overrides and more. Raises ScenarioError."""
        return load(source, union(self.fixed, overrides))

    @property
    def base(self) -> Resolved | None:
        """The first scenario, fixed overrides applied."""
        return next(iter(self.bases.values()), None)


def plain_value(node: Node) -> Any:
    """The value of a node as Python has it."""
    if isinstance(node.value, dict):
        return {key: plain_value(inner) for key, inner in node.value.items()}
    if isinstance(node.value, list):
        return [plain_value(inner) for inner in node.value]
    return node.value


def lineage(world: Resolved) -> set[str]:
    """The names of a scenario and of those that it extends."""
    return {world.name, *(origin.scenario for origin in world.origins.values())}
