"""From a merged document to values: each with its evidence, its dated changes and its place, and what is wrong.

The document is walked along the tree of the classes; types and bounds are then checked by pydantic over the whole
tree, once for each date at which something changes, and its complaints come back in our words at the place of the
value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, get_origin

from pydantic import ValidationError

from ipsc_race.quantities import JURISDICTIONS
from ipsc_race.scenario import Scenario
from ipsc_race.tree import Part, did_you_mean, expected, within
from ipsc_race.yaml_reading import Node, Place, Problem, note, problem, shown_value

EVIDENCE_KEYS = ("value", "range", "grade", "source", "note", "changes")
MAX_UNKNOWN = 50  # a file with more unknown names in one place was not written as a scenario
GRADES = ("A", "B", "C", "D")
MONTH = re.compile(r"(19|20|21|22)\d\d-(0[1-9]|1[0-2])")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
# What a race cannot change on its way: its frame, its mechanisms, and what is read on its first morning only.
_CONSTANT = ("span.", "blocs.", "mechanisms.", "roster.")
_CONSTANT_ENDS = (
    ".draw_key",
    ".initial_count",
    ".initial_progress_share",
    ".prevalent_patients",
    ".capacity_batches_per_month",
    ".treatment_patients_per_month",
)


def is_constant(path: str) -> bool:
    """Whether a value holds for the whole race, so that no dated change of it is possible."""
    return path.startswith(_CONSTANT) or path.endswith(_CONSTANT_ENDS)


@dataclass(frozen=True)
class Leaf:
    """A value of the scenario as it was written."""

    part: Part
    path: str
    node: Node
    range: tuple[Any, Any] | None = None
    grade: str | None = None
    sources: tuple[str, ...] = ()
    note: str | None = None
    changes: dict[str, Leaf] = field(default_factory=dict)  # by month, in order

    def at(self, month: str) -> Leaf:
        """The leaf in force in a month."""
        in_force = self
        for since, change in self.changes.items():
            if since <= month:
                in_force = change
        return in_force

    def versions(self) -> Iterator[Leaf]:
        """The first value, then the dated ones."""
        yield self
        yield from self.changes.values()


@dataclass
class Values:
    """All values of a document by path, its tables, and the problems met so far."""

    sources: dict[str, str | None]  # known sources and their kind
    leaves: dict[str, Leaf] = field(default_factory=dict)
    tables: dict[str, tuple[Part, Node]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def complain(self, place: Place, path: str, message: str) -> None:
        """Note a problem."""
        note(self.problems, problem(place, path, f"{path} {message}" if path else message))

    def value(self, path: str) -> Any:
        """The first value at a path, None where there is none."""
        leaf = self.leaves.get(path)
        return plain(leaf) if leaf else None

    def rows(self, path: str) -> list[str]:
        """Names of the rows of a table, none where there is no table."""
        node = self.tables[path][1] if path in self.tables else None
        return list(node.value) if node and isinstance(node.value, dict) else []

    def months(self) -> list[str]:
        """Every month in which something changes, in order."""
        return sorted({month for leaf in self.leaves.values() for month in leaf.changes})


def read_values(tree: Part, root: Node, sources: dict[str, str | None]) -> Values:
    """The values of a document whose copies have been made."""
    values = Values(sources)
    _read(tree, root, "", values)
    return values


def _read(part: Part, node: Node, path: str, values: Values) -> None:
    if part.is_leaf:
        leaf = _leaf(part, node, path, values)
        if leaf:
            values.leaves[path] = leaf
    elif not isinstance(node.value, dict):
        if node.value is None and not part.parts:
            values.complain(node.place, path, "is empty; write {} for a table without rows")
        else:
            what = "its rows" if part.row else f"a mapping with {_some(list(part.parts))}"
            values.complain(node.place, path, f"is {shown_value(node)}; expected {what}")
    elif part.row is not None and len(node.value) > max_rows(part):
        values.complain(node.key, path, f"has {len(node.value):,} rows; at most {max_rows(part)} are possible")
    elif part.row is not None:
        values.tables[path] = (part, node)
        _read_rows(part.row, node, path, values)
    else:
        _read_block(part, node, path, values)


def max_rows(part: Part) -> int:
    """How many rows a table holds; of blocs there can be no more than jurisdictions."""
    return part.table.rows if part.table else JURISDICTIONS


def _read_rows(row: Part, node: Node, path: str, values: Values) -> None:
    assert isinstance(node.value, dict)
    for key, inner in node.value.items():
        if not _NAME.fullmatch(key):
            values.complain(inner.key, path, f"has a row named {key!r}; a name has letters, digits, _ and - only")
        elif inner.value is None:
            values.complain(inner.key, path, f"has no inherited row {key} to remove")
        else:
            _read(row, inner, within(path, key), values)


def _read_block(part: Part, node: Node, path: str, values: Values) -> None:
    assert isinstance(node.value, dict)
    for key, inner in node.value.items():
        if key in part.parts:
            _read(part.parts[key], inner, within(path, key), values)
    unknown = [key for key in node.value if key not in part.parts and (path or key != "extends")]
    for key in unknown[:MAX_UNKNOWN]:
        hint = did_you_mean(key, part.parts)
        values.complain(node.value[key].key, within(path, key), f"is not a name of the scenario{hint}")
    if len(unknown) > MAX_UNKNOWN:
        message = f"has {len(unknown) - MAX_UNKNOWN} more unknown names; is this a scenario?"
        values.problems.append(problem(node.key, path, f"{path or 'the file'} {message}"))
    missing = [name for name in part.parts if name not in node.value]
    if missing:
        hint = _meant_row(path, values)
        values.problems.append(problem(node.key, path, f"{path or 'the scenario'} lacks {_some(missing)}{hint}"))


def _meant_row(path: str, values: Values) -> str:
    """For an incomplete row: the row of its table that was perhaps meant."""
    table, _, name = path.rpartition(".")
    return did_you_mean(name, [other for other in values.rows(table) if other != name])


def _some(names: list[str]) -> str:
    """Names in a sentence, the first few where there are many."""
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def _leaf(part: Part, node: Node, path: str, values: Values) -> Leaf | None:
    if not isinstance(node.value, dict):
        return Leaf(part, path, node)
    if not part.carries_evidence:
        values.complain(node.place, path, f"is a mapping; expected {expected(part)}")
        return None
    given = node.value
    for key in given:
        if key not in EVIDENCE_KEYS:
            hint = did_you_mean(key, EVIDENCE_KEYS) or f"; expected {', '.join(EVIDENCE_KEYS)}"
            hint = "; a text with a comma needs quotes" if given[key].value is None else hint
            values.complain(given[key].key, within(path, key), f"is not known{hint}")
    if "value" not in given:
        values.complain(node.key, path, f"has no value; expected `value:`, {expected(part)}")
        return None
    return Leaf(
        part,
        path,
        given["value"],
        _range(part, given, path, values),
        _grade(given, path, values),
        _sources(given, path, values),
        str(given["note"].value) if "note" in given else None,
        _changes(part, given, path, values),
    )


def _range(part: Part, given: dict[str, Node], path: str, values: Values) -> tuple[Any, Any] | None:
    if "range" not in given:
        return None
    node = given["range"]
    ends = [inner.value for inner in node.value] if isinstance(node.value, list) else []
    if len(ends) != 2 or not all(_is_like_a_value(part, end) for end in ends):
        values.complain(node.place, within(path, "range"), "is not two numbers; expected [low, high]")
        return None
    low, high = ends
    if low > high:  # type: ignore[operator]
        values.complain(node.place, within(path, "range"), f"is [{low}, {high}]; expected the lower end first")
        return None
    value = given["value"].value
    if _is_like_a_value(part, value) and not low <= value <= high:  # type: ignore[operator]
        values.complain(given["value"].place, path, f"is {value}, outside its own range [{low}, {high}]")
    return low, high


def _is_like_a_value(part: Part, value: object) -> bool:
    """Whether a value can be compared with the values of this leaf."""
    if part.is_month:
        return isinstance(value, str) and MONTH.fullmatch(value) is not None
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _grade(given: dict[str, Node], path: str, values: Values) -> str | None:
    node = given.get("grade")
    if node is None or node.value in GRADES:
        return str(node.value) if node else None
    values.complain(node.place, within(path, "grade"), f"is {shown_value(node)}; expected A, B, C or D")
    return None


def _sources(given: dict[str, Node], path: str, values: Values) -> tuple[str, ...]:
    if "source" not in given:
        return ()
    node = given["source"]
    nodes = node.value if isinstance(node.value, list) else [node]
    for inner in nodes:
        if not isinstance(inner.value, str) or inner.value not in values.sources:
            hint = did_you_mean(str(inner.value), values.sources)
            message = f"is {shown_value(inner)}, which sources.yaml does not list{hint}"
            values.complain(inner.place, within(path, "source"), message)
    return tuple(str(inner.value) for inner in nodes)


def _changes(part: Part, given: dict[str, Node], path: str, values: Values) -> dict[str, Leaf]:
    if "changes" not in given:
        return {}
    node, path_of = given["changes"], within(path, "changes")
    if not isinstance(node.value, dict):
        values.complain(node.place, path_of, "is not a mapping; expected months with values, such as {2018-11: 2.8}")
        return {}
    if is_constant(path):
        values.complain(node.key, path_of, "is not possible: this value holds for the whole race")
        return {}
    changes: dict[str, Leaf] = {}
    for month, inner in sorted(node.value.items()):
        if not MONTH.fullmatch(month):
            values.complain(inner.key, within(path_of, month), "is not a month such as 2018-11")
        elif isinstance(inner.value, dict) and "changes" in inner.value:
            values.complain(inner.key, within(path_of, month), "has changes of its own; write them beside it")
        elif inner.value is None:
            values.complain(inner.key, within(path_of, month), "is no inherited change to remove")
        elif change := _leaf(part, inner, f"{path}@{month}", values):
            changes[month] = change
    return changes


def plain(leaf: Leaf) -> Any:
    """The value of a leaf as its class wants it: 1e6 may stand for a whole number, a list for a tuple."""
    value = leaf.node.value
    if isinstance(value, list) and get_origin(leaf.part.kind) is tuple:
        return tuple(inner.value for inner in value)
    if isinstance(value, float) and leaf.part.kind is int and value.is_integer():
        return int(value)
    return value


def scenario_at(values: Values, month: str) -> Scenario | None:
    """The scenario in force in a month; what is wrong with it goes to the problems, and None comes back."""
    in_force = {path: leaf.at(month) for path, leaf in values.leaves.items()}
    try:
        return Scenario.model_validate(_nested(values, in_force), strict=True)
    except ValidationError as error:
        for complaint in error.errors(include_url=False, include_context=False, include_input=False):
            _complain_about(complaint["type"], ".".join(map(str, complaint["loc"])), in_force, values)
        return None


def _complain_about(kind: str, path: str, in_force: dict[str, Leaf], values: Values) -> None:
    """A complaint of pydantic in our words; what is missing altogether has been reported already."""
    while path and path not in in_force:
        path = path.rpartition(".")[0]
    if path and kind != "missing":
        leaf = in_force[path]
        message = f"is {shown_value(leaf.node)}; expected {expected(leaf.part)}"
        values.complain(leaf.node.place, leaf.path, message)


def _nested(values: Values, leaves: dict[str, Leaf]) -> dict[str, Any]:
    """The document that pydantic reads."""
    blocks: dict[str, dict[str, Any]] = {"": {}}
    for path in values.tables:
        _block(blocks, path)
    for path, leaf in leaves.items():
        parent, _, name = path.rpartition(".")
        _block(blocks, parent)[name] = plain(leaf)
    return blocks[""]


def _block(blocks: dict[str, dict[str, Any]], path: str) -> dict[str, Any]:
    """The part at a path, made at its first value."""
    if path not in blocks:
        parent, _, name = path.rpartition(".")
        blocks[path] = _block(blocks, parent)[name] = {}
    return blocks[path]
