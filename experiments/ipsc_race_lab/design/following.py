"""What another world takes of numbers that are drawn for a first one, as those of a posterior are.

Where it is as the first it takes the drawn number; where it is a copy (`like`) it takes the number of what it copies,
so that a China regulated as the United States are follows the United States of each draw; what it says of itself stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ipsc_race.merging import MAX_CHAIN
from ipsc_race_lab.design.levers import plain

if TYPE_CHECKING:
    from ipsc_race.loading import Origin, Resolved


def following(world: Resolved, first: Resolved, drawn: Sequence[str]) -> dict[str, str]:
    """By path of `world` the one of the drawn paths whose number it takes, path by path of those drawn.

    A number is as the first's where its value and dated changes are, with all that is known of them.
    """
    known = {plain(path) for path in drawn}
    takers: dict[str, list[str]] = {}
    for target in world.versions:
        source = _source(world, first, target, known)
        if source is not None:
            takers.setdefault(source, []).append(target)
    return {
        target + path.removeprefix(plain(path)): path for path in drawn for target in takers.get(plain(path), ())
    }  # a date goes along


def _source(world: Resolved, first: Resolved, target: str, known: set[str]) -> str | None:
    """The number of the first world whose draw a number of another takes, None where it is the other's own."""
    path, told = target, _told(world.versions[target])
    for _ in range(MAX_CHAIN):
        copied = _copied(world.copies, path)
        if copied == _copied(first.copies, path) or _told(world.versions.get(copied, {})) != told:
            break  # a copy in the first world too has its own draw; what stands beside `like` is no copy
        path = copied
    return path if path in known and _told(first.versions[path]) == told else None


def _copied(copies: Mapping[str, str], path: str) -> str:
    """What a path is a copy of, by the innermost part that is one; itself where it is none."""
    words = path.split(".")
    for depth in range(len(words), 0, -1):
        part = ".".join(words[:depth])
        if part in copies:
            return ".".join([copies[part], *words[depth:]])
    return path


def _told(versions: Mapping[str, Origin]) -> dict[str, Any]:
    """What is known of a number and its dated changes; not where it is written."""
    return {month: (of.value, of.range, of.grade, of.source, of.note) for month, of in versions.items()}
