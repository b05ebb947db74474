"""A file of values read with their places: all that is wrong is kept until the whole has been read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ipsc_race.loading import ScenarioError
from ipsc_race.tree import did_you_mean
from ipsc_race.yaml_reading import Node, Place, Problem, problem, shown_value


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


def plain_value(node: Node) -> Any:
    """The value of a node as Python has it."""
    if isinstance(node.value, dict):
        return {key: plain_value(inner) for key, inner in node.value.items()}
    if isinstance(node.value, list):
        return [plain_value(inner) for inner in node.value]
    return node.value
