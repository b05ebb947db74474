"""A posterior as a scenario: the numbers that the record moved, each at its median with its 90% interval as range.

Numbers that one history says nothing of stay where the scenario has them. A scenario has one value for each number, and
so forgets what the record says of two of them together: the sample of the posterior keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.analysis.posterior import taught
from ipsc_race_lab.design.levers import part_at, plain

if TYPE_CHECKING:
    from ipsc_race.loading import Origin, Resolved
    from ipsc_race_lab.design.calibration import Calibration

SOURCE = "calibration-2026"
HEAD = "# yaml-language-server: $schema=scenario.schema.json"


def posterior_scenario(asked: Calibration, world: Resolved, analysis: Mapping[str, Any]) -> str:
    """The scenario as YAML."""
    learned = {of["path"]: of for of in taught(analysis)}
    tree: dict[str, Any] = {}
    for target in sorted({plain(path) for path in learned}):
        *outer, name = target.split(".")
        inside = tree
        for key in outer:
            inside = inside.setdefault(key, {})
        inside[name] = _leaf(target, world.versions[target], learned, world.scenario.span.start_month)
    effective = f"{analysis['effective']:.0f} of {analysis['races']:,} races in effect"
    lines = [
        HEAD,
        f"extends: {asked.source}",
        f"title: {json.dumps(asked.title, ensure_ascii=False)}",
        "description: >-",
        f"  Medians and 90% intervals of the posterior as of {asked.as_of} ({effective}),",
        "  of the numbers that the record surely narrows or moves; all others are as they were.",
        *_lines(tree, 0),
    ]
    return "\n".join(lines) + "\n"


def _leaf(
    target: str, versions: Mapping[str, Origin], learned: Mapping[str, Mapping[str, Any]], start: str
) -> dict[str, Any]:
    """A value with its evidence and its dated changes, those that the record moved at their posterior."""
    part = part_at(target)
    whole = part is not None and part.kind is int
    told = {}
    for month, origin in versions.items():
        of = learned.get(f"{target}@{max(month, start)}") or learned.get(target if len(versions) == 1 else "")
        told[month] = _moved(origin, of, whole) if of else _as_it_was(origin)
    first, *later = told.values()
    return {**first, "changes": dict(zip(list(told)[1:], later, strict=True))} if later else first


def _moved(origin: Origin, of: Mapping[str, Any], whole: bool) -> dict[str, Any]:
    ends = [round(of[name]) if whole else _short(of[name]) for name in ("low", "median", "high")]
    sources = [*(origin.source.split(", ") if origin.source else []), SOURCE]
    return {"value": ends[1], "range": [ends[0], ends[2]], "grade": origin.grade, "source": sources}


def _as_it_was(origin: Origin) -> dict[str, Any]:
    told = {"value": origin.value, "range": origin.range, "grade": origin.grade, "note": origin.note,
            "source": origin.source.split(", ") if origin.source else None}  # fmt: skip
    return {key: value for key, value in told.items() if value is not None}


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _lines(tree: Mapping[str, Any], depth: int) -> list[str]:
    lines = []
    for key, inside in tree.items():
        indent = "  " * depth
        if "value" in inside:
            lines.append(f"{indent}{key}: {json.dumps(inside, ensure_ascii=False)}")
        else:
            lines += [f"{indent}{key}:", *_lines(inside, depth + 1)]
    return lines
