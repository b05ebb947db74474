"""Small worlds for tests, built from the scenario classes so that a new parameter needs no change here."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import settings

from ipsc_race.tree import Part, scenario_tree

# Nothing is asserted of time. Continuous integration repeats its examples; at a desk each run looks somewhere new.
settings.register_profile("races", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("races")

# A shell or nohup starts what is deaf to these, and tests that interrupt a command would wait for nothing.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

ROWS = {
    "indications": ("parkinson", "heart_failure"),
    "methods": ("episomal",),
    "modalities": ("allogeneic",),
    "release_tests": ("karyotype",),
    "jurisdictions": ("china", "us"),
    "own": (),
}


def small_world(part: Part | None = None) -> Any:
    """A complete valid scenario as plain Python: two jurisdictions, two indications, every number within bounds."""
    if part is None:
        world = small_world(scenario_tree())
        world["span"] = {"start_month": "2010-01", "end_month": "2020-12", "step_months": 1, "generator": "splitmix"}
        world["histories"] = []
        world["blocs"] = {"china": ["china"], "west": ["us"]}
        for key, row in enumerate(world["jurisdictions"].values(), start=1):
            row["draw_key"] = key
        return world
    if part.row is not None:
        rows = ROWS[part.table.of] if part.table else ()
        return {name: small_world(part.row) for name in rows}
    if part.parts:
        return {name: small_world(inner) for name, inner in part.parts.items()}
    return _value(part)


def _value(part: Part) -> Any:
    if part.kind is bool:
        return True
    if part.kind is str:
        return "2012-01" if part.is_month else f"a {part.name}"
    if get_origin(part.kind) is Literal:
        return get_args(part.kind)[0]
    low, high = part.bounds.get("ge", part.bounds.get("gt", 0)), part.bounds.get("le", 1)
    value = min(max(0.5, low), high)
    return max(1, round(low)) if part.kind is int else value


@pytest.fixture
def world() -> dict[str, Any]:
    """A complete valid scenario as plain Python."""
    made: dict[str, Any] = small_world()
    return made


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a scenario (a mapping, or the text of a file) into the temporary folder and gives its path."""

    def _write(content: dict[str, Any] | str | bytes, name: str = "world.yaml") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, indent=1)
            path.write_text(text, encoding="utf-8")
        return path

    return _write


@pytest.fixture
def child(world: dict[str, Any], write: Callable[..., Path]) -> Callable[..., Path]:
    """Writes a scenario that extends the small world."""
    write(world)

    def _child(text: str, name: str = "child.yaml") -> Path:
        return write(f"extends: ./world.yaml\n{text}", name)

    return _child
