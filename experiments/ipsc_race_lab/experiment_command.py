"""`ipsc-race experiment`: race an experiment, keep its rows, go on where it was left, and say what it answers."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.run import COMPLETE, INTERRUPTED, MOST_WORKERS, Interrupts, all_cores, check_bounds

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.experiment import Experiment
    from ipsc_race_lab.shards import Shards

MOST_SHOWN = 12  # factors of a question in the printed answer


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("experiment", metavar="EXPERIMENT", help="name of a shipped experiment, or a YAML file")
    add("--replications", type=int, metavar="N", help="races of each point (default: what the experiment says)")
    add("--points", type=int, metavar="N", help="points of the design (default: what the experiment says)")
    add("--workers", type=int, default=all_cores(), metavar="W", help="chunks at a time (default: all cores)")
    add("--chunk", type=int, default=32, metavar="ROWS", help="rows raced together (default: %(default)s)")
    add("--out", type=Path, metavar="DIR", help="result folder (default: results/<experiment>); goes on in it")
    add("--json", action="store_true", help="print analysis.json instead of the answer in words")


def execute(arguments: argparse.Namespace) -> int:
    """Race what is missing in the folder, analyse, print."""
    from ipsc_race import ensemble
    from ipsc_race_lab import conduct
    from ipsc_race_lab.progress import say, track
    from ipsc_race_lab.shards import ANALYSIS, Shards, provenance

    experiment = _asked(arguments)
    worlds = experiment.worlds()
    folder = arguments.out or Path("results") / experiment.name
    blocs = list(next(iter(worlds.values())).blocs)
    shards = Shards(folder, experiment.kin, blocs)
    facts = {**_facts(experiment), **provenance()}
    shards.open(facts)
    ensemble.warm(say)
    done = shards.done()
    wanted = len(conduct.point_ids(experiment)) * experiment.replications
    left = sum(len(chunk.runs) for chunk in conduct.missing(experiment, done, 1_000_000))
    if left < wanted:
        say(f"{wanted - left:,} of {wanted:,} races are in {folder} already")
    started = time.monotonic()
    executor = conduct.Threads(conduct.racers(experiment, worlds), arguments.workers)
    with Interrupts() as interrupts, track(experiment.name, max(left, 1)) as advance:

        def keep(rows: Any) -> None:
            shards.write(rows)
            for _ in rows.reasons:
                advance()

        chunks = conduct.missing(experiment, done, arguments.chunk)
        conduct.conduct(chunks, executor, keep, lambda: interrupts.asked)
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
        "seed": experiment.seed,
        "pair": experiment.pair,
    }


def _analysed(
    experiment: Experiment, shards: Shards, worlds: Mapping[tuple[str, ...], Resolved], folder: Path
) -> dict[str, Any]:
    """The analysis of every scenario of the experiment, with its figures; failed rows are counted, and forbid it."""
    from ipsc_race_lab import conduct, designs
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.experiment_figures import draw
    from ipsc_race_lab.responses import analyse, gather, responses
    from ipsc_race_lab.sensitivity import Index
    from ipsc_race_lab.store import FIGURES

    points, ids = designs.design_points(experiment), conduct.point_ids(experiment)
    told: dict[str, Any] = {"experiment": experiment.name, "pair": experiment.pair, "scenarios": {}}
    for scenario in experiment.scenarios:
        mine = [i for i, point in enumerate(points) if point.world[0] == scenario]
        months = min(float(worlds[points[i].world].months) for i in mine)
        respond = partial(responses, blocs=shards.blocs, pair=experiment.pair, horizon_months=months)
        answers, failures = gather(shards.read(), [ids[i] for i in mine], experiment.replications, respond)
        if failures:
            kept = f"the rows are kept in {shards.folder}"
            raise LabError(f"{len(failures):,} races failed, the first because {failures[0]}; {kept}")
        found = analyse(experiment, answers)
        told["scenarios"][scenario] = found
        rows_of = [Index(**row) for row in found["rows"]]
        caption = f"{experiment.title}. {len(mine):,} points, {experiment.replications} races each, "
        draw(folder / FIGURES, experiment, scenario, rows_of, answers, caption + f"seed {experiment.seed}.")
    return told


def text(experiment: Experiment, told: Mapping[str, Any]) -> str:
    """The answer in words: the mean of each answer, and the factors that move it most."""
    one, other = told["pair"]
    lines = [experiment.title, f"{one} against {other}; 95% intervals in brackets"]
    for scenario, found in told["scenarios"].items():
        for question, mean in found["means"].items():
            lines += ["", f"{question} in {scenario}: {_interval(mean)} over the design"]
            rows = [row for row in found["rows"] if row["question"] == question and row["estimate"] is not None]
            kinds = list(dict.fromkeys(row["index"] for row in rows))
            shown = [row for row in rows if row["index"] == _leading(kinds)]
            for row in sorted(shown, key=lambda row: -abs(row["estimate"]))[:MOST_SHOWN]:
                lines.append(f"  {row['factor']:28} {row['index']:10} {_interval(row)}")
            lines += [_box(box["chosen"]) for box in found["boxes"] if box["question"] == question]
    return "\n".join(lines)


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
