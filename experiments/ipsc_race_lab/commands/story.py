"""`ipsc-race story`: one race of a result folder told as a readable log, and drawn as a chart of its programmes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ipsc_race_lab.results.event_log import Race, read_race
from ipsc_race_lab.wording.story import leading, log, winner_lines

MAX_PROGRAMMES = 200


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="result folder of a run")
    parser.add_argument("--run", type=int, required=True, metavar="K", help="which race, counted from 0")
    parser.add_argument(
        "--programmes",
        type=int,
        default=25,
        metavar="N",
        help="how many programmes to follow, the first approved and then the farthest (default: 25)",
    )
    parser.add_argument("--all", action="store_true", help="tell every event, not only the important ones")
    parser.add_argument("--json", action="store_true", help="print all events of the race as JSON instead of the log")


def execute(arguments: argparse.Namespace) -> int:
    """Print the story and draw its chart; returns the exit code. Raises LabError on bad input."""
    from ipsc_race_lab.errors import LabError

    if not 1 <= arguments.programmes <= MAX_PROGRAMMES:
        raise LabError(f"--programmes {arguments.programmes}: expected a whole number from 1 to {MAX_PROGRAMMES}")
    race = read_race(arguments.folder, arguments.run)
    leaders = leading(race, arguments.programmes)
    figure = _draw(arguments.folder, race, leaders)
    if arguments.json:
        print(json.dumps({"run": race.run, "events": [asdict(event) for event in race.events]}, indent=1))
        return 0
    lines = list(log(race, None if arguments.all else leaders))
    counted = f"{len(lines):,} of {len(race.events):,} events; * a first of its bloc"
    print(f"Race {race.run} (seed {race.seed}) of {race.title}: {counted}")
    print("\n".join([*winner_lines(race), "", *lines]))
    print(f"Chart of the {len(leaders)} leading programmes: {figure}")
    return 0


def _draw(folder: Path, race: Race, leaders: Sequence[int]) -> Path:
    """Write the chart into the result folder."""
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.figures import gantt

    path = folder / "figures" / f"story-{race.run}.png"
    try:
        gantt.draw(path, race, leaders)
    except OSError as error:
        raise LabError(f"{path}: cannot be written: {error.strerror or error}") from error
    return path
