"""What several commands share: exit codes, bounds of numbers, who races and where results go."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved

COMPLETE, INTERRUPTED = 0, 3  # exit codes
MAX_WORKERS = 1024
BOUNDS = {"runs": (1, 1_000_000), "seed": (0, 2**63 - 1), "workers": (1, MAX_WORKERS)}


def all_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_bounds(arguments: argparse.Namespace, bounds: Mapping[str, tuple[int, int]] = BOUNDS) -> list[str]:
    """What is wrong with the numbers given, by default those of races, seed and workers."""
    return [
        f"--{name} {value}: expected a whole number from {low} to {high}"
        for name, (low, high) in bounds.items()
        if (value := getattr(arguments, name)) is not None and not low <= value <= high
    ]


def folder_name(resolved: Resolved, changes: Sequence[str]) -> str:
    """The name of the scenario; of a changed world with its hash, so that it is not taken for the scenario itself."""
    return f"{resolved.name}-{resolved.hash[:8]}" if changes else resolved.name


def fixed(texts: Iterable[str]) -> dict[str, Any]:
    """What `--set` says, by path; it has been read once and was right."""
    from ipsc_race.yaml_reading import read_text
    from ipsc_race_lab.typed_file import plain_value

    pairs = (text.partition("=") for text in texts)
    return {path.strip(): plain_value(read_text(value, "--set")) for path, _, value in pairs}


def tell_overrides(sources: Iterable[str], overrides: Sequence[str]) -> None:
    """Say of values set by path which add a date or leave their recorded range, once for all scenarios."""
    from ipsc_race.plain_text import plain_text
    from ipsc_race_lab.design.overriding import notes
    from ipsc_race_lab.progress import say

    for note in dict.fromkeys(note for source in sources for note in notes(source, overrides)):
        say(plain_text(f"note: {note}"))
