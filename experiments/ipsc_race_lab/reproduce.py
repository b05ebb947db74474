"""`ipsc-race reproduce`: race committed experiments again and hold the numbers against the committed ones.

The same processor and libraries give the same bits, and the value hash says so. Others may round an exponential
differently in its last bit, and some races then take another turn; so a number is held to half the width of its own
committed interval, and what differs by more is printed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ipsc_race_lab.run import COMPLETE, all_cores

DIFFERENT = 1  # exit code
LEAST_TOLERANCE = 1e-6  # of a number whose interval has no width
Key = tuple[str, ...]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("experiments", metavar="EXPERIMENT", nargs="*", help="names (default: all with committed numbers)")
    add("--workers", type=int, default=all_cores(), metavar="W", help="chunks at a time (default: all cores)")
    add("--out", type=Path, default=Path("results/reproduce"), metavar="DIR", help="folder (default: %(default)s)")


def expected_folder() -> Path:
    """Folder of the committed numbers."""
    from ipsc_race_lab.experiment import experiment_folder

    return experiment_folder() / "expected"


def execute(arguments: argparse.Namespace) -> int:
    """Race each experiment (or go on with it), compare, and print what differs."""
    from ipsc_race_lab.errors import LabError

    known = sorted(path.stem for path in expected_folder().glob("*.json"))
    unknown = [name for name in arguments.experiments if name not in known]
    if unknown:
        raise LabError(*(f"{name}: has no committed numbers; those with are {', '.join(known)}" for name in unknown))
    different = 0
    for name in arguments.experiments or known:
        committed = json.loads((expected_folder() / f"{name}.json").read_text(encoding="utf-8"))
        told, value_hash = _raced(name, arguments)
        differences = list(differing(committed["analysis"], told))
        count = sum(1 for _ in numbers(committed["analysis"]))
        same = "the same rows to the last bit" if value_hash == committed["value_hash"] else "other rows"
        print(f"{name}: {same}, {len(differences)} of {count} numbers differ by more than their tolerance")
        for line in differences:
            print(f"  {line}")
        different += len(differences)
    return DIFFERENT if different else COMPLETE


def _raced(name: str, arguments: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """The analysis and the value hash of an experiment as it is raced here."""
    import contextlib
    import io

    from ipsc_race_lab import experiment_command
    from ipsc_race_lab.errors import LabError

    folder = arguments.out / name
    asked = argparse.Namespace(
        experiment=name, replications=None, points=None, workers=arguments.workers, scheduler=None, chunk=None,
        out=folder, json=True,
    )  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        code = experiment_command.execute(asked)
    if code != COMPLETE:
        raise LabError(f"{name}: was interrupted; the same command goes on from there")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    told: dict[str, Any] = json.loads((folder / "analysis.json").read_text(encoding="utf-8"))
    return told, str(manifest["value_hash"])


def numbers(told: Mapping[str, Any]) -> Iterator[tuple[Key, Mapping[str, Any]]]:
    """Every number of an analysis with its interval: means of answers, indices, and differences of scenarios."""
    for scenario, found in told["scenarios"].items():
        for question, mean in found["means"].items():
            yield (scenario, question, "mean"), mean
        for row in found["rows"]:
            level = (f"level {row['level']}",) if "level" in row else ()
            yield (scenario, row["question"], row["factor"], row["index"], *level), row
    compared = told.get("comparison", {"rows": []})
    for row in compared["rows"]:
        yield ("comparison", compared["base"], row["question"], row["factor"], row["index"]), row


def differing(committed: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[str]:
    """What is not as committed, in words."""
    here = dict(numbers(told))
    for key, known in numbers(committed):
        name = ", ".join(key)
        found = here.pop(key, None)
        if found is None:
            yield f"{name}: is missing here"
        elif (known["estimate"] is None) != (found["estimate"] is None):
            yield f"{name}: {found['estimate']} here, {known['estimate']} committed"
        elif known["estimate"] is not None:
            wide = 0.0 if known["low"] is None else (known["high"] - known["low"]) / 2
            tolerance = max(LEAST_TOLERANCE, wide)
            if abs(found["estimate"] - known["estimate"]) > tolerance:
                told_by = f"{found['estimate']:.4f} here, {known['estimate']:.4f} committed, tolerance {tolerance:.4f}"
                yield f"{name}: {told_by}"
    yield from (f"{', '.join(key)}: is not among the committed numbers" for key in here)
