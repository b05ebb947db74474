"""V34: three ways from a record to what is left agree in a world small enough to meet the record exactly.

Rejection is exact and needs no theory: numbers in doubt are drawn, their races raced, and those that meet the record
run on. Weighting is what `calibrate` and `forecast` do, with the same doubts. The roster begins a month after the
record, with the products where the record has them, at the numbers that rejection kept.

The world is one in which a roster can know all that matters: money, patients and doses without limit, nothing learned
from others, sites of a known pace, and neither product could have gone further than it did. What a race decides at the
end of a month is since the next month in a roster. A fact of a history tells nothing of harm, so of the races that meet
the record those without serious harm are asked, in both ways that have such.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race import milestones as m
from ipsc_race.ensemble import Racer
from ipsc_race.loading import load, scenario_folder
from ipsc_race.policy import calendar_month
from ipsc_race.varying import locate
from ipsc_race_lab.analysis import calibration as mathematics
from ipsc_race_lab.analysis.calibrating import calibrate, racers
from ipsc_race_lab.analysis.histories import RACE
from ipsc_race_lab.analysis.posterior import posterior_of
from ipsc_race_lab.design.continuation import continuation
from ipsc_race_lab.design.experiment import anchored
from ipsc_race_lab.design.finding import load_calibration
from ipsc_race_lab.design.posterior import on_unit
from ipsc_race_lab.estimators.weighing import log_density
from ipsc_race_lab.execution.conducting import at_work
from ipsc_race_lab.metrics.left import Left, Setting
from ipsc_race_lab.validation.limits import SEED, Array
from ipsc_race_lab.validation.rung import Check, Rung, standard_errors

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.design.calibration import Calibration

WORLD = scenario_folder() / "limits/three-ways.yaml"
AS_OF, START = "2001-06", "2001-07"
DISEASE = "dopaminergic_neuron"
DOUBTS = (f"indications.{DISEASE}", "evidence")
ERROR_PATIENTS = 2.0  # of the record that is read with an error
BY = calendar_month("2005-12")
WORKERS, SAMPLE = 2, 50_000
REJECTED, ROSTER = 10_000_000, 20_000_000  # first races of the other two ways, so that each has luck of its own
CLAIMS = 9
SHORT, LONG = 6_000, 60_000  # races up to the record, of rejection and of the last wave; one in twenty-five meets it
ROSTER_RACES = 3  # for each that rejection kept
SHOWS_ALL = {lane: {"posting_probability": 1, "delay_months": 0} for lane in ("hospital", "registration")}


def fact(what: str, region: str, recorded: int, error: float = 0.0) -> dict[str, Any]:
    """A fact of the record, exact unless it has an error."""
    told = {"title": f"{what}, {region}", "what": what, "by": AS_OF, "recorded": recorded, "region": region}
    told |= {"cells": "any", "grade": "D", "source": "assumption"}
    return told | ({"discrepancy": {"value": error, "reason": "read with an error"}} if error else {})


def record(error: float) -> dict[str, Any]:
    """In the West a Phase 3 that one is in, begun on a Phase 1 alone; in the East a Phase 2 that is full."""
    facts = {
        "west_trials": fact("trials_posted", "west", 2),
        "west_patients": fact("patients_treated", "west", 12 + 1, error),
        "east_trials": fact("trials_posted", "east", 2),
        "east_patients": fact("patients_treated", "east", 12 + 40),
        "approvals": fact("approvals", "all", 0),
    }
    return {
        "title": "A record",
        "registry": {"default": SHOWS_ALL},
        "facts": facts,
    }


def roster() -> dict[str, Any]:
    """The same two products where they stand, over those whom nobody names yet."""
    programmes = {"west": _programme("us", "phase_3", 20, 1), "east": _programme("eu", "phase_2", 40, 40)}
    developers = {
        name: {"label": name, "draw_key": key, "copies_count": 1, "home": place, "owner": place, "cash_usd_m": 1e6}
        for key, (name, place) in enumerate((("west", "us"), ("east", "eu")), start=1)
    }
    return {
        "extends": str(WORLD),
        "span": {"start_month": START},
        "jurisdictions": {place: {"companies": {"initial_count": 0}} for place in ("us", "eu")},
        "roster": {"knowledge_count": 0, "developers": developers, "programmes": programmes},
    }


def _programme(place: str, stage: str, wanted: int, enrolled: int) -> dict[str, Any]:
    """A product whose Phase 1 of twelve was read, and of which no more is told than that it went on."""
    readout = {"place": place, "stage": "phase_1", "read_month": "2001-04", "enrolled_patients": 12}
    campaign = {"place": place, "stage": stage, "since_month": START, "wanted_patients": wanted}
    return {
        "label": place, "developer": "west" if place == "us" else "east", "draw_key": 1, "indication": DISEASE,
        "cell_source": "reprogrammed", "method": "sendai", "modality": "allogeneic",
        "readouts": {"one": readout | {"observed_effect": 0, "telling_effect_sd": 10}},
        "campaigns": {place: campaign | {"enrolled_patients": enrolled, "partner": "none", "royalty_share": 0}},
    }  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """What races come to by the three questions, one row of each a race, and how often each stands."""

    values: Mapping[str, Array]
    counts: Array

    def mean(self, question: str) -> tuple[float, float]:
        """Mean and its standard error."""
        share = self.counts / self.counts.sum()
        values = self.values[question]
        mean = float(share @ values)
        return mean, float(np.sqrt(share**2 @ (values - mean) ** 2))


def answers(world: Resolved, asked: Calibration, runs: Array, rows: Array, counts: Array) -> tuple[Answers, Array]:
    """Race on, keep the races in which nobody had come to serious harm; which those are."""
    racer = Racer(world, asked.seed, locate(world, asked.paths))
    left, kept = Left(Setting.of(world, AS_OF), {}), []
    for run, row, count in zip(runs.tolist(), rows, counts.tolist(), strict=True):
        race = racer.race(run, row)
        early = race.events["month"] <= left.setting.as_of
        kept.append(not (early & (race.events["milestone"] == m.SERIOUS_HARM)).any())
        if kept[-1]:
            left.add(race, count)
    months, end = left.months(), left.setting.last_month + 1
    west, east = months["approval>west"], months["approval>east"]
    values = {
        "P(a Western product approved by the end of 2005)": west <= BY,
        "P(the next product approved is Western)": west < east,
        "months to the next Phase 3 in the East, within the span": (
            np.minimum(months["phase_3>east"], end) - left.setting.as_of
        ),
    }
    return Answers({name: of.astype(np.float64) for name, of in values.items()}, np.array(left.counts)), np.array(kept)


def rejected(asked: Calibration, world: Resolved, size: int) -> tuple[Answers, Array]:
    """Rejection: numbers drawn from what is believed, races that meet the record; with the numbers of those kept."""
    _, racing, record = racers(asked, world)
    prior = mathematics.drawn(mathematics.Proposal(), len(asked.factors), size, SEED)
    rows, runs = asked.values(on_unit(prior)), REJECTED + np.arange(size)
    told, facts = record.simulated(racing.outcomes(rows, runs)[:, 0]), record.facts
    chance = np.exp(log_density(told, facts.recorded, facts.error_sd))
    met = np.random.default_rng(SEED).uniform(size=size) < chance
    found, kept = answers(world, asked, runs[met], rows[met], np.ones(met.sum()))
    return found, rows[met][kept]


def weighed(asked: Calibration, world: Resolved, folder: Path) -> Answers:
    """What `calibrate` and `forecast` do."""
    with at_work(asked, {("",): world}, folder, {"kind": "calibration"}, blocs=[RACE]) as study:
        of = calibrate(study, WORKERS)
    assert of is not None
    posterior = posterior_of(asked, of)
    points = continuation(posterior).points
    return answers(world, asked, posterior.runs, points.numbers, posterior.counts)[0]


def compare(size: int, *, long: bool) -> Iterator[Check]:
    """All ways, so many races up to the record by rejection and the last wave; `long`: a record with an error too."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        asked, world = _asked(folder, "exact", 0.0, size)
        exact, numbers = rejected(asked, world, size)
        yield from agreeing("weighting", weighed(asked, world, folder / "out-exact"), exact)
        rows = np.repeat(numbers, ROSTER_RACES, axis=0)
        runs = ROSTER + np.arange(len(rows))
        start = load(_written(folder, "roster", roster()))
        yield from agreeing("roster", answers(start, asked, runs, rows, np.ones(len(rows)))[0], exact)
        if long:
            asked, world = _asked(folder, "error", ERROR_PATIENTS, size)
            exact, _ = rejected(asked, world, size)
            read = "weighting, the record read with an error"
            yield from agreeing(read, weighed(asked, world, folder / "out-error"), exact)


def agreeing(way: str, other: Answers, exact: Answers) -> Iterator[Check]:
    """Each question by another way, beside rejection."""
    for question in exact.values:
        (expected, error), (mean, own_error) = exact.mean(question), other.mean(question)
        half = standard_errors(CLAIMS) * math.hypot(error, own_error)
        words = f"± {half:.2g} (3 standard errors)"
        yield Check(f"{question}, by {way}", expected, mean, words, abs(mean - expected) <= half)


def _asked(folder: Path, name: str, error: float, size: int) -> tuple[Calibration, Resolved]:
    """The calibration to a record, and the world that it is of."""
    _written(folder, f"{name}-record", record(error))
    world = _written(folder, f"{name}-world", {"extends": str(WORLD), "histories": [f"{name}-record.yaml"]})
    doubts = {"under": list(DOUBTS), "grades": ["D"], "distribution": "halves"}
    asked = {"title": name, "scenario": world, "as_of": AS_OF, "over_evidence": doubts, "rates": False}
    asked |= {"waves": [size // 4, size], "posterior": SAMPLE, "seed": SEED}
    calibration = load_calibration(_written(folder, name, asked))
    return calibration, anchored(calibration.source, calibration.fixed, calibration.paths)


def _written(folder: Path, name: str, content: Mapping[str, Any]) -> str:
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(content), encoding="utf-8")  # which is YAML
    return str(path)


RUNGS = tuple(
    Rung(
        f"V34{suffix}",
        f"weighting, roster and rejection say the same of what is left{words}",
        "chances and months by weighting and by a roster: those of rejection, which is exact",
        f"3 standard errors; {size:,} races a way, of which one in twenty-five meets the record: {seen} would be seen",
        "rejection is Bayes' rule; of a record with an error: Wilkinson 2013, doi:10.1515/sagmb-2013-0010",
        "three-ways",
        partial(compare, size, long=bool(suffix)),
        is_long=bool(suffix),
    )
    for suffix, words, size, seen in (
        ("", "", SHORT, "16 points of a chance"),
        ("-long", ", closely", LONG, "5 points of a chance"),
    )
)
