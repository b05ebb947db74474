"""Each mechanism, taken out of the same races, moves what it should in the direction it should.

Small numbers of races and direct observables: what it does to the answer is in docs/mechanisms.md, with intervals.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from ipsc_race import milestones as m
from ipsc_race.ensemble import RaceResult
from ipsc_race.loading import load
from ipsc_race.mechanisms import Mechanisms
from ipsc_race_lab.validation.limits import races

RUNS = 12
SWITCHES = tuple(name.removesuffix("_switch") for name in Mechanisms.model_fields)
PLACES = load("baseline").jurisdictions
CHINA, US, JAPAN = (PLACES.index(name) for name in ("china", "us", "japan"))
Measure = Callable[[RaceResult], float]


MORE_RUNS = {"bridging": 60}  # few products go where they still need local patients: 12 races do not tell


@cache
def results(*off: str, runs: int = RUNS) -> list[RaceResult]:
    return races(load("baseline", {f"mechanisms.{name}_switch": False for name in off}), runs)


def count(milestone: int, home: int | None = None, place: int | None = None, reason: int | None = None) -> Measure:
    """Events of a kind, of developers from a home, in a place, for a reason."""

    def measure(result: RaceResult) -> float:
        events = result.events
        asked = events["milestone"] == milestone
        for name, value in (("home", home), ("jurisdiction", place), ("reason", reason)):
            if value is not None:
                asked &= events[name] == value
        return float(asked.sum())

    return measure


def last(name: str, place: int | None = None) -> Measure:
    """Last value of a monthly series, of a place or of all."""
    return lambda result: float(result.monthly[name][-1].sum() if place is None else result.monthly[name][-1, place])


def highest(name: str) -> Measure:
    return lambda result: float(result.monthly[name].max())


def ratio(top: Measure, bottom: Measure) -> Measure:
    return lambda result: top(result) / max(bottom(result), 1.0)


def concentration(result: RaceResult) -> float:
    """Herfindahl index of programmes over indications: 1 where all do the same."""
    started = result.events[result.events["milestone"] == m.PROGRAMME_STARTED]
    shares = np.bincount(started["indication"]) / len(started)
    return float((shares**2).sum())


def first_treated(result: RaceResult) -> float:
    """Month of the first patient."""
    return float(result.events["month"][result.events["milestone"] == m.FIRST_IN_HUMAN].min())


def embryonic(result: RaceResult) -> float:
    """Events of embryonic products."""
    return float((result.events["cell_source"] == m.EMBRYONIC).sum())


def split(result: RaceResult) -> float:
    """How far apart origin and capture of revenue are."""
    last_row = result.monthly[-1]
    apart = np.abs(last_row["revenue_origin_usd_m"] - last_row["revenue_capture_usd_m"]).sum()
    return float(apart / max(last_row["revenue_usd_m"].sum(), 1.0))


MORE, LESS = 1, -1
# What a mechanism does: the measure, the direction with it against without it, and what else is off in both worlds.
EXPECTED: dict[str, list[tuple[Measure, int, tuple[str, ...]]]] = {
    "hospital_discount": [(count(m.PHASE_1_STARTED, CHINA, CHINA), MORE, ("comparability",))],
    "saturation": [(count(m.ACCRUAL_FAILED), MORE, ())],
    "spillover": [(last("knowledge"), MORE, ())],
    "follower_quality": [(count(m.APPROVED), MORE, ())],
    "confirmation": [(count(m.CONFIRMATION_STARTED), MORE, ()), (count(m.WITHDRAWN), MORE, ())],
    "follow_up_floor": [(count(m.APPROVED), LESS, ())],
    "comparability": [(count(m.COMPARABILITY_LOST), MORE, ()), (count(m.COMPARABILITY_LOST, US), 0, ())],
    "bridging": [(ratio(last("approvals"), count(m.PHASE_1_STARTED)), MORE, ())],
    "restrictions": [
        (count(m.LICENSED_OUT, CHINA, US), LESS, ()),
        (count(m.IND_FILED, US, CHINA), LESS, ()),
    ],
    "herding": [(concentration, MORE, ())],
    "rival_failures": [(count(m.PROGRAMME_STOPPED, reason=m.RIVAL_FAILED), MORE, ())],
    "input_prices": [(ratio(last("spent_usd_m"), last("trials_started")), MORE, ("soft_budget",))],
    "soft_budget": [
        (count(m.PROGRAMME_STOPPED, CHINA, reason=m.FUTILITY), LESS, ()),
        (last("public_usd_m", CHINA), MORE, ()),
    ],
    "trust": [(highest("salience"), MORE, ()), (highest("stringency"), MORE, ())],
    "rivalry": [(last("stringency", CHINA), LESS, ()), (last("approvals", CHINA), MORE, ())],
    "manufacturing": [(last("doses_lost"), MORE, ())],
    "release_tests": [(first_treated, MORE, ())],
    "modality": [(ratio(last("spent_usd_m"), last("patients_enrolled")), MORE, ())],
    "research_revenue": [
        (last("earned_usd_m"), MORE, ("market", "licensing")),
        (ratio(count(m.COMPANY_CLOSED), count(m.COMPANY_FOUNDED)), LESS, ()),
    ],
    "licensing": [
        (last("licence_received_usd_m", CHINA), MORE, ()),
        (count(m.PARTNER_LEFT), MORE, ()),
        (split, MORE, ("buyouts",)),
    ],
    "buyouts": [(count(m.BOUGHT_OUT), MORE, ()), (split, MORE, ("licensing",))],
    "market": [(last("treated"), MORE, ()), (last("revenue_usd_m"), MORE, ())],
    "price_ceiling": [(ratio(last("revenue_usd_m", CHINA), last("treated", CHINA)), LESS, ())],
    "translation_trap": [
        (count(m.SETTLED_AT_HOME, CHINA), MORE, ()),
        (count(m.IND_CLEARED, CHINA, CHINA), LESS, ()),
    ],
    "gate_spread": [(count(m.CONDITIONALLY_APPROVED), LESS, ())],
    "dual_track": [(count(m.IND_CLEARED, CHINA, CHINA), MORE, ())],
    "joined_phases": [(count(m.PHASES_JOINED), MORE, ()), (count(m.PHASE_2_READ_OUT), MORE, ())],
    "resubmission": [(count(m.FILED), MORE, ()), (last("approvals"), MORE, ())],
    "accrual_failure": [(count(m.ACCRUAL_FAILED), MORE, ()), (last("patients_enrolled"), LESS, ())],
    "trial_variety": [(ratio(last("patients_enrolled", JAPAN), last("trials_started", JAPAN)), LESS, ())],
    "prescreening": [(count(m.PHASE_1_READ_OUT), MORE, ())],
    "early_abroad": [(count(m.IND_FILED, CHINA, US), MORE, ())],
    "catchment": [(last("patients_enrolled"), LESS, ()), (count(m.PHASE_3_READ_OUT), LESS, ())],
    "sales_outlook": [(count(m.CAMPAIGN_STOPPED, reason=m.NO_MARKET), MORE, ()), (count(m.PHASE_3_STARTED), LESS, ())],
    "state_capital": [(last("private_usd_m", CHINA), LESS, ())],
    "institutions": [
        (count(m.HANDED_OVER), MORE, ()),
        (last("research_usd_m"), MORE, ()),
        (count(m.COMPANY_FOUNDED), MORE, ()),
    ],
    "clinical_methods": [(last("patients_harmed"), LESS, ())],
    "embryonic": [(embryonic, MORE, ()), (first_treated, LESS, ())],
}


def test_every_mechanism_has_a_direction_to_show() -> None:
    assert tuple(EXPECTED) == SWITCHES


@pytest.mark.parametrize("mechanism", SWITCHES)
def test_a_mechanism_moves_what_it_should(mechanism: str) -> None:
    """A switch that did nothing, or the opposite, would make the table of mechanisms a table of noise."""
    for measure, direction, off in EXPECTED[mechanism]:
        runs = MORE_RUNS.get(mechanism, RUNS)
        pairs = zip(results(*off, runs=runs), results(*off, mechanism, runs=runs), strict=True)
        made = [measure(on) - measure(out) for on, out in pairs]
        assert np.sign(np.mean(made)) == direction, made
