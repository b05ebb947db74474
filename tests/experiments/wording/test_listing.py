"""The list fits the terminal that it is read in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ipsc_race_lab.wording.listing import text

KNOWN: dict[str, list[dict[str, Any]]] = {
    "scenarios": [{"name": "baseline", "title": "The race as it stands, and a title that goes on and on and on and "}],
    "experiments": [
        {"name": "e" * 50, "title": "T\x1b", "points": 1000, "replications": 8, "has_committed_numbers": False}
    ],
    "calibrations": [],
    "histories": [],
    "forecasts": [],
    "results": [{"folder": "results/baseline", "what": "baseline", "races": 1000, "status": "complete"}],
}


@pytest.mark.parametrize("width", [60, 100])
def test_lines_fit_and_nothing_is_left_out(width: int) -> None:
    """A line that wraps by itself breaks the table for whoever splits the screen."""
    said = text(KNOWN, Path("results"), width)
    assert max(map(len, said.splitlines())) <= width
    words = " ".join(said.split())
    assert "on and on and on" in words
    assert r"T\x1b (1,000 points x 8 replications; no numbers committed)" in words
    assert "Histories none" in words
    assert "results/baseline baseline, 1,000 races, complete" in words
