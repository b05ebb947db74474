"""`ipsc-race experiment`: race an experiment, keep its rows, go on where it was left, and say what it answers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ipsc_race_lab.commands import conducting
from ipsc_race_lab.commands.options import MAX_WORKERS, check_bounds

if TYPE_CHECKING:
    from ipsc_race_lab.design.experiment import Experiment


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("experiment", metavar="EXPERIMENT", help="name of a shipped experiment, or a YAML file")
    add("--replications", type=int, metavar="N", help="races of each point (default: what the experiment says)")
    add("--points", type=int, metavar="N", help="points of the design (default: what the experiment says)")
    add("--chunk", type=int, metavar="ROWS", help="rows raced together (default: a fifth of a second, at least 32)")
    conducting.configure(parser, "<experiment>")


def execute(arguments: argparse.Namespace) -> int:
    """Race what is missing in the folder, analyse, print."""
    return conducting.execute(_asked(arguments), arguments)


def _asked(arguments: argparse.Namespace) -> Experiment:
    """The experiment, with more or fewer points and replications if asked for."""
    from ipsc_race_lab.design.finding import load_experiment
    from ipsc_race_lab.errors import LabError

    problems = check_bounds(arguments, {"chunk": (1, 1_000_000), "workers": (1, MAX_WORKERS)})
    if problems:
        raise LabError(*problems)
    return load_experiment(arguments.experiment, replications=arguments.replications, points=arguments.points)
