"""A value set by path that adds a date, or leaves what is believed of it, is said to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ipsc_race_lab.design.overriding import notes

SHARE, LAG = "science.spillover_share", "science.spillover_lag_months"


@pytest.fixture
def source(world: dict[str, Any], write: Callable[..., Path]) -> Path:
    """A world with one range and one dated change."""
    change = {"2015-11": {"value": 0.75, "range": [0.7, 0.8]}}
    world["science"]["spillover_share"] = {"value": 0.5, "range": [0.25, 0.6], "changes": change}
    return write(world, "one.yaml")


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ([], []),
        ([f"{SHARE}=0.3", f"{SHARE}@2015-11=0.7", f"{LAG}=3"], []),
        ([f"{SHARE}=0.9"], [f"--set {SHARE}: 0.9 is outside its recorded range [0.25, 0.6]"]),
        ([f"{SHARE}@2015-11=0.5"], [f"--set {SHARE}@2015-11: 0.5 is outside its recorded range [0.7, 0.8]"]),
        (
            {f"{SHARE}@2016-01": 0.7},
            [f"--set {SHARE}@2016-01: one has changes of it in 2015-11; this adds one in 2016-01"],
        ),
        ([f"{LAG}@2016-01=7"], [f"--set {LAG}@2016-01: one has no change of it; this adds one in 2016-01"]),
    ],
)
def test_a_new_date_and_an_unbelieved_number_are_said(source: Path, overrides: Any, said: list[str]) -> None:
    """A month mistyped by one would add a change beside the one that was meant, and nobody would know."""
    assert notes(source, overrides) == said
