"""`ipsc-race warm`: compile the rules now, so that no later command waits for it."""

from __future__ import annotations

import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """No arguments."""
    del parser


def execute(arguments: argparse.Namespace) -> int:
    """Compile, or find that it was done. Raises LabError where compiled rules cannot be kept for later commands."""
    from ipsc_race import ensemble
    from ipsc_race.host import CODE_KEY, PLAIN
    from ipsc_race.kept_code import folder_for
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.progress import say

    del arguments
    ensemble.warm(say)
    if not PLAIN and not ensemble.is_compiled():
        folder, why = folder_for(CODE_KEY)
        raise LabError(f"later commands will compile the rules anew: {why or f'nothing can be kept in {folder}'}")
    return 0
