"""Commit the numbers of finished experiments: `python tools/expected.py levers morris`, from `results/NAME`.

Writes `experiments/expected/NAME.json`, which `ipsc-race reproduce` holds later races against and notebooks read. Say
in CHANGELOG.md, under **Regression**, why numbers that were there before have moved.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ipsc_race_lab.design.finding import expected_folder

LEFT_OUT = ("boxes", "floors")  # trajectories of a search, and what the rows say already
DIGITS = 6
RACED = ("value_hash", "experiment_hash", "scenario_hashes", "points", "replications", "seed")


def main() -> None:
    """Write the file of each experiment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--results", type=Path, default=Path("results"))
    arguments = parser.parse_args()
    for name in arguments.names:
        manifest = read(arguments.results / name / "manifest.json")
        if manifest["status"] != "complete":
            parser.error(f"{arguments.results / name}: is not complete")
        analysis = read(arguments.results / name / "analysis.json")
        for found in analysis["scenarios"].values():
            for part in LEFT_OUT:
                found.pop(part, None)
        told = {name: manifest[name] for name in RACED} | {"analysis": rounded(analysis)}
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        (expected_folder() / f"{name}.json").write_text(text, encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """A file of a result."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def rounded(value: Any) -> Any:
    """The same with fewer digits, so that the last bits of another machine are no change."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return round(value, DIGITS) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
