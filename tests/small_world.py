"""A small world for tests, built from the scenario classes so that a new parameter needs no change here."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from ipsc_race.tree import Part, scenario_tree

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
