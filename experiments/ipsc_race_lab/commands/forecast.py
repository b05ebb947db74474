"""`ipsc-race forecast`: the race from today, by the races that look like ours so far; resumes where it was left."""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.commands.options import BOUNDS, COMPLETE, INTERRUPTED, MAX_WORKERS, all_cores, check_bounds

if TYPE_CHECKING:
    from ipsc_race_lab.design.posterior import Posterior
    from ipsc_race_lab.metrics.left import Setting
    from ipsc_race_lab.metrics.register import Register

RACES = 400  # of a scenario


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add(
        "posterior",
        metavar="POSTERIOR",
        nargs="?",
        default="baseline",
        help="name of a shipped posterior, its file, or the folder of a calibration; or `today`, a scenario that "
        "begins with the programmes on record (default: baseline)",
    )
    add("--as-of", metavar="YYYY-MM", help="of the shipped posteriors of this scenario, the one that knows up to then")
    add("--races", type=int, default=RACES, metavar="N", help="races of a scenario (default: %(default)s)")
    add("--seed", type=int, default=1, metavar="S", help="seed of the races of a scenario (default: %(default)s)")
    add("--register", metavar="REGISTER", help="also answer the questions of this register of forecasts")
    add("--workers", type=int, default=all_cores(), metavar="W", help="races at a time (default: all cores)")
    add("--out", type=Path, metavar="DIR", help="result folder (default: results/forecast-<name>); goes on in it")
    add("--json", action="store_true", help="print analysis.json instead of the answer in words")


def execute(arguments: argparse.Namespace) -> int:
    """Race on the races of the posterior, ask what is left, print it."""
    from ipsc_race_lab.analysis.forecast import FLOOR
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.metrics.register_reading import find_register, read_register
    from ipsc_race_lab.progress import say
    from ipsc_race_lab.wording.forecast import text
    from ipsc_race_lab.wording.tables import screen_width

    bounds = {"workers": (1, MAX_WORKERS), "races": BOUNDS["runs"], "seed": BOUNDS["seed"]}
    if problems := check_bounds(arguments, bounds):
        raise LabError(*problems)
    posterior = _asked(arguments)
    if posterior.effective < FLOOR:
        few = f"{posterior.effective:.0f} races in effect; expected {FLOOR} or more"
        raise LabError(f"{posterior.name}: rests on {few}: calibrate with more races")
    register = read_register(*find_register(arguments.register)) if arguments.register else None
    folder = arguments.out or Path("results") / f"forecast-{posterior.name}"
    analysis = forecast(posterior, folder, arguments.workers, register)
    if analysis is None:
        return INTERRUPTED
    print(json.dumps(analysis, indent=1, ensure_ascii=False) if arguments.json else text(analysis, screen_width()))
    say(f"Results in {folder}")
    return COMPLETE


def _asked(arguments: argparse.Namespace) -> Posterior:
    """The posterior, or the races of a scenario with a roster."""
    from ipsc_race.loading import load, scenario_names
    from ipsc_race_lab.design.posterior import of_scenario
    from ipsc_race_lab.design.reading.posterior import find_posterior, posterior_as_of, posterior_names
    from ipsc_race_lab.errors import LabError

    source = arguments.posterior
    if arguments.as_of:
        return posterior_as_of(source, arguments.as_of)
    if source in posterior_names() or source not in scenario_names():
        return find_posterior(source)
    world = load(source)
    if not world.scenario.roster.programmes:
        raise LabError(f"{source}: begins with nobody on record; calibrate it first, or forecast today")
    return of_scenario(world, arguments.races, arguments.seed)


def _unasked(register: Register, setting: Setting, posterior: Posterior) -> list[str]:
    """Why races cannot be asked what a register asks."""
    from ipsc_race_lab.metrics.left import unknown

    if register.as_of != posterior.as_of:
        return [f"{posterior.name}: knows what was known in {posterior.as_of}, the register what in {register.as_of}"]
    said = {name: unknown(of.question, setting) for name, of in register.forecasts.items() if of.question}
    return [f"{name}: {words}" for name, words in said.items() if words]


def forecast(
    posterior: Posterior, folder: Path, workers: int, register: Register | None = None
) -> dict[str, Any] | None:
    """The analysis of a forecast, which is in its folder then, with figures; None where it was interrupted."""
    from ipsc_race.loading import load
    from ipsc_race_lab.analysis.forecast import findings
    from ipsc_race_lab.design.continuation import continuation
    from ipsc_race_lab.design.experiment import anchored
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.execution.conducting import Workplace, at_work
    from ipsc_race_lab.figures.stored import draw
    from ipsc_race_lab.metrics.history_reading import histories_of
    from ipsc_race_lab.metrics.left import Left, Setting, counted
    from ipsc_race_lab.progress import say
    from ipsc_race_lab.results import folder as place

    if load(posterior.scenario, posterior.fixed).hash != posterior.scenario_hash:
        raise LabError(f"{posterior.name}: is of another {posterior.scenario} than this one; calibrate it anew")
    table = continuation(posterior)
    world = anchored(posterior.scenario, posterior.fixed, posterior.paths)
    setting = Setting.of(world, posterior.as_of)
    if register and (problems := _unasked(register, setting, posterior)):
        raise LabError(*problems)
    questions = {name: of.question for name, of in register.events.items() if of.question} if register else {}
    histories = histories_of(world)  # the registry of the last is what trials are counted through
    asked = {name: of for name, of in register.counts.items() if of.question} if register and histories else {}
    counts = {
        name: counted(world, histories[-1], of.by, of.question, posterior.seed)
        for name, of in asked.items()
        if of.question
    }
    left = Left(setting, questions, counts)
    facts = {
        "kind": place.FORECAST,
        "posterior": posterior.name,
        "scenario_hash": posterior.scenario_hash,
        "as_of": posterior.as_of,
        "set": posterior.fixed,
        "seed": posterior.seed,
    }
    with at_work(table, {("",): world}, folder, facts) as study, suppress(KeyboardInterrupt):
        if study.race(Workplace(workers)):
            stands = dict(zip(posterior.runs.tolist(), posterior.counts.tolist(), strict=True))
            for rows in study.shards.read():
                for race in rows.races:
                    left.add(race, stands[race.run])
            analysis = findings(left, posterior, register)
            study.shards.write_json(place.ANALYSIS, analysis)
            study.complete(study.shards.value_hash())
            draw(folder)
            return analysis
    say(f"Interrupted; what was raced is in {folder}: the same command goes on from there")
    return None
