"""Loading a scenario: find the file, follow `extends`, apply overrides, make copies, validate, resolve into epochs.

A number is bare or carries its evidence; dated changes stand with the number:

    ind_review_months:
      value: 2.8
      range: [1.5, 4]
      grade: B
      source: nmpa-2018-50
      changes: {2025-10: {value: 1.4, grade: A, source: nmpa-2025-86}}
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ipsc_race.checking import MAX_DATES, check
from ipsc_race.merging import MAX_CHAIN, expand, merge
from ipsc_race.overriding import Overrides, overridden
from ipsc_race.policy import calendar_month, iso_month, table_order
from ipsc_race.quantities import unit_of
from ipsc_race.scenario import Scenario
from ipsc_race.tree import did_you_mean, scenario_tree
from ipsc_race.values import Leaf, Values, plain, read_values, scenario_at
from ipsc_race.yaml_reading import Node, Place, Problem, ScenarioError, note, problem, read_file

__all__ = ["Epoch", "Origin", "Problem", "Resolved", "ScenarioError", "load", "scenario_names"]


@dataclass(frozen=True)
class Origin:
    """Where a value comes from: what is known about it and which scenario set it, in which file and line."""

    value: Any
    unit: str | None
    range: tuple[Any, Any] | None
    grade: str | None
    source: str | None  # several are joined by ", "
    scenario: str
    file: str
    line: int
    note: str | None = None


@dataclass(frozen=True)
class Epoch:
    """A time in which no parameter changes."""

    month: int  # first month, in calendar months since year 0
    scenario: Scenario


@dataclass(frozen=True)
class Resolved:
    """A scenario ready to run: all values with their origins, and the epochs between dated changes."""

    name: str
    epochs: tuple[Epoch, ...]
    origins: Mapping[str, Origin]  # by path; dated values at "path@YYYY-MM"
    copies: Mapping[str, str] = field(default_factory=dict)  # by path: the part that this one is like

    @property
    def scenario(self) -> Scenario:
        """The values in force in the first month."""
        return self.epochs[0].scenario

    @cached_property
    def hash(self) -> str:
        """Hash of every value in every epoch, rows in order; titles, evidence and histories do not count."""
        told = {"title", "description", "histories"}  # no race reads them
        if self.scenario.roster.is_empty:
            told.add("roster")
        epochs = [
            [iso_month(epoch.month), epoch.scenario.model_dump(mode="json", exclude=told)] for epoch in self.epochs
        ]
        text = json.dumps(epochs, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def versions(self) -> dict[str, dict[str, Origin]]:
        """For each path its values by the month from which they hold, "" for the first."""
        versions: dict[str, dict[str, Origin]] = {}
        for path, origin in self.origins.items():
            target, _, month = path.partition("@")
            versions.setdefault(target, {})[month] = origin
        return {target: dict(sorted(dated.items())) for target, dated in versions.items()}

    @property
    def jurisdictions(self) -> tuple[str, ...]:
        """Names in the order of the record's rows."""
        return tuple(table_order(self.scenario, "jurisdictions", {}))

    @property
    def indications(self) -> tuple[str, ...]:
        """Names in the order of the record's rows."""
        return tuple(table_order(self.scenario, "indications", {}))

    @property
    def blocs(self) -> dict[str, tuple[int, ...]]:
        """Rows of the jurisdictions of each bloc."""
        rows = {name: row for row, name in enumerate(self.jurisdictions)}
        return {bloc: tuple(sorted(rows[name] for name in names)) for bloc, names in self.scenario.blocs.items()}

    @property
    def months(self) -> int:
        """Calendar months in the span, both ends included."""
        span = self.scenario.span
        return calendar_month(span.end_month) - calendar_month(span.start_month) + 1

    @property
    def ticks(self) -> int:
        """Steps of a race."""
        return self.months * round(1 / self.scenario.span.step_months)


def load(source: str | Path, overrides: Overrides = ()) -> Resolved:
    """The scenario with a shipped name or in a file, `PATH=VALUE` overrides applied.

    A path may end in @YYYY-MM to set one dated value. A file is told from a name by a suffix or a separator.
    Raises ScenarioError with all problems of all files.
    """
    tree = scenario_tree()
    chain = _chain(source)
    known_sources = _sources(chain)
    document = chain[-1].root
    for file in reversed(chain[:-1]):
        document = merge(tree, document, file.root)
    document, override_problems = overridden(tree, document, overrides, known_sources)
    expanded, copies, copy_problems = expand(tree, document)
    values = read_values(tree, expanded, known_sources)
    failed = {found.path for found in copy_problems}  # what such a part lacks is not news
    values.problems[:] = [found for found in values.problems if found.path not in failed]
    values.problems += override_problems + copy_problems
    check(values)
    months = values.months()[:MAX_DATES]
    versions = {month: scenario_at(values, month) for month in ("", *months)}
    if values.problems:
        raise ScenarioError(values.problems)
    names = {file.shown: file.name for file in chain}
    scenarios = {month: scenario for month, scenario in versions.items() if scenario is not None}
    return Resolved(chain[0].name, _epochs(scenarios), _origins(values, names), copies)


# Finding files


@dataclass(frozen=True)
class _File:
    """A scenario file that has been read."""

    name: str
    path: Path
    shown: str
    root: Node = field(repr=False)


def scenario_folder() -> Path:
    """Folder of the shipped scenarios: inside an installed package, at the top of the repository otherwise."""
    packaged = Path(__file__).parent / "scenarios"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "scenarios"


def scenario_names() -> list[str]:
    """Names of the shipped scenarios."""
    return sorted(path.stem for path in scenario_folder().glob("*.yaml") if path.stem != "sources")


def _chain(source: str | Path) -> list[_File]:
    """The file and those it extends, nearest first."""
    chain: list[_File] = []
    asked = Place(str(source), 0, 0)
    base: Path | None = None
    while True:
        path, shown = _find(source, base, asked)
        if any(_same(path, file.path) for file in chain):
            loop = " -> ".join([*(file.shown for file in chain), shown])
            raise ScenarioError([problem(asked, "extends", f"extends itself: {loop}")])
        root = read_file(path, shown)
        _refuse_other_files(root)
        if len(chain) == MAX_CHAIN:
            message = f"extends a chain of more than {MAX_CHAIN} files"
            raise ScenarioError([problem(asked, "extends", message)])
        chain.append(_File(path.stem, path, shown, root))
        parent = root.value.get("extends") if isinstance(root.value, dict) else None
        if parent is None:
            return chain
        if not isinstance(parent.value, str) or not parent.value:
            message = "extends: expected the name of a scenario or the path of a file"
            raise ScenarioError([problem(parent.place, "extends", message)])
        source, base, asked = parent.value, path.parent, parent.place


def _refuse_other_files(root: Node) -> None:
    """A file that is no scenario at all is not told by its contents, which may be a secret."""
    names = {*scenario_tree().parts, "extends"}
    if isinstance(root.value, dict) and root.value and not names & root.value.keys():
        message = f"is no scenario: none of its keys is one of {', '.join(sorted(names))}"
        raise ScenarioError([problem(root.place, "", message)])


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _find(source: str | Path, base: Path | None, asked: Place) -> tuple[Path, str]:
    """Path of a scenario and the name under which it is shown. `base`: the folder of the file that extends it."""
    text = str(source)
    is_file = isinstance(source, Path) or Path(text).suffix or "/" in text or os.sep in text
    if is_file:
        path = Path(os.path.normpath(base / text)) if base else Path(text)
        if base and path.suffix not in (".yaml", ".yml"):
            message = "extends: expected the name of a scenario or the path of a YAML file (.yaml)"
            raise ScenarioError([problem(asked, "extends", message)])
        if base and not path.exists():
            raise ScenarioError([problem(asked, "extends", f"extends {text}, but there is no file {path}")])
        shipped = path.parent == scenario_folder()
        return path, f"scenarios/{path.name}" if shipped else str(path)
    names = scenario_names()
    if text in names:
        return scenario_folder() / f"{text}.yaml", f"scenarios/{text}.yaml"
    hint = did_you_mean(text, names)
    if text and "\0" not in text and ((base or Path()) / f"{text}.yaml").is_file():
        hint = f"; did you mean the file ./{text}.yaml?"
    message = f"no scenario is named {text!r}{hint or ';'} shipped: {', '.join(names) or 'none'}"
    raise ScenarioError([problem(asked, "", message)])


def _sources(chain: list[_File]) -> dict[str, str | None]:
    """Known sources and their kind: those shipped, and those of a sources.yaml beside a file of the chain."""
    known: dict[str, str | None] = {}
    for folder in dict.fromkeys([scenario_folder(), *(file.path.parent for file in chain)]):
        path = folder / "sources.yaml"
        if path.is_file():
            shown = "scenarios/sources.yaml" if folder == scenario_folder() else str(path)
            known |= _source_kinds(read_file(path, shown))
    return known


def _source_kinds(root: Node) -> dict[str, str | None]:
    """Kind of each source of a list of sources. Raises ScenarioError where title, where or year is missing."""
    problems: list[Problem] = []
    kinds: dict[str, str | None] = {}
    for name, node in (root.value if isinstance(root.value, dict) else {}).items():
        entry = node.value if isinstance(node.value, dict) else {}
        missing = [key for key in ("title", "where", "year") if key not in entry]
        if missing:
            note(problems, problem(node.key, name, f"source {name} lacks {', '.join(missing)}"))
        for key, inner in entry.items():
            if key not in ("title", "where", "year", "note", "kind"):
                message = f"source {name}: {key} is not known; expected title, where, year, note, kind"
                note(problems, problem(inner.key, name, message))
        kinds[name] = str(entry["kind"].value) if "kind" in entry else None
    if problems:
        raise ScenarioError(problems)
    return kinds


# Resolving


def _epochs(versions: dict[str, Scenario]) -> tuple[Epoch, ...]:
    """The scenario at the start, and again wherever a dated change within the span changes it."""
    first = versions[""]
    start, end = first.span.start_month, first.span.end_month
    at_start = [scenario for month, scenario in sorted(versions.items()) if month <= start][-1]
    epochs = [Epoch(calendar_month(start), at_start)]
    for month, scenario in sorted(versions.items()):
        if start < month <= end and scenario != epochs[-1].scenario:
            epochs.append(Epoch(calendar_month(month), scenario))
    return tuple(epochs)


def _origins(values: Values, names: dict[str, str]) -> dict[str, Origin]:
    return {leaf.path: _origin(leaf, names) for first in values.leaves.values() for leaf in first.versions()}


def _origin(leaf: Leaf, names: dict[str, str]) -> Origin:
    file, line, _ = leaf.node.place
    return Origin(
        plain(leaf),
        unit_of(leaf.part.name) if leaf.part.carries_evidence else None,
        leaf.range,
        leaf.grade,
        ", ".join(leaf.sources) or None,
        names.get(file, "--set"),
        file if file in names else "--set",
        line,
        leaf.note,
    )
