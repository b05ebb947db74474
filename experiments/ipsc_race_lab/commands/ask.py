"""`ipsc-race ask`: any milestone of a run's races, by bloc, indication or year, for the first product or the k-th."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

MAX_KTH = 1000


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("folder", type=Path, metavar="DIR", help="result folder of a run")
    add(
        "milestones",
        nargs="*",
        metavar="MILESTONE",
        help="such as phase_3_started, approved (in full), conditionally_approved, approval (either); default: all",
    )
    add("--by", choices=("bloc", "indication", "year"), default="bloc", help="what to tell apart (default: bloc)")
    add("--kth", type=int, default=1, metavar="K", help="ask for the k-th product of a bloc (default: the first)")
    add("--at-home", action="store_true", help="count only what happens where the developer is at home")
    add("--json", action="store_true", help="print every number as JSON, by indication too with --by indication")
    add("--csv", action="store_true", help="print the same as a table for other programs")


def execute(arguments: argparse.Namespace) -> int:
    """Read the milestones, answer, print. Raises LabError on bad input."""
    from ipsc_race_lab.metrics import asking
    from ipsc_race_lab.results.milestones import read_milestones
    from ipsc_race_lab.wording.asking import lines
    from ipsc_race_lab.wording.tables import screen_width

    names = _checked(arguments)
    happened = read_milestones(arguments.folder, {number for name in names for number in asking.NAMED[name]})
    if arguments.at_home:
        happened = happened.where(happened.at_home)
    if arguments.json or arguments.csv:
        rows = [
            row
            for name in names
            for indication, of in (
                happened.of(name).by_indication() if arguments.by == "indication" else [("", happened.of(name))]
            )
            for row in asking.rows(of, name, arguments.kth, indication)
        ]
        if arguments.json:
            print(json.dumps(rows, indent=1))
        else:
            table = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
        return 0
    is_each = bool(arguments.milestones)
    print("\n".join(lines(happened, names, arguments.by, arguments.kth, is_each, screen_width())))
    return 0


def _checked(arguments: argparse.Namespace) -> list[str]:
    """The milestones asked for; all that is wrong with the command at once."""
    from ipsc_race.tree import did_you_mean
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.metrics.asking import NAMED

    unknown = [name for name in arguments.milestones if name not in NAMED]
    problems = [f"{name}: no such milestone{did_you_mean(name, NAMED) or ''}" for name in unknown]
    if unknown and not any("did you mean" in problem for problem in problems):
        problems.append(f"the milestones are {', '.join(NAMED)}")
    if not 1 <= arguments.kth <= MAX_KTH:
        problems.append(f"--kth {arguments.kth}: expected a whole number from 1 to {MAX_KTH}")
    if arguments.json and arguments.csv:
        problems.append("--json and --csv: expected one of the two")
    if problems:
        raise LabError(*problems)
    return list(dict.fromkeys(arguments.milestones)) or list(NAMED)
