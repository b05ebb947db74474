"""`ipsc-race compare`: the same races in several worlds, paired: the worlds differ and not the random numbers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ipsc_race_lab.commands import conducting
from ipsc_race_lab.commands.options import BOUNDS, check_bounds, fixed, tell_overrides

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.design.experiment import Experiment


MAX_NAMED = 3  # worlds in a title and in the name of a folder


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("scenarios", metavar="SCENARIO", nargs="*", help="two or more names or YAML files; the first is compared with")
    add("--runs", type=int, default=400, metavar="N", help="races of each world (default: %(default)s)")
    add("--seed", type=int, default=1, metavar="S", help="seed of all random numbers (default: %(default)s)")
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="change one value in all worlds; repeatable")
    conducting.configure(parser, "compare-<scenarios>")


def execute(arguments: argparse.Namespace) -> int:
    """Race what is missing in the folder, compare, print."""
    experiment = compared(arguments)
    tell_overrides(arguments.scenarios, arguments.set)
    return conducting.execute(experiment, arguments)


def compared(arguments: argparse.Namespace) -> Experiment:
    """The experiment that has the scenarios and varies nothing else. Raises LabError with all that is wrong."""
    from ipsc_race_lab.design.designs import Design
    from ipsc_race_lab.design.experiment import Experiment
    from ipsc_race_lab.errors import LabError

    worlds, problems = _worlds(arguments)
    if problems:
        raise LabError(*dict.fromkeys(problems))  # what is wrong with --set is so in every world
    names = list(worlds)
    blocs = list(next(iter(worlds.values())).blocs)
    sources = dict(zip(names, arguments.scenarios, strict=True))
    hashes = tuple(world.hash for world in worlds.values())
    return Experiment(
        "-".join(["compare", *_few(names, "and-{}-more")]),
        f"The same races in {_listed(_few(names, '{} more'))}",
        "", sources, hashes, fixed(arguments.set), (), Design("factorial"),
        arguments.runs, arguments.seed, (blocs[0], blocs[1]), None,
    )  # fmt: skip


def _worlds(arguments: argparse.Namespace) -> tuple[dict[str, Resolved], list[str]]:
    """The worlds by name, and all that is wrong with them and with the numbers given."""
    from ipsc_race.loading import ScenarioError, load
    from ipsc_race_lab.design.reading.experiment import unlike
    from ipsc_race_lab.design.reading.file import MAX_REPLICATIONS

    problems = check_bounds(arguments, {**BOUNDS, "runs": (1, MAX_REPLICATIONS)})
    if len(arguments.scenarios) < 2:
        problems.append("expected two or more scenarios, such as: ipsc-race compare baseline decoupling")
    worlds: dict[str, Resolved] = {}
    for source in arguments.scenarios:
        try:
            world = load(source, tuple(arguments.set))
        except ScenarioError as error:
            problems += [str(problem) for problem in error.problems]
            continue
        if world.name in worlds:
            problems.append(
                f"{source}: there are two worlds of the name {world.name}; leave one out or rename its file"
            )
        worlds.setdefault(world.name, world)
    problems += unlike(list(worlds.values()))
    problems += [f"{world.name}: has one bloc only; nobody races" for world in worlds.values() if len(world.blocs) < 2]
    return worlds, problems


def _few(names: Sequence[str], others: str) -> list[str]:
    """The names, or the first and how many others there are."""
    if len(names) <= MAX_NAMED:
        return list(names)
    return [*names[: MAX_NAMED - 1], others.format(len(names) - MAX_NAMED + 1)]


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
