"""`ipsc-race run`: many races of one world, kept whole in a result folder, and the answer."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.commands.options import COMPLETE, INTERRUPTED, all_cores, check_bounds, folder_name, tell_overrides

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.design.experiment import Experiment
    from ipsc_race_lab.execution.conducting import Study
    from ipsc_race_lab.metrics.questions import Answers
    from ipsc_race_lab.results.shards import Rows


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help="name of a shipped scenario, or a YAML file")
    add("--runs", type=int, default=1000, metavar="N", help="number of races (default: %(default)s)")
    add("--seed", type=int, default=1, metavar="S", help="seed of all random numbers (default: %(default)s)")
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="change one value; repeatable")
    add("--workers", type=int, default=all_cores(), metavar="W", help="chunks at a time (default: all cores)")
    add("--scheduler", metavar="ADDRESS", help="race on the workers of this dask scheduler, such as tcp://host:8786")
    add(
        "--out",
        type=Path,
        metavar="DIR",
        help="result folder (default: results/<scenario>, with a hash where --set changes it); goes on in it",
    )
    add("--force", action="store_true", help="replace a result that is there already")
    add("--no-figures", action="store_true", help="draw no figures")
    add("--full", action="store_true", help="print every number after the first screen of the answer")
    add("--json", action="store_true", help="print summary.json instead of the answer in words")


def execute(arguments: argparse.Namespace) -> int:
    """Race what is missing in the folder, write what readers want of it, print the answer."""
    resolved, folder = checked(arguments)
    tell_overrides([arguments.scenario], arguments.set)
    study, summary = raced(resolved, folder, arguments)

    from ipsc_race_lab.progress import say
    from ipsc_race_lab.wording.answer import text
    from ipsc_race_lab.wording.tables import screen_width

    if summary:
        words = text(summary, arguments.full, screen_width())
        print(json.dumps(summary, indent=1, ensure_ascii=False) if arguments.json else words)
    if study.interrupts.asked:
        saved = f"{len(study.shards.done()):,} of {arguments.runs:,} races are saved in {folder}"
        say(f"Interrupted; {saved}{'' if study.is_complete else ': the same command goes on from there'}")
        return INTERRUPTED
    say(f"Results in {folder}")
    return COMPLETE


def raced(
    resolved: Resolved, folder: Path, arguments: argparse.Namespace
) -> tuple[Study[Experiment], dict[str, Any] | None]:
    """Race what is missing in the folder and write what readers want of it; the summary, if a race was done."""
    from ipsc_race_lab.execution.conducting import Worlds, at_work
    from ipsc_race_lab.figures.stored import draw_run
    from ipsc_race_lab.metrics.questions import Answers
    from ipsc_race_lab.results.run_folder import StoredRun

    experiment, facts = _experiment(resolved, arguments), _facts(resolved, arguments)
    answers, summary = Answers(resolved, arguments.seed), None
    worlds: Worlds = {(resolved.name,): resolved}
    with at_work(experiment, worlds, folder, facts, force=arguments.force) as study, suppress(KeyboardInterrupt):
        whole = _race(study, arguments, answers)
        summary = _summed_up(study, answers)
        if whole:
            study.complete(summary["value_hash"])
            if not arguments.no_figures:
                draw_run(StoredRun(folder, resolved, answers, study.facts))
    return study, summary


def checked(arguments: argparse.Namespace) -> tuple[Resolved, Path]:
    """The scenario and the folder to write; all that is wrong with the command at once, before any race."""
    from ipsc_race.loading import ScenarioError, load
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.metrics.history_reading import histories_of
    from ipsc_race_lab.results.folder import obstacles

    problems = check_bounds(arguments)
    resolved = None
    try:
        resolved = load(arguments.scenario, tuple(arguments.set))
        histories_of(resolved)
    except ScenarioError as error:
        problems += [str(problem) for problem in error.problems]
    folder = arguments.out or (Path("results") / folder_name(resolved, arguments.set) if resolved else None)
    if folder:
        problems += obstacles(folder)
    if problems or not resolved or not folder:
        raise LabError(*problems)
    return resolved, folder


def _experiment(resolved: Resolved, arguments: argparse.Namespace) -> Experiment:
    """The experiment of one point that keeps its races."""
    from ipsc_race_lab.design.designs import Design
    from ipsc_race_lab.design.experiment import Experiment

    blocs = list(resolved.blocs)
    return Experiment(
        resolved.name, _title(resolved, arguments.set), "", {resolved.name: arguments.scenario}, (resolved.hash,), {},
        (), Design("factorial"), arguments.runs, arguments.seed, (blocs[0], blocs[-1]), None, keeps_races=True,
    )  # fmt: skip


def _title(resolved: Resolved, changes: Sequence[str]) -> str:
    """The title of the world, and what was changed in it."""
    return f"{resolved.scenario.title}, with {', '.join(changes)}" if changes else resolved.scenario.title


def _facts(resolved: Resolved, arguments: argparse.Namespace) -> dict[str, Any]:
    """What the manifest says."""
    from ipsc_race import host
    from ipsc_race_lab.results.folder import RUN

    return {
        "kind": RUN,
        "title": _title(resolved, arguments.set),
        "scenario": resolved.name,
        "scenario_hash": resolved.hash,
        "set": arguments.set,
        "seed": arguments.seed,
        "runs": arguments.runs,
        "runs_done": 0,
        "engine": "plain" if host.PLAIN else "compiled",
        "workers": arguments.workers,
    }


def _race(study: Study[Experiment], arguments: argparse.Namespace, answers: Answers) -> bool:
    """Run the races that are missing; all that are there, in order, go into the answers and the files for readers.

    Returns whether it went to the end.
    """
    from ipsc_race_lab.execution.conducting import Workplace
    from ipsc_race_lab.results.folder import SCENARIO
    from ipsc_race_lab.results.run_folder import InOrder, RunWriter, scenario_content

    study.shards.write_json(SCENARIO, scenario_content(answers.resolved))
    races = InOrder(study.shards, arguments.runs)
    with RunWriter(study.shards.folder, answers.resolved) as writer:

        def take() -> None:
            for race in races.take():
                answers.add(race)
                writer.add(race)

        def keep(rows: Rows) -> None:
            races.keep(rows)
            take()

        take()
        whole = study.race(Workplace(arguments.workers, arguments.scheduler), keep)
        if answers.digests:
            writer.save()
    study.facts["runs_done"] = races.taken
    if races.failures:
        study.facts["failed"] = {"races": len(races.failures), "first": races.failures[0]}
    return whole


def _summed_up(study: Study[Experiment], answers: Answers) -> dict[str, Any]:
    """The summary, which is in the folder then. Raises LabError where all races failed."""
    from ipsc_race import ensemble
    from ipsc_race_lab.analysis.doubts import doubts
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.metrics.questions import summarise
    from ipsc_race_lab.results.folder import SUMMARY

    failed = study.facts.get("failed")
    if not answers.digests and failed:
        raise LabError(f"all {failed['races']:,} races failed, the first because {failed['first']}")
    if not answers.digests:
        raise KeyboardInterrupt
    summary = summarise(answers, ensemble.value_hash) | {"title": study.facts["title"]}
    summary |= {"failed": failed} if failed else {}
    if left_open := doubts(answers.resolved):
        summary["doubts"] = left_open
    study.shards.write_json(SUMMARY, summary)
    return summary
