"""An experiment file and the scenarios that it names: what is wrong with them is kept until all has been read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race.loading import ScenarioError, load
from ipsc_race.yaml_reading import Node, shown_value
from ipsc_race_lab.design.levers import union
from ipsc_race_lab.typed_file import ExperimentFile, plain_value

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


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


def lineage(world: Resolved) -> set[str]:
    """The names of a scenario and of those that it extends."""
    return {world.name, *(origin.scenario for origin in world.origins.values())}
