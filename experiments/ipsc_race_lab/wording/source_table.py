"""The table of the factors that the source text names: what moves each, and what that does to the race.

The factors stand in `docs/source-factors.yaml`, their moves in `experiments/source-factors.yaml`, and what the moves do
in the committed numbers of that experiment. No number is written twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race.yaml_reading import Node, ScenarioError, problem, read_file

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.design.experiment import Experiment
    from ipsc_race_lab.design.factors import Level


NAME = "source-factors"
LISTED = Path(__file__).resolve().parents[3] / "docs" / f"{NAME}.yaml"
HEADINGS = (
    "factor",
    "in the model",
    "moved",
    "how it acts",
    "first patient (months)",
    "first approval at home (months)",
)
QUESTIONS = ("lead_months.first_in_human", "lead_months.first_home_approval")
KEYS = ("name", "move", "acts", "why")
NOT_RACED = f"*The effects are not measured yet: `ipsc-race experiment {NAME}` measures them.*"
NOTHING = "-"

Effects = Mapping[tuple[str, str], Mapping[str, Any]]  # by move and question


@dataclass(frozen=True)
class SourceFactor:
    """A factor that the source text names: a move of the experiment and how it acts, or why there is none."""

    group: str
    name: str
    move: str = ""
    acts: str = ""
    why: str = ""


def source_factors(path: Path = LISTED) -> list[SourceFactor]:
    """The factors in their order. Raises ScenarioError where one has neither a move nor a reason, or has both."""
    root = read_file(path, f"docs/{path.name}")
    factors = []
    for group, listed in _mapping(root).items():
        for node in listed.value if isinstance(listed.value, list) else ():
            given = {key: str(inner.value) for key, inner in _mapping(node).items()}
            unknown = sorted(given.keys() - {*KEYS})
            stated = [key for key in ("move", "why") if given.get(key)]
            if unknown or len(stated) != 1 or ("acts" in given) != ("move" in given):
                message = f"has {', '.join(given)}; expected a name with a move and how it acts, or why it has no move"
                raise ScenarioError([problem(node.place, "", message)])
            factors.append(SourceFactor(group, **given))
    return factors


def _mapping(node: Node) -> dict[str, Node]:
    return node.value if isinstance(node.value, dict) else {}


# The moves


def moves(experiment: Experiment) -> dict[str, Level]:
    """What can be moved: the levels of the experiment that change something, by name."""
    return {level.name: level for factor in experiment.levers for level in factor.levels if level.overrides}


def changes(level: Level, world: Resolved) -> list[tuple[str, str]]:
    """What a move writes: for each path the path, and its value in the world and after the move, in words."""
    if level.scenario is not None:
        return [(f"scenario `{level.scenario}`", f"{world.name} to {level.scenario}")]
    return [(f"`{path}`", f"{_own(world, path)} to {_words(value)}") for path, value in level.overrides.items()]


def _own(world: Resolved, path: str) -> str:
    """A value as the world has it, with its dated changes where a move replaces them too."""
    from ipsc_race_lab.design.levers import in_force

    if "@" in path:
        at = in_force(world, path)
        return _words(world.origins[at].value if at else None)
    versions = world.versions[path]
    return ", ".join(_words(of.value) + (f" from {month}" if month else "") for month, of in versions.items())


def _words(value: Any) -> str:
    """A value as a reader would write it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


# The effects


def effects(path: Path | None = None) -> Effects | None:
    """What each move does to each answer, from the committed numbers; None before there are any."""
    from ipsc_race_lab.analysis.dose_response import DIFFERENCE
    from ipsc_race_lab.design.finding import expected_folder

    path = path or expected_folder() / f"{NAME}.json"
    if not path.exists():
        return None
    scenarios = json.loads(path.read_text(encoding="utf-8"))["analysis"]["scenarios"]
    rows = next(iter(scenarios.values()))["rows"]
    return {(row["value"], row["question"]): row for row in rows if row["index"] == DIFFERENCE}


def note(experiment: Experiment, known: Effects | None) -> str:
    """What stands over the table."""
    if known is None:
        return NOT_RACED
    one, other = experiment.pair
    return (
        f"{experiment.replications} races with each move less the same races without it, seed {experiment.seed}. "
        f"Months: lead of {one} over {other}, more is better for {one}. In brackets the 95% interval; * where 0 lies "
        f"outside it, as one in twenty of {len(moves(experiment))} moves without effect would have it too. All rows "
        "are differences from the same races, so that the stochastic variation of those stands in every row."
    )


def rows(experiment: Experiment, known: Effects | None) -> Iterator[tuple[str, list[str]]]:
    """The cells of each factor, beside its group."""
    from ipsc_race.loading import load

    world, levels = load(next(iter(experiment.scenarios.values()))), moves(experiment)
    for factor in source_factors():
        if factor.why:
            yield factor.group, [factor.name, NOTHING, NOTHING, factor.why, NOTHING, NOTHING]
            continue
        written = changes(levels[factor.move], world)
        paths, values = ("<br>".join(cells) for cells in zip(*written, strict=True))
        effects = [_effect(question, (known or {}).get((factor.move, question))) for question in QUESTIONS]
        yield factor.group, [factor.name, paths, values, factor.acts, *effects]


def _effect(question: str, row: Mapping[str, Any] | None) -> str:
    """An effect with its interval, or that there is none yet."""
    from ipsc_race_lab.wording.dose_response import difference_words

    return difference_words(question, row) if row else "not measured"
