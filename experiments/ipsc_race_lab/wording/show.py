"""A scenario as resolved, in words."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ipsc_race.plain_text import plain_text

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


WIDTH = 100  # characters of a line of the description
WIDEST = 44  # characters of a cell other than the path and the place; JSON has the whole
NOTHING = "-"


def _summary(resolved: Resolved) -> dict[str, Any]:
    from ipsc_race.policy import iso_month

    return {
        "name": resolved.name,
        "title": resolved.scenario.title,
        "description": resolved.scenario.description,
        "hash": resolved.hash,
        "changes": [iso_month(epoch.month) for epoch in resolved.epochs[1:]],
    }


def _text(resolved: Resolved, rows: Sequence[dict[str, Any]]) -> list[str]:
    head = ("path", "value", "unit", "range", "grade", "source", "set in")
    cells = [
        (row["path"], _value(row["value"]), _word(row["unit"]), _range(row["range"]), _word(row["grade"]),
         _word(row["source"]), _place(row))
        for row in rows
    ]  # fmt: skip
    return [*_heading(resolved), "", *_table(head, cells)]


def _difference_text(resolved: Resolved, other: Resolved, rows: Sequence[dict[str, Any]]) -> list[str]:
    if not rows:
        return [f"{resolved.name} and {other.name}: no value differs"]
    head = ("path", resolved.name, other.name, "unit", f"{resolved.name} set in", f"{other.name} set in")
    cells = [
        (row["path"], *(_value(row[side]["value"]) if row[side] else NOTHING for side in ("scenario", "other")),
         _word(row["unit"]), *(_place(row[side]) if row[side] else NOTHING for side in ("scenario", "other")))
        for row in rows
    ]  # fmt: skip
    return _table(head, cells)


def _heading(resolved: Resolved) -> list[str]:
    summary = _summary(resolved)
    changes = ", ".join(summary["changes"]) or "never"
    return [
        plain_text(f"{summary['name']}: {summary['title']}"),
        *map(plain_text, textwrap.wrap(summary["description"], WIDTH)),
        f"Parameters change: {changes}",
        f"Hash: {summary['hash']}",
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned columns, two spaces apart."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]


def _value(value: Any) -> str:
    """A value as YAML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return plain_text(f"[{', '.join(map(str, value))}]")
    return f"{value:.10g}" if isinstance(value, float) else _word(value)


def _word(word: object) -> str:
    if word is None:
        return NOTHING
    text = plain_text(" ".join(str(word).split()))
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


def _range(ends: Sequence[Any] | None) -> str:
    return f"[{_value(ends[0])}, {_value(ends[1])}]" if ends else NOTHING


def _place(origin: dict[str, Any]) -> str:
    return f"{origin['file']}:{origin['line']}" if origin["line"] else str(origin["file"])
