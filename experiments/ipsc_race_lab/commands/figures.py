"""`ipsc-race figures`: the figures of a result folder drawn anew from what it holds, without racing."""

from __future__ import annotations

import argparse
from pathlib import Path

from ipsc_race_lab.commands.options import COMPLETE


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="result folder of a run, comparison or experiment")


def execute(arguments: argparse.Namespace) -> int:
    """Draw the figures and print their paths; returns the exit code. Raises LabError where there are none to draw."""
    from ipsc_race_lab.figures.stored import draw
    from ipsc_race_lab.results.folder import RUN, STUDY, finished, held

    finished(arguments.folder, RUN, STUDY)
    with held(arguments.folder):
        print("\n".join(map(str, draw(arguments.folder))))
    return COMPLETE
