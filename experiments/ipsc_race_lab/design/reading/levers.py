"""Reading the levers of an experiment: what each level changes, and whether all of them hold together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ipsc_race.loading import ScenarioError
from ipsc_race_lab.design.distributions import Distribution
from ipsc_race_lab.design.factors import Factor, Level
from ipsc_race_lab.design.levers import WORDS, difference, part_at, plain, union, values_of, versions_of
from ipsc_race_lab.design.reading.scenarios import Scenarios, lineage
from ipsc_race_lab.typed_file import ExperimentFile, plain_value

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race.yaml_reading import Node


class LeverReading:
    """The levers of an experiment, checked against its scenarios, and against its numbers in the end."""

    def __init__(self, file: ExperimentFile, scenarios: Scenarios) -> None:
        self.file, self.scenarios = file, scenarios
        self.moved: dict[str, list[tuple[Level, Resolved]]] = {}  # by lever: each level's world, alone

    def lever(self, name: str, node: Node) -> Factor | None:
        """A lever with its levels; None where it cannot be told what they change."""
        where = f"factors.{name}.worlds"
        if not isinstance(node.value, dict) or len(node.value) < 2:
            self.file.complain(node.place, where, "expected two or more levels, such as {as_is: baseline, off: {}}")
            return None
        inside = {level: self._level_scenario(inner, f"{where}.{level}") for level, inner in node.value.items()}
        if self.scenarios.base is None or any(known is None and named for named, known, _ in inside.values()):
            return None
        reference, fixed = self._reference(inside), {plain(path) for path in self.scenarios.fixed}
        levels = []
        for level, (named, world, own) in inside.items():
            overrides: dict[str, Any] = {}
            if world is not None and reference is not None:
                if reference.name not in lineage(world):
                    message = (
                        f"{named} does not extend {reference.name}, so that what it changes cannot be told; name the "
                        "scenario that it extends as the first level"
                    )
                    self.file.complain(node.value[level].place, f"{where}.{level}:", message)
                    continue
                overrides = difference(world, reference)
            clash = sorted({plain(path) for path in (*overrides, *own)} & fixed)
            if clash:
                self.file.complain(node.value[level].place, f"{where}.{level}", f"changes {clash[0]}, which set: holds")
            levels.append(Level(level, named, union(overrides, own)))
        self._alone(name, levels, node.value, where)
        places = tuple(float(place) for place in range(len(levels)))
        return Factor(name, Distribution("values", values=places), levels=tuple(levels)) if levels else None

    def _level_scenario(self, node: Node, where: str) -> tuple[str | None, Resolved | None, dict[str, Any]]:
        """A level as written: the name of its scenario, that scenario, and its own overrides."""
        if isinstance(node.value, str):
            return node.value, self.scenarios.load(node, where), {}
        given = self.file.mapping(node, where, ("scenario", "set"))
        own: dict[str, Any] = {}
        if "set" in given and not isinstance(given["set"].value, dict):
            self.file.complain(given["set"].place, f"{where}.set", "expected a mapping of paths with values")
        elif "set" in given:
            own = plain_value(given["set"])
        named = given.get("scenario")
        return (str(named.value), self.scenarios.load(named, where), own) if named else (None, None, own)

    def _reference(self, inside: Mapping[str, tuple[str | None, Resolved | None, dict[str, Any]]]) -> Resolved | None:
        """What levels are compared with: the first one's scenario where ours is or extends it, else our first."""
        assert self.scenarios.base is not None
        _, first, _ = next(iter(inside.values()))
        as_written = self.scenarios.loaded[next(iter(self.scenarios.sources.values()))]
        return first if first is not None and first.name in lineage(self.scenarios.base) else as_written

    def _alone(self, name: str, levels: Sequence[Level], nodes: Mapping[str, Node], where: str) -> None:
        """Every level must hold on its own in every scenario."""
        worlds: list[tuple[Level, Resolved]] = []
        for level in levels:
            for base, source in self.scenarios.sources.items():
                if base not in self.scenarios.bases:
                    continue
                try:
                    own = level.overrides
                    world = self.scenarios.changed(source, own) if own else self.scenarios.bases[base]
                except ScenarioError as error:
                    self.file.relay(error, nodes[level.name], f"{where}.{level.name}")
                    continue
                worlds.append((level, world))
        self.moved[name] = worlds

    def check_together(self, factors: Sequence[Factor]) -> None:
        """Levers and numbers must not write the same value, and must hold together at the high ends."""
        if self.scenarios.base is None:
            return
        nodes, touched = self.file.inside("factors"), {name: self.touched(name) for name in self.moved}
        names = list(touched)
        for i, one in enumerate(names):
            for other in names[:i]:
                differ = sorted(
                    path for path in touched[one].keys() & touched[other].keys()
                    if len(touched[one][path]) > 1 or touched[one][path] != touched[other][path]
                )  # fmt: skip
                if differ:
                    message = f"and {other} both change {differ[0]}, to different values; no world can have both"
                    self.file.complain(nodes[one].place, f"factors.{one}", message)
        for factor in factors:
            for name in names:
                if factor.path and factor.name in nodes and plain(factor.path) in touched[name]:
                    message = f"varies {factor.path}, which the lever {name} changes too"
                    self.file.complain(nodes[factor.name].place, f"factors.{factor.name}", message)
        if not self.file.problems:
            self._high_ends(factors)

    def touched(self, lever: str) -> dict[str, set[str]]:
        """By path, the values that a lever's levels give it."""
        touched: dict[str, set[str]] = {}
        for _, world in self.moved[lever]:
            base = self.scenarios.bases[world.name]
            mine, theirs = versions_of(world), versions_of(base)
            for target in {**theirs, **mine}:
                values = values_of(mine.get(target, {}))
                if target not in WORDS and values != values_of(theirs.get(target, {})):
                    touched.setdefault(target, set()).add(repr(values))
        return touched

    def _high_ends(self, factors: Sequence[Factor]) -> None:
        """All numbers at their high ends at once: what must hold between values of a scenario still does."""
        highs = {
            factor.path: _yaml_number(factor.path, max(factor.distribution.values or (factor.distribution.high,)))
            for factor in factors
            if factor.path
        }
        if not highs:
            return
        for source, overrides in self._one_by_one(factors):
            try:
                self.scenarios.changed(source, {**overrides, **highs})
            except ScenarioError as error:
                for found in error.problems:
                    path = found.file.removeprefix("--set ")
                    factor = next((factor.name for factor in factors if factor.path == path), "")
                    node = self.file.inside("factors").get(factor, self.file.root)
                    self.file.complain(node.place, f"factors.{factor}" if factor else "", f"fails: {found.message}")

    def _one_by_one(self, factors: Sequence[Factor]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every scenario as it is, and with each level that changes something."""
        for source in self.scenarios.sources.values():
            yield source, {}
            for factor in factors:
                yield from ((source, level.overrides) for level in factor.levels if level.overrides)


def _yaml_number(path: str, value: float) -> Any:
    """A value as a file would write it at a path."""
    part = part_at(plain(path))
    assert part is not None
    return bool(value) if part.kind is bool else int(value) if part.kind is int else value
