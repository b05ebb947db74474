"""Where single numbers of a scenario stand in its POLICY records, so that a table of worlds is numbers and no files.

Loading and validating a scenario for each point of an experiment would cost more than its races. Here each path is
found once and its values are checked once against the bounds of the scenario classes; a world is then a few numbers
written at their places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ipsc_race.policy import POLICY, calendar_month, table_order
from ipsc_race.quantities import Table
from ipsc_race.tree import Part, did_you_mean, expected, scenario_tree
from ipsc_race.values import is_constant

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved

NUMBER, WHOLE, SWITCH = 0, 1, 2  # how a value is written: eight bytes, eight bytes, one byte
FRAMES = ("span.", "blocs.")  # a race of another length or other blocs is another experiment


@dataclass(frozen=True)
class Places:
    """Where the values of some paths stand.

    `offsets`: bytes from the start of a POLICY record; `kinds`: how to write each; `epochs`: shape (paths, epochs), the
    records in which a path is in force: all of them, or for `path@2018-11` those from that month to its next change.
    """

    paths: tuple[str, ...]
    offsets: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int64]
    epochs: npt.NDArray[np.bool_]


NOWHERE = Places((), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 1), np.bool_))  # nothing varies


def locate(resolved: Resolved, paths: Sequence[str]) -> Places:
    """Find the places of some paths. Raises ValueError, one sentence a line, for those that cannot be varied."""
    found = [_place(resolved, path) for path in paths]
    problems = [problem for _, _, _, problem in found if problem]
    if problems:
        raise ValueError("\n".join(problems))
    epochs = np.array([rows for _, _, rows, _ in found], np.bool_).reshape(len(paths), len(resolved.epochs))
    offsets, kinds = (np.array([place[i] for place in found], np.int64) for i in (0, 1))
    return Places(tuple(paths), offsets, kinds, epochs)


def refuse_values(resolved: Resolved, path: str, values: Sequence[float]) -> str:
    """What is wrong with values at a path, in a sentence; empty if nothing."""
    part = _part(resolved, path.partition("@")[0])
    assert part is not None, path
    for value in values:
        whole = part.kind in (int, bool) and float(value) != round(value)
        low, high = part.bounds.get("ge", part.bounds.get("gt")), part.bounds.get("le")
        outside = (low is not None and value < low) or (high is not None and value > high)
        open_end = "gt" in part.bounds and value == part.bounds["gt"]
        switch = part.kind is bool and value not in (0, 1)
        if whole or outside or open_end or switch or not np.isfinite(value):
            return f"{path} would be {value:g}; expected {expected(part)}"
    return ""


def _place(resolved: Resolved, path: str) -> tuple[int, int, list[bool], str]:
    """Offset, kind, epochs, and what is wrong."""
    name, at, month = path.partition("@")
    nowhere: list[bool] = [False] * len(resolved.epochs)
    part = _part(resolved, name)
    if part is None or not part.is_leaf:
        hint = did_you_mean(name, (known.partition("@")[0] for known in resolved.origins))
        return 0, 0, nowhere, f"{path}: there is no such number in {resolved.name}{hint}"
    if part.kind not in (float, int, bool) or name.startswith(FRAMES) or name.endswith(".draw_key"):
        return 0, 0, nowhere, f"{path} cannot be varied within one experiment; expected a number or a switch"
    if at and path not in resolved.origins:
        return 0, 0, nowhere, f"{path}: {resolved.name} has no dated change of it in that month"
    if at and is_constant(name):
        return 0, 0, nowhere, f"{path} holds for the whole race"
    kind = {float: NUMBER, int: WHOLE, bool: SWITCH}[part.kind]
    return _offset(resolved, name), kind, _in_force(resolved, name, month), ""


def _in_force(resolved: Resolved, name: str, month: str) -> list[bool]:
    """In which epochs a value of a path holds; without a month in all."""
    if not month:
        return [True] * len(resolved.epochs)
    dates = (path.partition("@")[2] for path in resolved.origins if path.startswith(f"{name}@"))
    later = [calendar_month(date) for date in dates if date > month]
    start, end = calendar_month(month), min(later, default=1 << 30)
    return [start <= epoch.month < end for epoch in resolved.epochs]


def _part(resolved: Resolved, name: str) -> Part | None:
    """The part of the scenario tree at a path, None where there is none in this scenario."""
    part: Part | None = scenario_tree()
    value: Any = resolved.scenario
    for word in name.split("."):
        if part is None or part.is_leaf:
            return None
        if part.row is not None:
            part, value = (part.row, value[word]) if word in value else (None, None)
        else:
            part = part.parts.get(word)
            value = getattr(value, word, None)
    return part


def _offset(resolved: Resolved, name: str) -> int:
    """Bytes from the start of a POLICY record to the value of a path."""
    offset, layout = 0, POLICY
    value: Any = resolved.scenario
    words = iter(name.split("."))
    for word in words:
        assert layout.fields is not None
        table = next((mark for mark in type(value).model_fields[word].metadata if isinstance(mark, Table)), None)
        inner, start = layout.fields[word][:2]
        offset, inside = offset + start, getattr(value, word)
        if table is not None:
            row = next(words)
            assert inner.subdtype is not None
            inner = inner.subdtype[0]
            offset += table_order(resolved.scenario, table.of, inside).index(row) * inner.itemsize
            inside = inside[row]
        layout, value = inner, inside
    return offset
