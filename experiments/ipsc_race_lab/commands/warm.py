"""`ipsc-race warm`: compile the rules now, so that no later command waits for it."""

from __future__ import annotations

import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """No arguments."""
    del parser


def execute(arguments: argparse.Namespace) -> int:
    """Compile, or find that it was done."""
    from ipsc_race import ensemble
    from ipsc_race_lab.progress import say

    del arguments
    ensemble.warm(say)
    return 0
