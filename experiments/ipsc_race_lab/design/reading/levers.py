"""Reading the levers of an experiment: what each level changes, and whether all of them hold together."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ipsc_race.loading import ScenarioError
from ipsc_race_lab.design.distributions import Distribution
from ipsc_race_lab.design.factors import Factor, Level
from ipsc_race_lab.design.levers import WORDS, difference, overlap, part_at, plain, union, values_of
from ipsc_race_lab.design.reading.scenarios import Scenarios, lineage

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.design.reading import file as specs
    from ipsc_race_lab.typed_file import TypedFile

Touched = dict[str, set[str]]  # by path, the values that a lever's levels give it


def read_lever(file: TypedFile, scenarios: Scenarios, name: str, spec: specs.Lever) -> tuple[Factor, Touched]:
    """A lever with its levels, and what they write in the scenarios."""
    where = ("factors", name, "worlds")
    loaded = {level: scenarios.load(of.scenario) if of.scenario else None for level, of in spec.worlds.items()}
    reference = _reference(scenarios, next(iter(loaded.values())))
    fixed = {plain(path) for path in scenarios.fixed}
    levels, touched = [], Touched()
    for level, of in spec.worlds.items():
        world, overrides = loaded[level], dict[str, Any]()
        if world is not None:
            if reference.name not in lineage(world):
                message = (
                    f"names {of.scenario}, which does not extend {reference.name}, so that what it changes cannot be "
                    "told; name the scenario that it extends as the first level"
                )
                file.complain((*where, level), message)
                continue
            overrides = difference(world, reference)
        for path in sorted({plain(path) for path in (*overrides, *of.set)} & fixed)[:1]:
            file.complain((*where, level), f"changes {path}, which set: holds")
        levels.append(Level(level, of.scenario, union(overrides, of.set)))
        _touch(file, scenarios, levels[-1], (*where, level), touched)
    places = tuple(map(float, range(len(levels))))
    return Factor(name, Distribution("values", values=places), levels=tuple(levels)), touched


def _reference(scenarios: Scenarios, first: Resolved | None) -> Resolved:
    """What levels are compared with: the first one's scenario where ours is or extends it, else our first."""
    assert scenarios.base is not None
    return first if first is not None and first.name in lineage(scenarios.base) else scenarios.first_as_written


def _touch(file: TypedFile, scenarios: Scenarios, level: Level, where: tuple[str, ...], touched: Touched) -> None:
    """Note what a level writes; it must hold on its own in every scenario."""
    if not level.overrides:
        return
    for base in scenarios.bases.values():
        try:
            world = scenarios.changed(scenarios.sources[base.name], level.overrides)
        except ScenarioError as error:
            file.relay(error, (*where, "set"))
            continue
        mine, theirs = world.versions, base.versions
        for target in {**theirs, **mine}:
            values = values_of(mine.get(target, {}))
            if target not in WORDS and values != values_of(theirs.get(target, {})):
                touched.setdefault(target, set()).add(repr(values))


def check_apart(file: TypedFile, factors: Sequence[Factor], moved: Mapping[str, Touched]) -> None:
    """Two factors must not write the same value."""
    for (other, theirs), (one, mine) in itertools.combinations(moved.items(), 2):
        differ = sorted(path for path in mine.keys() & theirs.keys() if len(mine[path] | theirs[path]) > 1)
        if differ:
            message = f"and {other} both change {differ[0]}, to different values; no world can have both"
            file.complain(("factors", one), message)
    written: dict[str, str] = {}  # by path
    for factor in factors:
        if factor.path is None:
            continue
        target, where = plain(factor.path), ("factors", factor.name)
        for other in [other for path, other in written.items() if overlap(path, factor.path)]:
            file.complain(where, f"varies {factor.path}, as {other} does")
        for lever in [lever for lever, touched in moved.items() if target in touched]:
            file.complain(where, f"varies {factor.path}, which the lever {lever} changes too")
        written[factor.path] = factor.name


def check_high_ends(file: TypedFile, scenarios: Scenarios, factors: Sequence[Factor]) -> None:
    """All numbers at their high ends at once: what must hold between values of a scenario still does."""
    ends = {of.path: max(of.distribution.values or (of.distribution.high,)) for of in factors if of.path}
    highs = {path: _yaml_number(path, value) for path, value in ends.items()}
    levels = [level.overrides for factor in factors for level in factor.levels if level.overrides]
    for source, overrides in itertools.product(scenarios.sources.values(), [{}, *levels]):
        try:
            scenarios.changed(source, {**overrides, **highs})
        except ScenarioError as error:
            for problem in error.problems:
                path = problem.file.removeprefix("--set ")
                where = next((("factors", of.name) for of in factors if of.path == path), ())
                file.complain(where, f"fails: {problem.message}")


def _yaml_number(path: str, value: float) -> Any:
    """A value as a file would write it at a path."""
    part = part_at(plain(path))
    assert part is not None
    return part.kind(value)
