"""`ipsc-race calibrate`: hold a world to what is on record; resumes where it was left."""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.commands.options import COMPLETE, INTERRUPTED, MAX_WORKERS, all_cores, check_bounds

if TYPE_CHECKING:
    from ipsc_race_lab.design.calibration import Calibration


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("calibration", metavar="CALIBRATION", help="name of a shipped calibration, or a YAML file")
    add("--workers", type=int, default=all_cores(), metavar="W", help="chunks at a time (default: all cores)")
    add("--out", type=Path, metavar="DIR", help="result folder (default: results/calibration-<name>); goes on in it")
    add("--json", action="store_true", help="print analysis.json instead of the answer in words")


def execute(arguments: argparse.Namespace) -> int:
    """Race the waves that are missing, weigh, write the posterior, print what was learned."""
    from ipsc_race_lab.design.finding import load_calibration
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.progress import say
    from ipsc_race_lab.wording.calibration import text
    from ipsc_race_lab.wording.tables import screen_width

    if problems := check_bounds(arguments, {"workers": (1, MAX_WORKERS)}):
        raise LabError(*problems)
    asked = load_calibration(arguments.calibration)
    folder = arguments.out or Path("results") / f"calibration-{asked.name}"
    analysis = calibrated(asked, folder, arguments.workers)
    if analysis is None:
        return INTERRUPTED
    print(json.dumps(analysis, indent=1, ensure_ascii=False) if arguments.json else text(analysis, screen_width()))
    say(f"Results in {folder}")
    return COMPLETE


def calibrated(asked: Calibration, folder: Path, workers: int) -> dict[str, Any] | None:
    """The analysis of a calibration, which is in its folder then, with the posterior; None where interrupted."""
    from ipsc_race.loading import load
    from ipsc_race_lab.analysis.calibrating import calibrate
    from ipsc_race_lab.analysis.histories import RACE
    from ipsc_race_lab.analysis.posterior import findings, posterior_of
    from ipsc_race_lab.design.experiment import anchored
    from ipsc_race_lab.execution.conducting import at_work
    from ipsc_race_lab.figures.stored import draw
    from ipsc_race_lab.metrics.history_reading import histories_of
    from ipsc_race_lab.progress import say
    from ipsc_race_lab.results import folder as place
    from ipsc_race_lab.results.posterior_file import write_posterior
    from ipsc_race_lab.wording.posterior_scenario import posterior_scenario

    facts = {
        "kind": place.CALIBRATION,
        "calibration": asked.name,
        "scenario_hash": asked.scenario_hash,
        "as_of": asked.as_of,
        "waves": asked.waves,
        "factors": len(asked.factors),
        "set": asked.fixed,
        "seed": asked.seed,
    }
    world = anchored(asked.source, asked.fixed, asked.paths)
    with at_work(asked, {("",): world}, folder, facts, blocs=[RACE]) as study, suppress(KeyboardInterrupt):
        of = calibrate(study, workers)
        if of is not None:
            say("Weighing the races and recovering truths ...")
            analysis = findings(asked, of, histories_of(world))
            study.shards.write_json(place.ANALYSIS, analysis)
            try:
                write_posterior(folder / place.POSTERIOR, posterior_of(asked, of))
                (folder / place.POSTERIOR_SCENARIO).write_text(
                    posterior_scenario(asked, load(asked.source, asked.fixed), analysis), "utf-8"
                )
            except OSError as error:
                raise place.unwritable(folder, error) from error
            study.complete(study.shards.value_hash())
            draw(folder)
            return analysis
    say(f"Interrupted; what was raced is in {folder}: the same command goes on from there")
    return None
