"""The tree of the scenario classes, as paths walk it: parts, tables and leaves, and what a leaf expects."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ipsc_race.quantities import UNITS, RowOf, Table, unit_of
from ipsc_race.scenario import Scenario


@dataclass(frozen=True)
class Part:
    """A place of the tree: a block has `parts`, a table has a `row`, a leaf has neither."""

    name: str  # last word of the path; for the rows of a table, the table's
    kind: Any  # a scenario class, or the type of a leaf
    description: str = ""
    parts: dict[str, Part] = field(default_factory=dict)
    row: Part | None = None
    table: Table | None = None
    bounds: dict[str, float] = field(default_factory=dict)  # "ge", "gt", "le" of a number
    pattern: str | None = None
    row_of: RowOf | None = None  # of which table a text names a row

    @property
    def is_leaf(self) -> bool:
        """Whether a value stands here."""
        return not self.parts and self.row is None

    @property
    def is_month(self) -> bool:
        """Whether a calendar month stands here."""
        return self.kind is str and self.pattern is not None

    @property
    def carries_evidence(self) -> bool:
        """Whether its value may stand with range, grade, source and dated changes; words and lists may not."""
        told = self.is_month or self.row_of is not None
        return self.is_leaf and (told or (self.kind is not str and get_origin(self.kind) is not tuple))

    def inside(self, key: str) -> Part | None:
        """The part under a key, None where there is none. Dated changes are a table of what they change."""
        if self.row is not None:
            return self.row
        if self.carries_evidence and key == "changes":
            return replace(self, row=self)
        return self.parts.get(key)


def _part(name: str, info: FieldInfo) -> Part:
    kind: Any = info.annotation
    table = next((mark for mark in info.metadata if isinstance(mark, Table)), None)
    bounds = {
        key: float(getattr(mark, key)) for mark in info.metadata for key in ("ge", "gt", "le") if hasattr(mark, key)
    }
    pattern = next((mark.pattern for mark in info.metadata if getattr(mark, "pattern", None)), None)
    row_of = next((mark for mark in info.metadata if isinstance(mark, RowOf)), None)
    parts: dict[str, Part] = {}
    row = None
    if get_origin(kind) is dict:
        row = _part(name, FieldInfo.from_annotation(get_args(kind)[1]))
        row = replace(row, description=row.description or info.description or "")
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        parts = {inner: _part(inner, of) for inner, of in kind.model_fields.items()}
    return Part(name, kind, info.description or "", parts, row, table, bounds, pattern, row_of)


def tree_of(block: type[BaseModel]) -> Part:
    """The tree of a scenario class."""
    return _part("", FieldInfo.from_annotation(block))


@cache
def scenario_tree() -> Part:
    """The tree of a whole scenario."""
    return tree_of(Scenario)


def expected(part: Part) -> str:
    """What a leaf expects, in words: "a share between 0 and 1"."""
    if part.kind is bool:
        return "true or false"
    if part.kind is str:
        return _expected_text(part)
    if get_origin(part.kind) is Literal:
        return " or ".join(get_args(part.kind))
    if get_origin(part.kind) is tuple:
        return "a list of names"
    unit = unit_of(part.name)
    noun = "a whole number" if part.kind is int else "a number"
    if unit and unit.startswith(("share", "probability")):
        noun = f"a {unit.split()[0]}"
    elif unit:
        noun += f" ({unit})"
    return f"{noun} {_interval(part.bounds)}".strip()


def _expected_text(part: Part) -> str:
    if part.is_month:
        return "a month such as 2018-11"
    if part.row_of is not None:
        return " or ".join([f"one of the {part.row_of.table.replace('.', ' ')}", *part.row_of.words])
    return "text"


def _interval(bounds: dict[str, float]) -> str:
    low, high = bounds.get("ge", bounds.get("gt")), bounds.get("le")
    if low is None or high is None:
        return ""
    text = f"between {low:,.12g} and {high:,.12g}"
    return text if "ge" in bounds else f"above {low:,.12g} and at most {high:,.12g}"


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The valid name nearest to a word, None where nothing is near."""
    found = difflib.get_close_matches(word, list(names), 1, 0.6)
    return found[0] if found else None


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """The end of a sentence about an unknown word, empty where nothing is near.

    A name that differs in its unit alone comes first, and its unit is said: `ind_review_weeks` was meant as
    `ind_review_months`.
    """
    names = list(names)
    stems = {name: stem for name in names if (stem := _stem(name)) and (word == stem or word.startswith(f"{stem}_"))}
    if stems:
        name = max(stems, key=lambda name: len(stems[name]))
        return f"; did you mean {name} (unit: {unit_of(name)})?"
    near = nearest(word, names)
    return f"; did you mean {near}?" if near else ""


def _stem(name: str) -> str | None:
    """A name without its unit."""
    suffix = max((suffix for suffix in UNITS if name.endswith(suffix)), key=len, default=None)
    return name.removesuffix(suffix) if suffix else None


def within(path: str, key: str) -> str:
    """The path of a key under a path."""
    return f"{path}.{key}" if path else key
