"""V26, V33: nothing is made of nothing, and extreme and random worlds end well."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from ipsc_race import milestones as m
from ipsc_race.ensemble import RaceResult
from ipsc_race.loading import Resolved, load
from ipsc_race.policy import calendar_month
from ipsc_race_lab.validation.drawn import PLACES, drawn
from ipsc_race_lab.validation.limits import SEED, Array, races, swept
from ipsc_race_lab.validation.rung import Check, Rung, none

STAGES = ("preclinical", "hospital", "ind", "phase_1", "phase_2", "phase_3", "review", "on_market", "stopped")
SHORT = {"span.end_month": "2034-12"}
RUNS = 3
DRAWN_WORLDS = 6
CUMULATIVE = (
    "private_usd_m", "public_usd_m", "spent_usd_m", "doses_made", "doses_used", "doses_lost", "patients_enrolled",
    "redundant_patients", "patients_harmed", "treated", "treated_origin", "treated_capture", "revenue_usd_m",
    "revenue_origin_usd_m", "revenue_capture_usd_m", "licence_received_usd_m", "licence_paid_usd_m",
    "partner_spent_usd_m", "earned_usd_m", "inflow_patients",
)  # fmt: skip
ANY_APPROVAL = (m.APPROVED, m.CONDITIONALLY_APPROVED)


def faults(world: Resolved, result: RaceResult) -> list[str]:
    """What is wrong with a race in any world: not finite, negative, lost, or made of nothing."""
    monthly, events = result.monthly, result.events
    wrong = [f"{name} is not finite" for name in monthly.dtype.names or () if not np.isfinite(monthly[name]).all()]
    wrong += [
        f"{name} is negative"
        for name in monthly.dtype.names or ()
        if (monthly[name] < (-1 if name == "stringency" else 0)).any()  # a rival's lead relaxes bars
    ]
    started = int((events["milestone"] == m.PROGRAMME_STARTED).sum())
    if sum(monthly[stage][-1].sum() for stage in STAGES) != started:
        wrong.append("a programme was lost")
    wrong += [f"{name} fell" for name in CUMULATIVE if (np.diff(monthly[name], axis=0) < 0).any()]
    first, last = calendar_month(world.scenario.span.start_month), calendar_month(world.scenario.span.end_month)
    if ((events["month"] < first) | (events["month"] > last)).any() or (np.diff(events["month"]) < 0).any():
        wrong.append("something happened out of time")
    return wrong + imbalances(monthly)


def imbalances(monthly: Array) -> list[str]:
    """Which of cash, patients, doses, revenue and licence money does not balance in a month, licences included.

    Seed money, rounds, grants, state rounds and the studies of institutes come in, bills go out. The series of those
    treated tells of reprogrammed products: who else left the pools was treated with embryonic ones, whole patients.
    """
    left = monthly["inflow_patients"] - monthly["patients_enrolled"] - monthly["treated"]
    with_embryonic = np.round(left - monthly["eligible_patients"])
    whole = {name: monthly[name].sum(axis=1) for name in monthly.dtype.names or ()}
    cash = monthly["private_usd_m"] + monthly["public_usd_m"] + monthly["earned_usd_m"] - monthly["spent_usd_m"]
    balances = {
        "cash": _alike(monthly["cash_usd_m"], cash),
        "doses": bool((monthly["doses_used"] <= monthly["doses_made"]).all()),
        "patients": _alike(monthly["eligible_patients"], left - with_embryonic),
        "patients back in a pool": bool((np.diff(with_embryonic, axis=0, prepend=0.0) >= 0).all()),
        "licence money": _alike(whole["licence_received_usd_m"], whole["licence_paid_usd_m"]),
    }
    for view in ("origin", "capture"):
        balances[f"patients by {view}"] = bool((whole[f"treated_{view}"] == whole["treated"]).all())
        balances[f"revenue by {view}"] = _alike(whole[f"revenue_{view}_usd_m"], whole["revenue_usd_m"])
    return [f"{name} does not balance" for name, balanced in balances.items() if not balanced]


def _alike(ours: Array, theirs: Array) -> bool:
    """Equal to rounding."""
    return bool(np.allclose(ours, theirs, rtol=1e-9, atol=1e-6))


def climb_balance() -> Iterator[Check]:
    """V26."""
    wrong = [f"baseline: {fault}" for race in races(load("baseline"), 5) for fault in imbalances(race.monthly)]
    yield none(_listed("imbalances in five races of the baseline", wrong), len(wrong))
    wrong = []
    for seed in range(DRAWN_WORLDS):
        race = races(load("baseline", drawn(seed)), 1, seed=seed)[0]
        wrong += [f"world {seed}: {fault}" for fault in imbalances(race.monthly)]
    yield none(_listed(f"imbalances in {DRAWN_WORLDS} worlds drawn from the evidence", wrong), len(wrong))


def _listed(what: str, wrong: list[str]) -> str:
    return f"{what}: {'; '.join(wrong)}" if wrong else what


def of_budgets(name: str, value: float) -> dict[str, Any]:
    """One number of every public programme of the baseline."""
    places = load("baseline").scenario.jurisdictions
    return {
        f"jurisdictions.{place}.funding.public.{programme}.{name}": value
        for place in PLACES
        for programme in places[place].funding.public
    }


@cache
def forbidding() -> dict[str, tuple[dict[str, Any], tuple[int, ...]]]:
    """Extreme worlds, as overrides, and the milestones that each forbids."""
    scenario = load("baseline").scenario
    no_patients: dict[str, Any] = {}
    for disease in scenario.indications:
        no_patients |= swept(f"patients.{disease}.prevalent_patients", 0)
        no_patients |= swept(f"patients.{disease}.incident_patients_per_month", 0)
    no_money = swept("companies.seed_usd_m", 0) | swept("funding.round_per_month", 0)
    endless = swept("regulation.ind_hold_probability", 1) | swept("regulation.hold_lift_probability", 0)
    certain = swept("regulation.full.bar_probability", 1) | swept("regulation.conditional.open_switch", False)
    return {
        "no patients": (no_patients, (m.FIRST_IN_HUMAN,)),
        "empty pools": (swept("pool_multiplier", 0), (m.FIRST_IN_HUMAN,)),
        "nobody searches": (swept("sites.finding_per_month", 0), (m.PHASE_3_READ_OUT,)),
        "no money": (no_money | of_budgets("budget_usd_m_per_year", 0), (m.FIRST_IN_HUMAN,)),
        "infinite review": (swept("regulation.ind_review_months", 100_000), (m.IND_CLEARED,)),
        "no reviewers": (swept("regulation.approval_capacity_count", 0), ANY_APPROVAL),
        "no sites": (swept("sites.capacity_count", 0), (m.FIRST_IN_HUMAN,)),
        "no doses": (swept("manufacturing.trial_batches_per_month", 0), (m.FIRST_IN_HUMAN,)),
        "endless holds": (endless, (m.IND_CLEARED,)),
        "nobody": (nobody(), (m.PROGRAMME_STARTED,)),
        "certainty asked": (certain, ANY_APPROVAL),
        "every plant fails": (swept("regulation.manufacturing_pass_probability", 0), ANY_APPROVAL),
    }


def institutes(value: Any, field: str = "") -> dict[str, Any]:
    """Every institute of the baseline, or a field of it, set to a value."""
    places = load("baseline").scenario.jurisdictions
    return {
        f"jurisdictions.{place}.institutes.{name}{field}": value
        for place in PLACES
        for name in places[place].institutes
    }


def nobody() -> dict[str, Any]:
    """No developers, ever."""
    return (
        swept("companies.initial_count", 0)
        | swept("companies.founding_per_month", 0)
        | swept("research.founders_per_usd_m", 0)
        | institutes(None)
    )


@cache
def odd() -> dict[str, dict[str, Any]]:
    """Worlds that nobody would build, as overrides."""
    scenario = load("baseline").scenario
    diseases, modalities, methods = tuple(scenario.indications), scenario.modalities, scenario.methods
    at_once: dict[str, Any] = {}
    for clock in ("ind_preparation", "ind_review", "start_up", "filing", "approval_review"):
        at_once |= swept(f"regulation.{clock}_months", 0)
    unused: dict[str, Any] = {}
    for method in methods:
        unused |= swept(f"method_weight.{method}", 0)
    one_disease: dict[str, Any] = {f"indications.{disease}": None for disease in diseases[1:]}
    for disease in diseases[1:]:
        one_disease |= swept(f"patients.{disease}", None)
    publics = {place: scenario.jurisdictions[place].funding.public for place in PLACES}
    return {
        "one company": nobody() | {"jurisdictions.japan.companies.initial_count": 1},
        "an empty jurisdiction": {
            "jurisdictions.us.companies.initial_count": 0,
            "jurisdictions.us.companies.founding_per_month": 0,
        },
        "no bar": swept("regulation.full.bar_probability", 0),
        "everybody is harmed": {f"indications.{disease}.harm_probability": 1 for disease in diseases},
        "no method is used": unused,
        "half-month steps": {"span.step_months": 0.5},
        "no time between stages": at_once,
        "no spread": {"evidence.latent_effect_sd": 0, "science.method_effect_sd": 0},
        "euphoria": swept("funding.success_news_log", 10),
        "no public programmes": {
            f"jurisdictions.{place}.funding.public.{name}": None for place in PLACES for name in publics[place]
        },
        "one jurisdiction alone": {
            **{f"jurisdictions.{place}": None for place in PLACES[1:]},
            **{f"blocs.{bloc}": None for bloc in ("west", "japan")},
        },
        "one indication alone": one_disease,
        "one disease": {f"indications.{disease}.start_weight": 0 for disease in diseases[1:]},
        "no public money": swept("funding.budget_multiplier", 0),
        "public money without end": swept("funding.budget_multiplier", 1e6)
        | swept("research.founders_per_usd_m", 0),  # else more developers are founded than any table holds
        "pools without end": swept("pool_multiplier", 1e6),
        "a catchment for each patient": swept("sites.catchments_count", 1e6),
        "no institutes": institutes(None),
        "institutes without weight": institutes(0, ".research_weight"),
        "all for research": of_budgets("research_share", 1),
        "all for equity": of_budgets("equity_share", 1),
        "all for research, all for equity": of_budgets("research_share", 1) | of_budgets("equity_share", 1),
        "all embryonic": swept("companies.embryonic_share", 1),
        "banks without end": {f"modalities.{name}.batch_doses": 1e6 for name in modalities},
        "crumbs of a batch": {f"modalities.{name}.batch_doses": 0.01 for name in modalities},
        "all look to sales": {"outlook.sales_elasticity": 10},
        "no method is fit for patients": {f"methods.{method}.clinical_switch": False for method in methods},
        "no disease weighs anything": {f"indications.{disease}.start_weight": 0 for disease in diseases},
    }


def climb_extremes() -> Iterator[Check]:
    """V33: a division by zero, a negative pool or a first patient in a world without patients would show here."""
    wrong = []
    for name, (overrides, forbidden) in forbidding().items():
        world = load("baseline", SHORT | overrides)
        for race in races(world, RUNS):
            wrong += [f"{name}: {fault}" for fault in faults(world, race)]
            if np.isin(race.events["milestone"], forbidden).any():
                wrong.append(f"{name}: what it forbids happened")
    yield none(_listed(f"faults in {len(forbidding())} extreme worlds", wrong), len(wrong))
    wrong = []
    for name, overrides in odd().items():
        world = load("baseline", SHORT | overrides)
        wrong += [f"{name}: {fault}" for race in races(world, RUNS) for fault in faults(world, race)]
    yield none(_listed(f"faults in {len(odd())} odd worlds", wrong), len(wrong))
    wrong = []
    for seed in range(DRAWN_WORLDS):
        world = load("baseline", drawn(SEED + seed))
        wrong += [f"world {seed}: {fault}" for race in races(world, 1, seed=seed) for fault in faults(world, race)]
    yield none(_listed(f"faults in {DRAWN_WORLDS} worlds drawn from the evidence", wrong), len(wrong))


RUNGS = (
    Rung(
        "V26",
        "nothing is made of nothing",
        "cash, patients, doses, revenue and licence money balance every month in any world",
        "rounding",
        "conservation",
        "baseline, worlds drawn from its evidence",
        climb_balance,
    ),
    Rung(
        "V33",
        "extreme worlds end well",
        "no crash, no NaN, nothing negative; without patients, no first in human",
        "none",
        "own",
        "baseline with extreme numbers",
        climb_extremes,
    ),
)
