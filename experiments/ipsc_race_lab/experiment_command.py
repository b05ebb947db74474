"""`ipsc-race experiment`: race an experiment, keep its rows, go on where it was left, and say what it answers."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.run import COMPLETE, INTERRUPTED, MOST_WORKERS, Interrupts, all_cores, check_bounds

if TYPE_CHECKING:
    from ipsc_race.ensemble import Racer
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.conduct import Executor
    from ipsc_race_lab.experiment import Experiment
    from ipsc_race_lab.shards import Array, Shards

MOST_SHOWN = 12  # factors of a question in the printed answer


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("experiment", metavar="EXPERIMENT", help="name of a shipped experiment, or a YAML file")
    add("--replications", type=int, metavar="N", help="races of each point (default: what the experiment says)")
    add("--points", type=int, metavar="N", help="points of the design (default: what the experiment says)")
    add("--chunk", type=int, metavar="ROWS", help="rows raced together (default: a fifth of a second, at least 32)")
    configure_conduct(parser, "<experiment>")


def configure_conduct(parser: argparse.ArgumentParser, folder: str) -> None:
    """Declare who races, where the result goes and what is printed; `folder` is the name of the default one."""
    add = parser.add_argument
    add("--workers", type=int, default=all_cores(), metavar="W", help="chunks at a time (default: all cores)")
    add("--scheduler", metavar="ADDRESS", help="race on the workers of this dask scheduler, such as tcp://host:8786")
    add("--out", type=Path, metavar="DIR", help=f"result folder (default: results/{folder}); goes on in it")
    add("--json", action="store_true", help="print analysis.json instead of the answer in words")


def execute(arguments: argparse.Namespace) -> int:
    """Race what is missing in the folder, analyse, print."""
    return conducted(_asked(arguments), arguments)


def conducted(experiment: Experiment, arguments: argparse.Namespace) -> int:
    """Conduct an experiment in its folder, analyse, print; returns the exit code."""
    from ipsc_race import ensemble
    from ipsc_race_lab import conduct
    from ipsc_race_lab.progress import say, track
    from ipsc_race_lab.shards import ANALYSIS, Shards, provenance

    worlds = experiment.worlds()
    folder = arguments.out or Path("results") / experiment.name
    blocs = list(next(iter(worlds.values())).blocs)
    shards = Shards(folder, experiment.kin, blocs)
    facts = {**_facts(experiment), **provenance()}
    shards.open(facts)
    ensemble.warm(say)
    done = shards.done()
    wanted = len(experiment.points.ids) * experiment.replications
    left = wanted - conduct.raced(experiment, done)
    if left < wanted:
        say(f"{wanted - left:,} of {wanted:,} races are in {folder} already")
    started = time.monotonic()
    racers = conduct.racers(experiment, worlds)
    chunk_rows = arguments.chunk or conduct.chunk_rows(racers)
    with (
        _executor(arguments, racers) as executor,
        Interrupts(twice_stops=True) as interrupts,
        track(experiment.name, max(left, 1)) as advance,
        suppress(KeyboardInterrupt),  # a second Ctrl-C: rows are kept whole or not at all
    ):

        def keep(rows: Any) -> None:
            shards.write(rows)
            for _ in rows.reasons:
                advance()

        def stop() -> bool:
            return interrupts.asked

        conduct.conduct(conduct.missing(experiment, done, chunk_rows), executor, keep, stop)
    seconds = round(time.monotonic() - started, 3)
    if interrupts.asked:
        say(f"Interrupted; what was raced is in {folder}: the same command goes on from there")
        return INTERRUPTED
    told = _analysed(experiment, shards, worlds, folder)
    shards.write_json(ANALYSIS, told)
    shards.write_manifest({"status": "complete", **facts, "seconds": seconds, "value_hash": shards.value_hash()})
    print(json.dumps(told, indent=1, ensure_ascii=False) if arguments.json else text(experiment, told))
    say(f"Results in {folder}")
    return COMPLETE


def _executor(
    arguments: argparse.Namespace, racers: Mapping[tuple[str, ...], Racer]
) -> AbstractContextManager[Executor]:
    """Threads of this machine, or the workers of a scheduler."""
    if arguments.scheduler:
        from ipsc_race_lab.cluster import Cluster

        return Cluster(arguments.scheduler, racers)
    from ipsc_race_lab import conduct

    return nullcontext(conduct.Threads(racers, arguments.workers))


def _asked(arguments: argparse.Namespace) -> Experiment:
    """The experiment, with more or fewer points and replications if asked for."""
    from ipsc_race_lab.designs import points_refused
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.experiment import load_experiment

    numbers = dict.fromkeys(("replications", "points", "chunk"), (1, 1_000_000))
    problems = check_bounds(arguments, {**numbers, "workers": (1, MOST_WORKERS)})
    if problems:
        raise LabError(*problems)
    experiment = load_experiment(arguments.experiment)
    if arguments.replications is not None:
        experiment = replace(experiment, replications=arguments.replications)
    if arguments.points is not None:
        wrong = points_refused(experiment.design.kind, arguments.points)
        if wrong:
            raise LabError(f"--points {arguments.points}: {wrong}")
        experiment = replace(experiment, design=replace(experiment.design, points=arguments.points))
    return experiment


def _facts(experiment: Experiment) -> dict[str, Any]:
    """What the manifest says of the experiment."""
    from ipsc_race_lab import designs

    return {
        "experiment": experiment.name,
        "experiment_hash": experiment.hash,
        "scenario_hashes": dict(zip(experiment.scenarios, experiment.scenario_hashes, strict=True)),
        "factors": [factor.name for factor in experiment.factors],
        "points": designs.size(experiment.design, experiment.factors),
        "replications": experiment.replications,
        "set": experiment.fixed,
        "seed": experiment.seed,
        "pair": experiment.pair,
    }


def _analysed(
    experiment: Experiment, shards: Shards, worlds: Mapping[tuple[str, ...], Resolved], folder: Path
) -> dict[str, Any]:
    """The analysis of every scenario and their comparison, with figures; failed rows are counted, and forbid it."""
    from ipsc_race_lab import comparison_figures, designs, experiment_figures
    from ipsc_race_lab.responses import analyse, comparison, standing_for
    from ipsc_race_lab.store import FIGURES

    answers = gathered(experiment, shards, worlds)
    points = designs.size(experiment.design, experiment.factors)
    design = f"{points:,} points, {experiment.replications:,} races each" if experiment.factors else _races(experiment)
    caption = f"{experiment.title}. {design}, seed {experiment.seed}."
    found = {scenario: analyse(experiment, answers[scenario], scenario) for scenario in experiment.scenarios}
    told: dict[str, Any] = {"experiment": experiment.name, "pair": experiment.pair, "scenarios": found}
    if len(found) > 1:
        told["comparison"] = comparison(standing_for(experiment, answers))
    del answers  # what is drawn is few numbers
    for scenario, told_of in found.items():
        experiment_figures.draw(folder / FIGURES, experiment, scenario, told_of, caption)
    if "comparison" in told:
        comparison_figures.draw(folder / FIGURES, told, caption)
    return told


def gathered(
    experiment: Experiment, shards: Shards, worlds: Mapping[tuple[str, ...], Resolved]
) -> dict[str, dict[str, Array]]:
    """The answers of each scenario by question, shape (points, replications), within its shortest span."""
    import numpy as np

    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.responses import gather, responses

    points = experiment.points
    horizons = {
        scenario: min(float(world.months) for key, world in worlds.items() if key[0] == scenario)
        for scenario in experiment.scenarios
    }

    def respond(outcomes: Array, horizons_months: Array) -> dict[str, Array]:
        return responses(outcomes, shards.blocs, experiment.pair, horizons_months)

    months = [horizons[points.worlds[number][0]] for number in points.world_of]
    answers, failures = gather(shards.read(), points.ids, months, experiment.replications, respond)
    if failures:
        kept = f"the rows are kept in {shards.folder}"
        raise LabError(f"{len(failures):,} races failed, the first because {failures[0]}; {kept}")
    parts = {question: np.split(table, len(horizons)) for question, table in answers.items()}  # scenario by scenario
    return {scenario: {question: of[i] for question, of in parts.items()} for i, scenario in enumerate(horizons)}


def _races(experiment: Experiment) -> str:
    """How many races there are of each world, in words."""
    count = experiment.replications
    return f"{count:,} race{'' if count == 1 else 's'} of each world"


def text(experiment: Experiment, told: Mapping[str, Any]) -> str:
    """The answer in words: how scenarios differ, the mean of each answer, and the factors that move it most."""
    from ipsc_race_lab.compare import comparison_lines
    from ipsc_race_lab.dose_response import DOSE_RESPONSE

    one, other = told["pair"]
    races = "" if experiment.factors else f"{_races(experiment)}, seed {experiment.seed}; "
    lines = [experiment.title, f"{one} against {other}; {races}95% intervals in brackets"]
    if "comparison" in told:
        lines += comparison_lines(told)
    if experiment.analysis is not None and experiment.analysis.kind == DOSE_RESPONSE:
        return "\n".join([*lines, *_doses(told)])
    for scenario, found in told["scenarios"].items() if experiment.factors else ():
        for question, mean in found["means"].items():
            lines += ["", f"{question} in {scenario}: {_interval(mean)} over the design"]
            rows = [row for row in found["rows"] if row["question"] == question and row["estimate"] is not None]
            kinds = list(dict.fromkeys(row["index"] for row in rows))
            shown = [row for row in rows if row["index"] == _leading(kinds)]
            ratios = {row["factor"]: row["estimate"] for row in rows if row["index"] == "variance_ratio"}
            for row in sorted(shown, key=lambda row: -abs(row["estimate"]))[:MOST_SHOWN]:
                ratio = f"  variance ratio {ratios[row['factor']]:.1f}" if row["factor"] in ratios else ""
                lines.append(f"  {row['factor']:28} {row['index']:10} {_interval(row)}{ratio}")
            lines += [_box(box["chosen"]) for box in found["boxes"] if box["question"] == question]
    return "\n".join(lines)


def _doses(told: Mapping[str, Any]) -> list[str]:
    """A dose response in words: for each scenario and question a table of its factors."""
    from ipsc_race_lab import dose_response, dose_shape
    from ipsc_race_lab.responses import TITLES

    said = ["* where 0 lies outside the interval; that of a largest step does not know that it was chosen among many."]
    for scenario, found in told["scenarios"].items():
        for question, mean in found["means"].items():
            rows = [row for row in found["rows"] if row["question"] == question]
            of = {"question": question, "mean": mean, "rows": rows, "factors": found["factors"]}
            said += ["", *dose_response.lines(of, f"{TITLES[question].removesuffix(' (months)')} in {scenario}")]
            said += dose_shape.lines(of)
    return said


def _box(box: Mapping[str, Any]) -> str:
    """A box of a discovery in words."""
    where = ", ".join(box["limits"]) or "anywhere"
    return f"  {box['coverage']:.0%} of the points where it leads lie in a box of density {box['density']:.2f}: {where}"


def _leading(kinds: list[str]) -> str | None:
    """The index that orders factors: the total where there is one."""
    for kind in ("total", "mu_star"):
        if kind in kinds:
            return kind
    return kinds[0] if kinds else None


def _interval(numbers: Mapping[str, float | None]) -> str:
    if numbers["estimate"] is None:
        return "unknown"
    if numbers["low"] is None:
        return f"{numbers['estimate']:+.3f} (no interval)"
    return f"{numbers['estimate']:+.3f} ({numbers['low']:+.3f} to {numbers['high']:+.3f})"
