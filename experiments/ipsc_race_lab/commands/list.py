"""`ipsc-race list`: the scenarios, experiments, histories and forecasts that ship, and the results that are here."""

from __future__ import annotations

import argparse
import json
from functools import cache
from pathlib import Path
from typing import Any

WHAT = ("experiment", "calibration", "posterior", "scenario")  # keys of manifests that say what was raced


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("--results", type=Path, default=Path("results"), metavar="DIR", help="folder of results (default: %(default)s)")
    add("--json", action="store_true", help="print JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Print what there is to run and what has been run."""
    from ipsc_race_lab.wording.listing import text

    known = {
        "scenarios": _scenarios(),
        "experiments": _experiments(),
        "calibrations": _calibrations(),
        "histories": _histories(),
        "forecasts": _forecasts(),
        "results": _results(arguments.results),
    }
    print(json.dumps(known, indent=1, ensure_ascii=False) if arguments.json else text(known, arguments.results))
    return 0


def _scenarios() -> list[dict[str, Any]]:
    from ipsc_race.loading import scenario_folder, scenario_names

    return [{"name": name, "title": _title(scenario_folder() / f"{name}.yaml")} for name in scenario_names()]


def _histories() -> list[dict[str, Any]]:
    from ipsc_race_lab.metrics.history_reading import history_folder, history_names

    return [{"name": name, "title": _title(history_folder() / f"{name}.yaml")} for name in history_names()]


def _calibrations() -> list[dict[str, Any]]:
    from ipsc_race_lab.design.finding import calibration_names
    from ipsc_race_lab.design.reading.posterior import posterior_names
    from ipsc_race_lab.design.shipped import experiment_folder

    folder, known = experiment_folder() / "calibrations", posterior_names()
    return [
        {"name": name, "title": _title(folder / f"{name}.yaml"), "has_committed_posterior": name in known}
        for name in calibration_names()
    ]


def _forecasts() -> list[dict[str, Any]]:
    from ipsc_race_lab.metrics.register_reading import register_folder, register_names

    return [{"name": name, "title": _title(register_folder() / f"{name}.yaml")} for name in register_names()]


def _experiments() -> list[dict[str, Any]]:
    from ipsc_race.loading import load
    from ipsc_race_lab.design.finding import expected_folder, experiment_names
    from ipsc_race_lab.design.reading.outline import outline
    from ipsc_race_lab.design.shipped import experiment_folder

    once = cache(load)
    outlines = [outline(experiment_folder() / f"{name}.yaml", once) for name in experiment_names()]
    return [
        {**of._asdict(), "has_committed_numbers": (expected_folder() / f"{of.name}.json").is_file()} for of in outlines
    ]


def _title(path: Path) -> str:
    """The title that a file says, empty if none."""
    from ipsc_race.yaml_reading import read_file

    given = read_file(path, str(path)).value
    return str(given["title"].value) if isinstance(given, dict) and "title" in given else ""


def _results(folder: Path) -> list[dict[str, Any]]:
    """What a folder of results holds: of each result where it is, what was raced, how much of it, and its status."""
    folders = []
    for path in sorted(folder.glob("*/manifest.json")):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            what = next((manifest[key] for key in WHAT if manifest.get(key)), None)
            points = manifest.get("points", 0) * len(manifest.get("scenario_hashes", "1"))
            races = manifest["runs_done"] if "runs_done" in manifest else points * manifest.get("replications", 0)
            races += sum(manifest.get("waves", ()))
            folders.append({"folder": str(path.parent), "what": what, "races": races, "status": manifest.get("status")})
        except (OSError, ValueError, AttributeError, TypeError):
            folders.append({"folder": str(path.parent), "what": None, "races": None, "status": "cannot be read"})
    return folders
