"""`ipsc-race ablate`: what each mechanism does to the answer, by taking each out of the same races in turn."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.commands import conducting
from ipsc_race_lab.commands.options import BOUNDS, check_bounds, fixed, folder_name, tell_overrides

if TYPE_CHECKING:
    from ipsc_race_lab.design.experiment import Experiment
    from ipsc_race_lab.execution.conducting import Study


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", nargs="?", default="baseline", help="scenario (default: %(default)s)")
    add("--runs", type=int, default=400, metavar="N", help="races with and without each (default: %(default)s)")
    add("--seed", type=int, default=1, metavar="S", help="seed of all random numbers (default: %(default)s)")
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="change one value; repeatable")
    conducting.configure(parser, "ablate-<scenario>")


def execute(arguments: argparse.Namespace) -> int:
    """Race the scenario as it is and with each mechanism turned round, as far as that is missing, and print."""
    from ipsc_race.loading import load
    from ipsc_race_lab.analysis.ablation import ablated, ablation
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.results.folder import ABLATION
    from ipsc_race_lab.wording.ablation import text

    problems = check_bounds(arguments, {**BOUNDS, "runs": (2, BOUNDS["runs"][1])})
    if problems:
        raise LabError(*problems)
    world = load(arguments.scenario, tuple(arguments.set))
    tell_overrides([arguments.scenario], arguments.set)
    name = f"ablate-{folder_name(world, arguments.set)}"
    experiment = ablation(name, world, arguments.scenario, fixed(arguments.set), arguments.runs, arguments.seed)

    def analyse(study: Study[Experiment]) -> dict[str, Any]:
        return ablated(world, experiment, study.shards)

    return conducting.asked(experiment, arguments, ABLATION, analyse, text)
