"""`ipsc-race show`: a scenario as resolved, each value with its evidence and where it was set; or two compared."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipsc_race.loading import Origin, Resolved

WIDTH = 100  # characters of a line of the description
WIDEST = 44  # characters of a cell other than the path and the place; JSON has the whole
WORDS = ("title", "description")  # about a scenario, not of it: shown above the table
NOTHING = "-"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("scenario", metavar="SCENARIO", help="name of a shipped scenario, or a YAML file")
    parser.add_argument(
        "path", metavar="PATH", nargs="?", default="", help="show only what begins so, such as jurisdictions.china"
    )
    parser.add_argument("--diff", metavar="OTHER", help="show only the values that differ from this scenario's")
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", help="change one value of SCENARIO; repeatable"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Print the values, or the differences."""
    from ipsc_race.loading import load

    resolved = load(arguments.scenario, arguments.set)
    paths = _paths([resolved.origins], arguments.path)
    if arguments.diff is None:
        rows = [_row(path, resolved.origins[path]) for path in paths]
        summary = {**_summary(resolved), "values": rows}
        text = _text(resolved, rows)
    else:
        other = load(arguments.diff)
        paths = _paths([resolved.origins, other.origins], arguments.path)
        rows = [row for path in paths if (row := _difference(path, resolved, other))]
        summary = {"scenario": _summary(resolved), "other": _summary(other), "differences": rows}
        text = _difference_text(resolved, other, rows)
    print(json.dumps(summary, indent=1, ensure_ascii=False) if arguments.json else "\n".join(text))
    return 0


def _paths(worlds: Sequence[Iterable[str]], beginning: str) -> list[str]:
    """Paths of the worlds in the order of their files, the dated ones after the one they change."""
    from ipsc_race.tree import did_you_mean
    from ipsc_race_lab.errors import LabError

    known = dict.fromkeys(path for world in worlds for path in world)
    dated: dict[str, list[str]] = {}
    for path in known:
        dated.setdefault(path.partition("@")[0], []).append(path)
    paths = [path for versions in dated.values() for path in sorted(versions)]
    found = [path for path in paths if path.startswith(beginning) and path not in WORDS]
    if not found:
        parts = dict.fromkeys(".".join(path.split(".")[:depth]) for path in dated for depth in range(1, 7))
        message = f"no path begins with {beginning!r}{did_you_mean(beginning, parts)}"
        raise LabError(message)
    return found


def _summary(resolved: Resolved) -> dict[str, Any]:
    from ipsc_race.policy import iso_month

    return {
        "name": resolved.name,
        "title": resolved.scenario.title,
        "description": resolved.scenario.description,
        "hash": resolved.hash,
        "changes": [iso_month(epoch.month) for epoch in resolved.epochs[1:]],
    }


def _row(path: str, origin: Origin) -> dict[str, Any]:
    return {"path": path, **asdict(origin)}


def _difference(path: str, resolved: Resolved, other: Resolved) -> dict[str, Any] | None:
    """Both values at a path, None where they are equal."""
    one, two = resolved.origins.get(path), other.origins.get(path)
    if one is not None and two is not None and one.value == two.value:
        return None
    there = one or two
    assert there is not None
    return {
        "path": path,
        "unit": there.unit,
        "scenario": asdict(one) if one else None,
        "other": asdict(two) if two else None,
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
        f"{summary['name']}: {summary['title']}",
        *textwrap.wrap(summary["description"], WIDTH),
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
        return f"[{', '.join(map(str, value))}]"
    return f"{value:.10g}" if isinstance(value, float) else _word(value)


def _word(word: object) -> str:
    if word is None:
        return NOTHING
    text = " ".join(str(word).split())
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


def _range(ends: Sequence[Any] | None) -> str:
    return f"[{_value(ends[0])}, {_value(ends[1])}]" if ends else NOTHING


def _place(origin: dict[str, Any]) -> str:
    return f"{origin['file']}:{origin['line']}" if origin["line"] else str(origin["file"])
