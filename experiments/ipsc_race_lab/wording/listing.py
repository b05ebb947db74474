"""What there is to run and what has been run, in tables that fit the terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ipsc_race.plain_text import plain_text

NARROWEST, WIDEST = 40, 100  # columns of a line

Rows = Sequence[Mapping[str, Any]]


def text(known: Mapping[str, Rows], folder: Path, width: int | None = None) -> str:
    """All that ships and the results that are here, as `list` finds them; `width`: else the terminal's."""
    width = max(NARROWEST, min(width or shutil.get_terminal_size().columns, WIDEST))
    tables = {
        "Scenarios": [(of["name"], of["title"]) for of in known["scenarios"]],
        "Experiments": [(of["name"], f"{of['title']} ({_size(of)})") for of in known["experiments"]],
        "Calibrations": [(of["name"], of["title"]) for of in known["calibrations"]],
        "Histories": [(of["name"], of["title"]) for of in known["histories"]],
        "Forecasts": [(of["name"], of["title"]) for of in known["forecasts"]],
        f"Results in {folder}": [(of["folder"], _state(of)) for of in known["results"]],
    }
    return "\n\n".join("\n".join([plain_text(head), *_table(rows, width)]) for head, rows in tables.items())


def _size(of: Mapping[str, Any]) -> str:
    committed = "numbers committed" if of["has_committed_numbers"] else "no numbers committed"
    return f"{of['points']:,} points x {of['replications']:,} replications; {committed}"


def _state(of: Mapping[str, Any]) -> str:
    what = f"{of['what']}, {of['races']:,} races, " if of["what"] else ""
    return f"{what}{of['status']}"


def _table(rows: Sequence[tuple[str, str]], width: int) -> list[str]:
    """Names, and beside them what they mean, wrapped; under the name where it leaves too little room."""
    if not rows:
        return ["  none"]
    names = [plain_text(name) for name, _ in rows]
    indent = min(max(map(len, names)) + 4, width // 2)
    lines = []
    for name, (_, meaning) in zip(names, rows, strict=True):
        wrapped = textwrap.wrap(plain_text(meaning), width - indent)
        beside = wrapped.pop(0) if wrapped and len(name) + 4 <= indent else ""
        lines += [f"  {name}".ljust(indent) + beside, *(" " * indent + line for line in wrapped)]
    return [line.rstrip() for line in lines]
