"""`ipsc-race reproduce`: race committed experiments again and hold the numbers against the committed ones.

The same processor and libraries give the same bits, and the value hash says so. Others may round an exponential
differently in its last bit, and some races then take another turn; so a number is held to half the width of its own
committed interval, and what differs by more is printed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ipsc_race_lab.analysis.reproduction import differing, numbers
from ipsc_race_lab.commands.options import COMPLETE, MAX_WORKERS, all_cores, check_bounds
from ipsc_race_lab.design.finding import expected_folder

DIFFERENT = 1  # exit code


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("experiments", metavar="EXPERIMENT", nargs="*", help="names (default: all with committed numbers)")
    add("--workers", type=int, default=all_cores(), metavar="W", help="chunks at a time (default: all cores)")
    add("--out", type=Path, default=Path("results/reproduce"), metavar="DIR", help="folder (default: %(default)s)")


def execute(arguments: argparse.Namespace) -> int:
    """Race each experiment (or go on with it), compare, and print what differs."""
    from ipsc_race_lab.errors import LabError

    problems = check_bounds(arguments, {"workers": (1, MAX_WORKERS)})
    if problems:
        raise LabError(*problems)
    known = sorted(path.stem for path in expected_folder().glob("*.json"))
    unknown = [name for name in arguments.experiments if name not in known]
    if unknown:
        raise LabError(*(f"{name}: has no committed numbers; those with are {', '.join(known)}" for name in unknown))
    different = 0
    for name in arguments.experiments or known:
        committed = json.loads((expected_folder() / f"{name}.json").read_text(encoding="utf-8"))
        result, value_hash = _raced(name, arguments)
        differences = list(differing(committed["analysis"], result))
        count = sum(1 for _ in numbers(committed["analysis"]))
        same = "the same rows to the last bit" if value_hash == committed["value_hash"] else "other rows"
        print(f"{name}: {same}, {len(differences)} of {count} numbers differ by more than their tolerance")
        for line in differences:
            print(f"  {line}")
        different += len(differences)
    return DIFFERENT if different else COMPLETE


def _raced(name: str, arguments: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """The analysis and the value hash of an experiment as it is raced here."""
    from ipsc_race_lab.commands.conducting import conducted, findings
    from ipsc_race_lab.design.finding import load_experiment
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.execution.conducting import Workplace
    from ipsc_race_lab.results.files import read_json
    from ipsc_race_lab.results.folder import MANIFEST, STUDY

    folder = arguments.out / name
    result = conducted(load_experiment(name), folder, Workplace(arguments.workers), STUDY, findings)
    if result is None:
        raise LabError(f"{name}: was interrupted; the same command goes on from there")
    return result, str(read_json(folder / MANIFEST)["value_hash"])
