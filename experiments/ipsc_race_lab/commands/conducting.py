"""What `experiment`, `compare`, `ablate` and `reproduce` share: race what is missing, analyse, draw, print."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.commands.options import COMPLETE, INTERRUPTED, all_cores

if TYPE_CHECKING:
    from ipsc_race_lab.design.experiment import Experiment
    from ipsc_race_lab.execution.conducting import Study, Workplace

    Analyse = Callable[[Study[Experiment]], dict[str, Any]]


def configure(parser: argparse.ArgumentParser, folder: str) -> None:
    """Declare who races, where the result goes and what is printed; `folder` is the name of the default one."""
    add = parser.add_argument
    add("--workers", type=int, default=all_cores(), metavar="W", help="chunks at a time (default: all cores)")
    add("--scheduler", metavar="ADDRESS", help="race on the workers of this dask scheduler, such as tcp://host:8786")
    add("--out", type=Path, metavar="DIR", help=f"result folder (default: results/{folder}); goes on in it")
    add("--json", action="store_true", help="print analysis.json instead of the answer in words")


def execute(experiment: Experiment, arguments: argparse.Namespace) -> int:
    """Conduct an experiment and print what it says; returns the exit code."""
    from ipsc_race_lab.results.folder import STUDY
    from ipsc_race_lab.wording.experiment import text
    from ipsc_race_lab.wording.tables import screen_width

    return asked(experiment, arguments, STUDY, findings, lambda analysis: text(experiment, analysis, screen_width()))


def asked(
    experiment: Experiment,
    arguments: argparse.Namespace,
    kind: str,
    analyse: Analyse,
    words: Callable[[dict[str, Any]], str],
) -> int:
    """Conduct an experiment of some kind and print what its analysis says; returns the exit code."""
    from ipsc_race_lab.execution.conducting import Workplace
    from ipsc_race_lab.progress import say

    folder = arguments.out or Path("results") / experiment.name
    workplace = Workplace(arguments.workers, arguments.scheduler, getattr(arguments, "chunk", None))
    analysis = conducted(experiment, folder, workplace, kind, analyse)
    if analysis is None:
        return INTERRUPTED
    print(json.dumps(analysis, indent=1, ensure_ascii=False) if arguments.json else words(analysis))
    say(f"Results in {folder}")
    return COMPLETE


def conducted(
    experiment: Experiment, folder: Path, workplace: Workplace, kind: str, analyse: Analyse
) -> dict[str, Any] | None:
    """The analysis of an experiment, which is in its folder then, with figures; None where it was interrupted."""
    from ipsc_race_lab.execution.conducting import at_work, experiment_facts
    from ipsc_race_lab.figures.stored import draw
    from ipsc_race_lab.progress import say
    from ipsc_race_lab.results.experiment_folder import experiment_content
    from ipsc_race_lab.results.folder import ANALYSIS, EXPERIMENT

    facts = {"kind": kind, **experiment_facts(experiment)}
    with at_work(experiment, experiment.worlds(), folder, facts) as study, suppress(KeyboardInterrupt):
        if study.race(workplace):
            analysis = analyse(study)
            study.shards.write_json(EXPERIMENT, experiment_content(experiment))
            study.shards.write_json(ANALYSIS, analysis)
            study.facts |= {name: analysis[name] for name in ("failed",) if name in analysis}
            study.complete(study.shards.value_hash())
            draw(folder)
            return analysis
    say(f"Interrupted; what was raced is in {folder}: the same command goes on from there")
    return None


def findings(study: Study[Experiment]) -> dict[str, Any]:
    """What the analysis of an experiment finds."""
    from ipsc_race_lab.analysis import responses

    return responses.findings(study.experiment, study.shards, study.worlds)
