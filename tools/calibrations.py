"""Commit finished calibrations: `python tools/calibrations.py results/calibration-baseline ...`.

The posterior goes to `experiments/posteriors/`, what was found, to five digits, to `docs/calibrations/`; a forecast's
findings go to `docs/calibrations/forecast-NAME.json`.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from ipsc_race_lab.results import folder as place
from ipsc_race_lab.results.files import read_json, write_json

ROOT = Path(__file__).parents[1]
DIGITS = 5


def main(folders: list[str]) -> None:
    """Copy what each folder holds."""
    (ROOT / "docs/calibrations").mkdir(exist_ok=True)
    (ROOT / "experiments/posteriors").mkdir(exist_ok=True)
    for folder in map(Path, folders):
        manifest = place.finished(folder, place.CALIBRATION, place.FORECAST)
        found = short(read_json(folder / place.ANALYSIS)) | {"value_hash": manifest["value_hash"]}
        name = found.get("calibration") or f"forecast-{found['posterior']}"
        write_json(ROOT / f"docs/calibrations/{name}.json", found)
        if manifest["kind"] == place.CALIBRATION:
            shutil.copyfile(folder / place.POSTERIOR, ROOT / f"experiments/posteriors/{name}.parquet")
        print(f"{folder}: {name}")


def short(value: Any) -> Any:
    """The same with numbers of so many digits."""
    if isinstance(value, float):
        return json.loads(f"{value:.{DIGITS}g}") if abs(value) < float("inf") else None
    if isinstance(value, dict):
        return {key: short(inner) for key, inner in value.items()}
    return [short(inner) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main(sys.argv[1:])
