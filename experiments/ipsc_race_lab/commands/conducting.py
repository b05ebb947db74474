"""What `experiment`, `compare` and `reproduce` share: conduct an experiment, analyse it, draw it, keep what it says."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.commands.options import COMPLETE, INTERRUPTED, all_cores

if TYPE_CHECKING:
    from ipsc_race_lab.design.experiment import Experiment
    from ipsc_race_lab.execution.conducting import Workplace


def configure(parser: argparse.ArgumentParser, folder: str) -> None:
    """Declare who races, where the result goes and what is printed; `folder` is the name of the default one."""
    add = parser.add_argument
    add("--workers", type=int, default=all_cores(), metavar="W", help="chunks at a time (default: all cores)")
    add("--scheduler", metavar="ADDRESS", help="race on the workers of this dask scheduler, such as tcp://host:8786")
    add("--out", type=Path, metavar="DIR", help=f"result folder (default: results/{folder}); goes on in it")
    add("--json", action="store_true", help="print analysis.json instead of the answer in words")


def execute(experiment: Experiment, arguments: argparse.Namespace) -> int:
    """Conduct an experiment and print what it says; returns the exit code."""
    from ipsc_race_lab.execution.conducting import Workplace
    from ipsc_race_lab.progress import say
    from ipsc_race_lab.wording.experiment import text
    from ipsc_race_lab.wording.tables import screen_width

    folder = arguments.out or Path("results") / experiment.name
    workplace = Workplace(arguments.workers, arguments.scheduler, arguments.chunk)
    told = conducted(experiment, folder, workplace)
    if told is None:
        say(f"Interrupted; what was raced is in {folder}: the same command goes on from there")
        return INTERRUPTED
    print(json.dumps(told, indent=1, ensure_ascii=False) if arguments.json else text(experiment, told, screen_width()))
    say(f"Results in {folder}")
    return COMPLETE


def conducted(experiment: Experiment, folder: Path, workplace: Workplace) -> dict[str, Any] | None:
    """What an experiment says, which is in its folder then, with figures; None where it was interrupted."""
    from ipsc_race_lab.analysis.responses import findings
    from ipsc_race_lab.execution.conducting import conduct
    from ipsc_race_lab.figures import experiment as figures
    from ipsc_race_lab.results.run_folder import FIGURES
    from ipsc_race_lab.results.shards import ANALYSIS

    raced = conduct(experiment, folder, workplace)
    if not raced.is_whole:
        return None
    shards = raced.shards
    told = findings(experiment, shards, raced.worlds)
    figures.draw_all(folder / FIGURES, experiment, told)
    shards.write_json(ANALYSIS, told)
    shards.write_manifest({"status": "complete", **raced.facts, "value_hash": shards.value_hash()})
    return told
