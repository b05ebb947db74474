"""Overrides: single values put over a scenario by path, from `--set PATH=VALUE` or the factors of an experiment.

They come as a text PATH=VALUE, as a mapping of paths to values, or as several of either, of which a later one counts.

An override is one more document that extends the others, so that it obeys the same rules; only its path must be one
that the scenario already has, so that a misspelt one never passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ipsc_race.merging import expand, merge
from ipsc_race.tree import Part, did_you_mean, within
from ipsc_race.values import MONTH, Values, read_values
from ipsc_race.yaml_reading import Node, Place, Problem, ScenarioError, node_of, note, problem, read_text

type Overrides = str | Mapping[str, Any] | Iterable[Overrides]


def overridden(
    tree: Part, document: Node, overrides: Overrides, sources: dict[str, str | None]
) -> tuple[Node, list[Problem]]:
    """The document with every override merged into it, in order, and what is wrong with the overrides."""
    pairs, problems = _pairs(overrides)
    if pairs:
        expanded, _, _ = expand(tree, document)
        known = read_values(tree, expanded, sources)
        for path, node in pairs:
            reason = _why_not(path, node, known)
            if reason:
                note(problems, problem(node.place, path, reason))
            else:
                document = merge(tree, document, _at(path, node))
    return document, problems


def _pairs(overrides: Overrides) -> tuple[list[tuple[str, Node]], list[Problem]]:
    """Paths and values in order, each value placed at its `--set PATH`, and what is wrong with those in words."""
    if isinstance(overrides, Mapping):
        return [(path, node_of(value, _set_place(path))) for path, value in overrides.items()], []
    if isinstance(overrides, str):
        return _read(overrides)
    pairs: list[tuple[str, Node]] = []
    problems: list[Problem] = []
    for part in overrides:
        found, wrong = _pairs(part)
        pairs += found
        for one in wrong:
            note(problems, one)
    return pairs, problems


def _read(text: str) -> tuple[list[tuple[str, Node]], list[Problem]]:
    """The path and the value of PATH=VALUE, or what is wrong with it."""
    path, equals, value = text.partition("=")
    path, place = path.strip(), _set_place(path.strip())
    if not equals or not path or not value.strip():
        return [], [problem(place, path, f"{text!r} is not an override; expected PATH=VALUE")]
    try:
        return [(path, _moved(read_text(value, place.file), place))], []
    except ScenarioError as error:
        return [], [problem(place, path, found.message) for found in error.problems]


def _set_place(path: str) -> Place:
    return Place(f"--set {path}", 0, 0)


def _moved(node: Node, place: Place) -> Node:
    """The node with every part of it at one place."""
    if isinstance(node.value, dict):
        return Node({key: _moved(inner, place) for key, inner in node.value.items()}, place, place)
    if isinstance(node.value, list):
        return Node([_moved(inner, place) for inner in node.value], place, place)
    return Node(node.value, place, place)


def _at(path: str, node: Node) -> Node:
    """A document with nothing but one value."""
    target, at, month = path.partition("@")
    for key in reversed([*target.split("."), *(("changes", month) if at else ())]):
        node = Node({key: node}, node.place, node.place)
    return node


def _why_not(path: str, node: Node, known: Values) -> str | None:
    """Why a value cannot be set at a path, None where it can."""
    target, at, month = path.partition("@")
    parent = target.rpartition(".")[0]
    if target in known.leaves:
        if at and not MONTH.fullmatch(month):
            return f"{month!r} is not a month such as 2018-11"
        return None
    inside = [leaf for leaf in (*known.leaves, *known.tables) if leaf.startswith(f"{target}.")]
    is_block = bool(inside) or target in known.tables
    if is_block and (at or not (isinstance(node.value, dict) or node.value is None)):
        first = inside[0] if inside else within(target, "name")
        return f"{target} is a part with many values; name one of them, such as {first}"
    if is_block or (parent in known.tables and isinstance(node.value, dict)):
        return None
    return f"{target} is not in the scenario{_nearest_path(target, known)}"


def _nearest_path(target: str, known: Values) -> str:
    parent, _, name = target.rpartition(".")
    siblings = [path.rpartition(".")[2] for path in known.leaves if path.rpartition(".")[0] == parent]
    hint = did_you_mean(name, siblings)
    return hint.replace("mean ", f"mean {parent}.", 1) if hint and parent else did_you_mean(target, known.leaves)
