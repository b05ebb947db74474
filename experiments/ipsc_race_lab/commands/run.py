"""`ipsc-race run`: many races of one world, a result folder, and the answer."""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.commands.options import COMPLETE, INTERRUPTED, all_cores, check_bounds
from ipsc_race_lab.execution.interrupts import Interrupts

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.metrics.questions import Answers
    from ipsc_race_lab.results.run_folder import ResultWriter


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help="name of a shipped scenario, or a YAML file")
    add("--runs", type=int, default=1000, metavar="N", help="number of races (default: %(default)s)")
    add("--seed", type=int, default=1, metavar="S", help="seed of all luck (default: %(default)s)")
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="change one value; repeatable")
    add("--workers", type=int, default=all_cores(), metavar="W", help="races at a time (default: all cores)")
    add(
        "--out",
        type=Path,
        metavar="DIR",
        help="result folder (default: results/<scenario>, with a hash where --set changes it)",
    )
    add("--force", action="store_true", help="replace a result that is there already")
    add("--no-figures", action="store_true", help="draw no figures")
    add("--json", action="store_true", help="print summary.json instead of the answer in words")


def execute(arguments: argparse.Namespace) -> int:
    """Run the races, write the folder, print the answer."""
    resolved, folder = checked(arguments)
    answers, summary, was_interrupted = raced(resolved, folder, arguments)

    from ipsc_race_lab.progress import say
    from ipsc_race_lab.wording import answer

    print(json.dumps(summary, indent=1, ensure_ascii=False) if arguments.json else answer.text(summary))
    if was_interrupted:
        say(f"Interrupted; {len(answers.digests):,} of {arguments.runs:,} races are saved in {folder}")
        return INTERRUPTED
    say(f"Results in {folder}")
    return COMPLETE


def raced(resolved: Resolved, folder: Path, arguments: argparse.Namespace) -> tuple[Answers, dict[str, Any], bool]:
    """Run the races and write the folder: what was kept of them, `summary.json`, and whether it was interrupted.

    Interrupted before the first race was done, it leaves nothing and raises KeyboardInterrupt.
    """
    from ipsc_race import ensemble
    from ipsc_race_lab.metrics import questions
    from ipsc_race_lab.progress import say
    from ipsc_race_lab.results import run_folder as store

    ensemble.warm(say)
    started = time.monotonic()
    answers = questions.Answers(resolved, arguments.seed)
    manifest = _manifest(resolved, arguments)
    with Interrupts() as interrupts, store.ResultWriter(folder, resolved, manifest) as writer:
        _race(resolved, arguments, answers, writer, interrupts)
        done = len(answers.digests)
        if done == 0:
            raise KeyboardInterrupt
        summary = questions.summarise(answers, ensemble.value_hash) | {"title": _title(resolved, arguments.set)}
        writer.save(summary)
        complete = done == arguments.runs
        try:  # the numbers stay, whatever happens to the figures
            if complete and not arguments.no_figures:
                with interrupts.allowed():
                    _draw(resolved, answers, folder, summary["title"])
        finally:
            writer.finalise(
                status="complete" if complete else "interrupted",
                runs_done=done,
                wall_seconds=round(time.monotonic() - started, 3),
                value_hash=summary["value_hash"],
            )
    return answers, summary, interrupts.asked


def checked(arguments: argparse.Namespace) -> tuple[Resolved, Path]:
    """The scenario and the folder to write; all that is wrong with the command at once, before any race."""
    from ipsc_race.loading import ScenarioError, load
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.metrics.history_reading import histories_of
    from ipsc_race_lab.results import run_folder as store

    problems = check_bounds(arguments)
    resolved = None
    try:
        resolved = load(arguments.scenario, tuple(arguments.set))
        histories_of(resolved)
    except ScenarioError as error:
        problems += [str(problem) for problem in error.problems]
    folder = arguments.out or (Path("results") / _default_folder(resolved, arguments.set) if resolved else None)
    if folder:
        problems += store.obstacles(folder, force=arguments.force)
    if problems or not resolved or not folder:
        raise LabError(*problems)
    return resolved, folder


def _default_folder(resolved: Resolved, changes: Sequence[str]) -> str:
    """The name of the scenario; of a changed world with its hash, so that it is not taken for the scenario itself."""
    return f"{resolved.name}-{resolved.hash[:8]}" if changes else resolved.name


def _title(resolved: Resolved, changes: Sequence[str]) -> str:
    """The title of the world, and what was changed in it."""
    return f"{resolved.scenario.title}, with {', '.join(changes)}" if changes else resolved.scenario.title


def _manifest(resolved: Resolved, arguments: argparse.Namespace) -> dict[str, Any]:
    from ipsc_race import host
    from ipsc_race_lab.results import run_folder as store

    return {
        "status": "running",
        "scenario": resolved.name,
        "scenario_hash": resolved.hash,
        "set": arguments.set,
        "seed": arguments.seed,
        "runs": arguments.runs,
        "runs_done": 0,
        "engine": "plain" if host.PLAIN else "compiled",
        "workers": arguments.workers,
        "versions": store.versions(),
        "commit": store.commit(),
        "wall_seconds": None,
        "value_hash": None,
    }


def _race(
    resolved: Resolved,
    arguments: argparse.Namespace,
    answers: Answers,
    writer: ResultWriter,
    interrupts: Interrupts,
) -> None:
    """Run the races into the answers and the folder until done or interrupted; each is kept whole."""
    from ipsc_race import ensemble
    from ipsc_race_lab import progress
    from ipsc_race_lab.errors import LabError

    races = ensemble.run_races(resolved, arguments.runs, arguments.seed, workers=arguments.workers)
    with progress.track(resolved.name, arguments.runs) as advance:
        while not interrupts.asked:
            result = None
            try:
                with interrupts.allowed():
                    result = next(races, None)
            except OverflowError as error:  # a world of more companies than a race can hold
                raise LabError(str(error)) from error
            if result is None:
                break
            answers.add(result)
            writer.add(result)
            advance()


def caption(resolved: Resolved, answers: Answers, title: str) -> str:
    """What stands under every figure of a run."""
    from ipsc_race_lab.results import run_folder as store

    races, version = f"{len(answers.digests):,} races, seed {answers.seed}", store.versions()["ipsc-race"]
    return f"{title}. {races}, scenario {resolved.hash[:8]}, ipsc-race {version}."


def _draw(resolved: Resolved, answers: Answers, folder: Path, title: str) -> None:
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.figures import run as figures
    from ipsc_race_lab.results import run_folder as store

    under = caption(resolved, answers, title)
    try:
        figures.draw_run(folder, resolved, answers.times(), answers.holdings(), under)
    except BaseException as error:
        shutil.rmtree(folder / store.FIGURES, ignore_errors=True)
        if isinstance(error, OSError):
            trouble = f"the figures cannot be written: {store.reason(error)}"
            raise LabError(f"{folder}: the numbers are saved, but {trouble}") from error
        raise
