"""What a reader should know of values set by path: changes at new dates, numbers outside their recorded range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race.loading import load
from ipsc_race_lab.design.levers import in_force, plain

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


def notes(source: str | Path, overrides: Iterable[str] | Mapping[str, Any]) -> list[str]:
    """A sentence for each value, of overrides that can be applied, which adds a date or leaves its recorded range."""
    if not overrides:
        return []
    before, after = load(source), load(source, overrides)
    paths = overrides if isinstance(overrides, Mapping) else [text.partition("=")[0].strip() for text in overrides]
    return [f"--set {path}: {note}" for path in paths for note in _notes(before, after, path)]


def _notes(before: Resolved, after: Resolved, path: str) -> list[str]:
    target, at, month = path.partition("@")
    if path not in after.origins or target not in before.origins:
        return []  # a part of a world, or a new row
    warnings = []
    if at and path not in before.origins:
        dates = [date for date in before.versions[target] if date]
        known = f"has changes of it in {', '.join(dates)}" if dates else "has no change of it"
        warnings.append(f"{before.name} {known}; this adds one in {month}")
    recorded = before.origins[in_force(before, path) or plain(path)].range
    value = after.origins[path].value
    if recorded and not recorded[0] <= value <= recorded[1]:
        low, high = map(_written, recorded)
        warnings.append(f"{_written(value)} is outside its recorded range [{low}, {high}]")
    return warnings


def _written(value: Any) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)
