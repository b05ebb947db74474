"""What one scenario changes in another, as overrides by path: a lever's level can so be set in any world."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ipsc_race.tree import scenario_tree

if TYPE_CHECKING:
    from ipsc_race.loading import Origin, Resolved
    from ipsc_race.tree import Part

WORDS = ("title", "description", "histories")  # about a scenario, not of it


def difference(world: Resolved, reference: Resolved) -> dict[str, Any]:
    """The overrides that make `reference` like `world`: each value that differs with its dated changes, and rows.

    A row of a table that only `world` has is added as a whole, one that only `reference` has is removed (None).
    """
    mine, theirs = world.versions, reference.versions
    overrides: dict[str, Any] = {}
    for target, versions in mine.items():
        if target in WORDS or (target in theirs and values_of(versions) == values_of(theirs[target])):
            continue
        if target in theirs:
            overrides[target] = _leaf(target, versions)
        else:
            _add(overrides, _row(target, theirs), target, _leaf(target, versions))
    overrides |= {_row(target, mine): None for target in theirs if target not in mine}
    return overrides


def union(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both overrides; rows that both add to one table are all kept."""
    together = dict(one)
    for path, value in other.items():
        old = together.get(path)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        together[path] = {**old, **value} if both and old is not None else value
    return together


# Values by path and month


def plain(path: str) -> str:
    """A path without its date."""
    return path.partition("@")[0]


def overlap(one: str, other: str) -> bool:
    """Whether two paths write the same value: a plain one writes all dated ones too."""
    return one == other or (plain(one) == plain(other) and not ("@" in one and "@" in other))


def in_force(world: Resolved, path: str) -> str | None:
    """The path of the value that holds in the month of a dated path, None where there is none."""
    target, _, month = path.partition("@")
    known = [of for of in world.origins if plain(of) == target and of.partition("@")[2] <= month]
    return max(known, default=None)


def values_of(versions: Mapping[str, Origin]) -> dict[str, Any]:
    """The values alone, without their evidence."""
    return {month: origin.value for month, origin in versions.items()}


def part_at(target: str) -> Part | None:
    """The part of the scenario tree at a path."""
    part: Part | None = scenario_tree()
    for key in target.split("."):
        part = part.inside(key) if part else None
    return part


# Writing overrides


def _leaf(target: str, versions: Mapping[str, Origin]) -> Any:
    """A value with its evidence and dated changes, as a scenario file writes it; its sources stay where they are."""
    part = part_at(target)
    first, *later = [_told(origin) for origin in versions.values()]
    if part is None or not part.carries_evidence:
        return first["value"]
    return {**first, "changes": dict(zip(list(versions)[1:], later, strict=True))} if later else first


def _told(origin: Origin) -> dict[str, Any]:
    facts = {"value": origin.value, "range": origin.range, "grade": origin.grade, "note": origin.note}
    return {key: value for key, value in facts.items() if key == "value" or value is not None}


def _row(target: str, others: Collection[str]) -> str:
    """The outermost row of a table that holds a path and that no other path is in."""
    part: Part | None = scenario_tree()
    keys = target.split(".")
    for depth, key in enumerate(keys, 1):
        row = ".".join(keys[:depth])
        if part is not None and part.row is not None and not any(f"{other}.".startswith(f"{row}.") for other in others):
            return row
        part = part.inside(key) if part else None
    return target


def _add(overrides: dict[str, Any], row: str, target: str, value: Any) -> None:
    """Put a value into a new row: under the row's path, or under the table's where rows are words."""
    inside = target.removeprefix(row).removeprefix(".")
    if not inside:
        table, _, name = row.rpartition(".")
        mapping = isinstance(value, dict)
        block = overrides if mapping else overrides.setdefault(table, {})
        block[row if mapping else name] = value
        return
    block = overrides.setdefault(row, {})
    *outer, name = inside.split(".")
    for key in outer:
        block = block.setdefault(key, {})
    block[name] = value
