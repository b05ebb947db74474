"""`ipsc-race verify`: whether result folders still hold what was written."""

from __future__ import annotations

import argparse
from pathlib import Path

WHOLE, DAMAGED = 0, 1  # exit codes


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folders", type=Path, metavar="DIR", nargs="+", help="result folder of any command")


def execute(arguments: argparse.Namespace) -> int:
    """Print what is whole and what is not; 1 where something is not."""
    from ipsc_race_lab.results.verifying import checks

    whole = True
    for folder in arguments.folders:
        for check in checks(folder):
            whole &= check.is_whole
            print(f"{folder}: {check.what}: {'' if check.is_whole else 'DAMAGED: '}{check.found}")
    if not whole:
        print("What is damaged is made anew by the command that made it: what is whole is kept.")
    return WHOLE if whole else DAMAGED
