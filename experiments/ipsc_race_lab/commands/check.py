"""`ipsc-race check`: every error in files at once, or a scenario's evidence, an experiment's cost, what is forecast."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved

GOOD, BAD_INPUT = 0, 2  # exit codes
GRADES = "ABCD"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "sources",
        metavar="SOURCE",
        nargs="+",
        help="scenario, experiment, calibration or register of forecasts: a name, or a YAML file",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Load all scenarios and experiments and print what was found; 2 where one of them is wrong."""
    findings = [_finding(source) for source in arguments.sources]
    if arguments.json:
        print(json.dumps(findings, indent=1, ensure_ascii=False))
    else:
        lines = [line for finding in findings for line in _lines(finding)]
        print("\n".join(dict.fromkeys(lines)))  # an error in a file that several extend is said once
    return GOOD if all(finding["ok"] for finding in findings) else BAD_INPUT


def _finding(source: str) -> dict[str, Any]:
    from ipsc_race.loading import ScenarioError
    from ipsc_race.plain_text import plain_text
    from ipsc_race_lab.design.finding import is_calibration, is_experiment
    from ipsc_race_lab.metrics.register_reading import forecast_kind

    kind: str = forecast_kind(source) or "scenario"
    if is_calibration(source):  # it has scenario and over_evidence too
        kind = "calibration"
    elif is_experiment(source):
        kind = "experiment"
    told = plain_text(source)  # a name of a file need not be UTF-8
    try:
        facts = _FACTS[kind](source)
    except ScenarioError as error:
        problems = [{**asdict(it), "text": str(it)} for it in error.problems]
        return {kind: told, "ok": False, "problems": problems}
    return {kind: told, "ok": True, **facts}


def _cost(source: str) -> dict[str, Any]:
    """What an experiment asks for: points, races, time and disk, and what its fixed values depart from."""
    from ipsc_race_lab.commands.options import all_cores
    from ipsc_race_lab.design.finding import load_experiment
    from ipsc_race_lab.design.overriding import notes
    from ipsc_race_lab.execution.cost import cost

    experiment = load_experiment(source)
    noted = [note for scenario in experiment.scenarios.values() for note in notes(scenario, experiment.fixed)]
    return {**asdict(cost(experiment, all_cores())), "notes": list(dict.fromkeys(noted))}


def _evidence(source: str) -> dict[str, Any]:
    """How many parameters a scenario has, how many say where they come from, how good that is, and slow races."""
    from ipsc_race.ensemble import is_compiled
    from ipsc_race.host import PLAIN
    from ipsc_race.loading import load
    from ipsc_race_lab.execution.cost import one_race
    from ipsc_race_lab.metrics.history_reading import histories_of

    resolved: Resolved = load(source)
    histories_of(resolved)
    one = one_race(resolved, seed=1) if PLAIN or is_compiled() else None
    parameters = [origin for path, origin in resolved.origins.items() if origin.unit and "@" not in path]
    grades = Counter(origin.grade for origin in parameters)
    return {
        "parameters": len(parameters),
        "with_evidence": sum(bool(origin.grade or origin.source) for origin in parameters),
        "grades": {grade: grades[grade] for grade in GRADES},
        "race_seconds": one.seconds if one else None,
        "notes": [one.note] if one and one.note else [],
    }


def _forecasts(source: str) -> dict[str, Any]:
    """How many events and counts a register forecasts, and how many still lack a probability."""
    from ipsc_race_lab.metrics.register_reading import find_register, read_register

    register = read_register(*find_register(source))
    lacking = [of for of in register.events.values() if of.probability is None]
    lacking_too = [of for of in register.counts.values() if of.quantiles is None]
    return {
        "events": len(register.events),
        "counts": len(register.counts),
        "is_draft": register.draft,
        "without_probability": len(lacking) + len(lacking_too),
    }


def _came(source: str) -> dict[str, Any]:
    """How many outcomes there are; each is held against the registers beside the file."""
    from pathlib import Path

    from ipsc_race_lab.metrics.register_reading import read_outcomes, registers_beside

    path = Path(source)
    return {"settled": len(read_outcomes(path, source, registers_beside(path)))}


def _doubts(source: str) -> dict[str, Any]:
    """How many numbers a calibration doubts, and how many races it takes."""
    from ipsc_race_lab.design.finding import load_calibration

    asked = load_calibration(source)
    return {"factors": len(asked.factors), "races": asked.races, "whole_races": asked.whole_races}


_FACTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "experiment": _cost,
    "calibration": _doubts,
    "register": _forecasts,
    "outcomes": _came,
    "scenario": _evidence,
}


def _lines(finding: dict[str, Any]) -> list[str]:
    from ipsc_race.plain_text import plain_text

    if not finding["ok"]:
        return [plain_text(problem["text"]) for problem in finding["problems"]]
    if "experiment" in finding:
        return [f"{finding['experiment']}: ok ({_cost_words(finding)})", *map(plain_text, finding["notes"])]
    if "calibration" in finding:
        races = f"{finding['races']:,} races, {finding['whole_races']:,} of them to the horizon"
        return [f"{finding['calibration']}: ok ({finding['factors']:,} numbers in doubt; {races})"]
    if "register" in finding:
        draft = f", a draft, {finding['without_probability']} without probability" * finding["is_draft"]
        return [f"{finding['register']}: ok ({finding['events']} events, {finding['counts']} counts{draft})"]
    if "outcomes" in finding:
        return [f"{finding['outcomes']}: ok ({finding['settled']} settled)"]
    grades = ", ".join(f"{grade} {count}" for grade, count in finding["grades"].items())
    counts = f"{finding['parameters']} parameters, {finding['with_evidence']} with evidence, grades {grades}"
    return [f"{finding['scenario']}: ok ({counts})", *(f"{finding['scenario']}: {it}" for it in finding["notes"])]


def _cost_words(of: dict[str, Any]) -> str:
    """What an experiment costs, and how that is known."""
    from ipsc_race_lab.wording.numbers import bytes_words, duration_words

    races = f"{of['points']:,} points x {of['replications']:,} replications = {of['races']:,} races"
    cores = f"{of['workers']} core{'s' * (of['workers'] > 1)}"
    if of["seconds"] is None:
        spent = "time unknown until `ipsc-race warm` has compiled the rules"
    else:
        spent = f"about {duration_words(of['seconds'])} on {cores}, by {of['timed_races']} races timed now"
    return f"{races}; {spent}; at most {bytes_words(of['most_bytes'])} on disk"
