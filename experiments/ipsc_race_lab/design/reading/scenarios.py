"""The scenarios that an experiment file names, each loaded once, and what they say of a path that is to vary."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race.loading import ScenarioError, load
from ipsc_race.values import is_constant
from ipsc_race.varying import locate
from ipsc_race_lab.design.levers import in_force, union
from ipsc_race_lab.typed_file import plain_value, wrong

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.typed_file import TypedFile


class Scenarios:
    """The scenarios of an experiment and of its levers; what is wrong with the former is told to the file."""

    def __init__(self, file: TypedFile, folder: Path) -> None:
        self.folder = folder
        self.loaded: dict[str, Resolved | ScenarioError] = {}  # by what was loaded, as written
        self.bases: dict[str, Resolved] = {}  # scenarios of the experiment by name, fixed overrides applied
        self.sources: dict[str, str] = {}
        fixed = file.given.get("set")
        self.fixed: dict[str, Any] = plain_value(fixed) if fixed and isinstance(fixed.value, dict) else {}
        keys = [key for key in ("scenario", "scenarios") if key in file.given]
        if len(keys) != 1:
            file.complain((), "expected either scenario, with a name, or scenarios, with a list of names")
            return
        for place, source in enumerate(file.words(keys[0])):
            self._add(file, source, (keys[0], place))

    def _add(self, file: TypedFile, source: str, where: tuple[str, int]) -> None:
        try:
            name = self.load(source).name
        except ScenarioError as error:
            file.relay(error, where)
            return
        if name in self.sources:
            file.complain(where, f"names {name} twice")
            return
        self.sources[name] = self._path(source)
        try:
            self.bases[name] = self.changed(self.sources[name], {})
        except ScenarioError as error:
            file.relay(error, ("set",))

    def _path(self, source: str) -> str:
        """What to load: a name, or a file beside this one."""
        return str(self.folder / source) if Path(source).suffix or "/" in source else source

    def load(self, source: str) -> Resolved:
        """A scenario as it is written. Raises ScenarioError."""
        path = self._path(source)
        if path not in self.loaded:
            try:
                self.loaded[path] = load(path)
            except ScenarioError as error:
                self.loaded[path] = error
        loaded = self.loaded[path]
        if isinstance(loaded, ScenarioError):
            raise loaded
        return loaded

    def changed(self, path: str, overrides: Mapping[str, Any]) -> Resolved:
        """A scenario of the experiment with its fixed overrides and more. Raises ScenarioError."""
        together = union(self.fixed, overrides)
        return load(path, together) if together else self.load(path)

    @property
    def base(self) -> Resolved | None:
        """The first scenario, fixed overrides applied."""
        return next(iter(self.bases.values()), None)

    @property
    def first_as_written(self) -> Resolved:
        """The first scenario without the fixed overrides."""
        return self.load(next(iter(self.sources.values())))


def lineage(world: Resolved) -> set[str]:
    """The names of a scenario and of those that it extends."""
    return {world.name, *(origin.scenario for origin in world.origins.values())}


def cannot_vary(world: Resolved, path: str) -> str:
    """Why the value at a path cannot be varied in a world, empty where it can."""
    target, at, month = path.partition("@")
    start = world.scenario.span.start_month
    try:
        if at and month == start:
            locate(world, [target])
            return f"{target} holds for the whole race; leave out @{month}" if is_constant(target) else ""
        located = locate(world, [path])
    except ValueError as error:
        return str(error).splitlines()[0]
    if not located.epochs.any():
        return f"{path} is never in force between {start} and {world.scenario.span.end_month}"
    return ""


def recorded_range(world: Resolved, path: str) -> tuple[float, float]:
    """The range that a scenario records for a path. Raises where there is none."""
    target, at, _ = path.partition("@")
    dates = [month for month in world.versions[target] if month]
    if dates and not at:
        both = f"such as {target}@{world.scenario.span.start_month} or {target}@{dates[-1]}"
        changes = f"{target} changes in {', '.join(dates)}"
        raise wrong(f"has no single range: {changes}; give low and high for the whole span, or name one value, {both}")
    recorded = world.origins[in_force(world, path) or path].range if at else world.origins[path].range
    if recorded is None:
        raise wrong(f"needs low and high: {world.name} records no range for {path}")
    return float(recorded[0]), float(recorded[1])
