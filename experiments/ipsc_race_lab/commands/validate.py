"""`ipsc-race validate`: the validation ladder, each rung with what was expected and what was observed."""

from __future__ import annotations

import argparse
import json

from ipsc_race_lab.commands.options import COMPLETE

MISSED = 1  # exit code


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("--only", nargs="+", default=[], metavar="ID", help="these rungs alone, such as V10 H3")
    add("--full", action="store_true", help="the long rungs too")
    add("--json", action="store_true", help="print the rungs as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Climb the ladder and print it; 1 where a rung is missed."""
    from ipsc_race import ensemble
    from ipsc_race.loading import load
    from ipsc_race_lab.progress import say
    from ipsc_race_lab.validation.ladder import rungs
    from ipsc_race_lab.validation.rung import Verdict, climbed
    from ipsc_race_lab.wording.validation import print_ladder

    chosen, left = rungs(arguments.only, full=arguments.full)
    ensemble.warm(say)
    rows = []
    for rung in chosen:
        result = climbed(rung)
        rows.append(result.row())
        say(f"{rung.id}: {result.verdict}, {result.seconds:.1f} s")
    ladder = {
        "scenario_hash": load("baseline").hash,
        "left_out": [rung.id for rung in left],
        "rungs": rows,
    }
    if arguments.json:
        print(json.dumps(ladder, indent=1, ensure_ascii=False))
    else:
        print_ladder(ladder)
    return MISSED if any(row["verdict"] == Verdict.MISSED for row in rows) else COMPLETE
