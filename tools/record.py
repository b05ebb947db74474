"""Set the baseline beside the record anew: `python tools/record.py` writes `docs/figures/record.json`.

`python -m ipsc_race_lab.wording.documents` then renews the table in `docs/evidence.md` that reads it.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
from ipsc_race_lab.analysis.record import Record
from ipsc_race_lab.analysis.targets import beside

OUT = Path(__file__).resolve().parents[1] / "docs/figures/record.json"


def main() -> None:
    """Race the baseline and keep each measure with its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    world = load("baseline")
    record = Record(world)
    for result in run_races(world, arguments.runs, arguments.seed, workers=2):
        record.add(result)
    rows = [
        asdict(target) | {"bounds": target.bounds} | measure._asdict() | {"holds": good}
        for target, measure, good in beside(record.measures())
    ]
    told = {"scenario_hash": world.hash, "runs": arguments.runs, "seed": arguments.seed, "rows": rows}
    OUT.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
