"""V33: extreme and random worlds end well."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import Array, races

from ipsc_race.ensemble import RaceResult
from ipsc_race.loading import Resolved, load
from ipsc_race.milestones import (
    APPROVED,
    CONDITIONALLY_APPROVED,
    FIRST_IN_HUMAN,
    IND_CLEARED,
    PHASE_3_READ_OUT,
    PROGRAMME_STARTED,
)
from ipsc_race.policy import calendar_month
from ipsc_race_lab.validation.drawn import PLACES, drawn

DISEASES = tuple(load("baseline").indications)
STAGES = ("preclinical", "hospital", "ind", "phase_1", "phase_2", "phase_3", "review", "on_market", "stopped")
SHORT = {"span.end_month": "2034-12"}
CUMULATIVE = (
    "private_usd_m", "public_usd_m", "spent_usd_m", "doses_made", "doses_used", "doses_lost", "patients_enrolled",
    "redundant_patients", "patients_harmed", "treated", "treated_origin", "treated_capture", "revenue_usd_m",
    "revenue_origin_usd_m", "revenue_capture_usd_m", "licence_received_usd_m", "licence_paid_usd_m",
    "partner_spent_usd_m", "earned_usd_m", "inflow_patients",
)  # fmt: skip


def everywhere(path: str, value: Any) -> dict[str, Any]:
    return {f"jurisdictions.{place}.{path}": value for place in PLACES}


def sane(world: Resolved, result: RaceResult) -> None:
    """What holds in any world: finite, not negative, nothing lost, nothing made of nothing."""
    monthly, events = result.monthly, result.events
    for name in monthly.dtype.names or ():
        assert np.isfinite(monthly[name]).all(), name
        assert (monthly[name] >= (-1 if name == "stringency" else 0)).all(), name  # a rival's lead relaxes bars
    started = sum((events["milestone"] == PROGRAMME_STARTED).astype(int))
    assert sum(monthly[stage][-1].sum() for stage in STAGES) == started, "a programme was lost"
    for name in CUMULATIVE:
        assert (np.diff(monthly[name], axis=0) >= 0).all(), name
    balanced(monthly)
    first, last = calendar_month(world.scenario.span.start_month), calendar_month(world.scenario.span.end_month)
    assert ((events["month"] >= first) & (events["month"] <= last)).all()
    assert (np.diff(events["month"]) >= 0).all()


def balanced(monthly: Array) -> None:
    """V26: cash, patients, doses and revenue balance every month, licences included.

    Seed money, rounds, grants, state rounds and the studies of institutes come in, bills go out. The series of those
    treated tells of reprogrammed products: who else left the pools was treated with embryonic ones, whole patients.
    """
    cash = monthly["private_usd_m"] + monthly["public_usd_m"] + monthly["earned_usd_m"] - monthly["spent_usd_m"]
    assert monthly["cash_usd_m"] == pytest.approx(cash, rel=1e-9, abs=1e-6)
    assert (monthly["doses_used"] <= monthly["doses_made"]).all()
    left = monthly["inflow_patients"] - monthly["patients_enrolled"] - monthly["treated"]
    with_embryonic = np.round(left - monthly["eligible_patients"])
    assert monthly["eligible_patients"] == pytest.approx(left - with_embryonic, rel=1e-9, abs=1e-6)
    assert (np.diff(with_embryonic, axis=0, prepend=0.0) >= 0).all(), "patients came back to a pool"
    whole = {name: monthly[name].sum(axis=1) for name in monthly.dtype.names or ()}
    for view in ("origin", "capture"):
        assert (whole[f"treated_{view}"] == whole["treated"]).all()
        assert whole[f"revenue_{view}_usd_m"] == pytest.approx(whole["revenue_usd_m"], rel=1e-9, abs=1e-9)
    assert whole["licence_received_usd_m"] == pytest.approx(whole["licence_paid_usd_m"], rel=1e-9, abs=1e-9)


def reached(result: RaceResult, *milestones: int) -> int:
    return int(np.isin(result.events["milestone"], milestones).sum())


NO_PATIENTS: dict[str, Any] = {}
for disease in DISEASES:
    NO_PATIENTS |= everywhere(f"patients.{disease}.prevalent_patients", 0)
    NO_PATIENTS |= everywhere(f"patients.{disease}.incident_patients_per_month", 0)
NO_MONEY = (
    everywhere("companies.seed_usd_m", 0)
    | everywhere("funding.round_per_month", 0)
    | {
        f"jurisdictions.{place}.funding.public.{name}.budget_usd_m_per_year": 0
        for place in PLACES
        for name in load("baseline").scenario.jurisdictions[place].funding.public
    }
)
NO_INSTITUTES = {
    f"jurisdictions.{place}.institutes.{name}": None
    for place in PLACES
    for name in load("baseline").scenario.jurisdictions[place].institutes
}
NOBODY = (
    everywhere("companies.initial_count", 0)
    | everywhere("companies.founding_per_month", 0)
    | everywhere("research.founders_per_usd_m", 0)
    | NO_INSTITUTES
)
NO_CONDITION = everywhere("regulation.conditional.open_switch", False)
ANY_APPROVAL = (APPROVED, CONDITIONALLY_APPROVED)


def of_budgets(name: str, value: float) -> dict[str, Any]:
    """One number of every public programme."""
    return {
        f"jurisdictions.{place}.funding.public.{programme}.{name}": value
        for place in PLACES
        for programme in load("baseline").scenario.jurisdictions[place].funding.public
    }


NEVER: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "no patients": (NO_PATIENTS, (FIRST_IN_HUMAN,)),
    "empty pools": (everywhere("pool_multiplier", 0), (FIRST_IN_HUMAN,)),
    "nobody searches": (everywhere("sites.finding_per_month", 0), (PHASE_3_READ_OUT,)),
    "no money": (NO_MONEY, (FIRST_IN_HUMAN,)),
    "infinite review": (everywhere("regulation.ind_review_months", 100_000), (IND_CLEARED,)),
    "no reviewers": (everywhere("regulation.approval_capacity_count", 0), ANY_APPROVAL),
    "no sites": (everywhere("sites.capacity_count", 0), (FIRST_IN_HUMAN,)),
    "no doses": (everywhere("manufacturing.trial_batches_per_month", 0), (FIRST_IN_HUMAN,)),
    "endless holds": (
        everywhere("regulation.ind_hold_probability", 1) | everywhere("regulation.hold_lift_probability", 0),
        (IND_CLEARED,),
    ),
    "nobody": (NOBODY, (PROGRAMME_STARTED,)),
    "certainty asked": (everywhere("regulation.full.bar_probability", 1) | NO_CONDITION, ANY_APPROVAL),
    "every plant fails": (everywhere("regulation.manufacturing_pass_probability", 0), ANY_APPROVAL),
}


@pytest.mark.parametrize("case", NEVER)
def test_v33_what_an_extreme_world_forbids_never_happens(case: str) -> None:
    """A division by zero, a negative pool or a first patient in a world without patients would show here."""
    overrides, forbidden = NEVER[case]
    world = load("baseline", SHORT | overrides)
    for result in races(world, 3):
        sane(world, result)
        assert reached(result, *forbidden) == 0


ODD: dict[str, dict[str, Any]] = {
    "one company": NOBODY | {"jurisdictions.japan.companies.initial_count": 1},
    "an empty jurisdiction": {
        "jurisdictions.us.companies.initial_count": 0,
        "jurisdictions.us.companies.founding_per_month": 0,
    },
    "no bar": everywhere("regulation.full.bar_probability", 0),
    "everybody is harmed": {f"indications.{disease}.harm_probability": 1 for disease in DISEASES},
    "no method is used": {
        f"jurisdictions.{place}.method_weight.{method}": 0
        for place in PLACES
        for method in load("baseline").scenario.methods
    },
    "half-month steps": {"span.step_months": 0.5},
    "no time between stages": everywhere("regulation.ind_preparation_months", 0)
    | everywhere("regulation.ind_review_months", 0)
    | everywhere("regulation.start_up_months", 0)
    | everywhere("regulation.filing_months", 0)
    | everywhere("regulation.approval_review_months", 0),
    "no spread": {"evidence.latent_effect_sd": 0, "science.method_effect_sd": 0},
    "euphoria": everywhere("funding.success_news_log", 10),
    "no public programmes": {
        f"jurisdictions.{place}.funding.public.{name}": None
        for place in PLACES
        for name in load("baseline").scenario.jurisdictions[place].funding.public
    },
    "one jurisdiction alone": {
        **{f"jurisdictions.{place}": None for place in PLACES[1:]},
        **{f"blocs.{bloc}": None for bloc in ("west", "japan")},
    },
    "one indication alone": {
        **{f"indications.{disease}": None for disease in DISEASES[1:]},
        **{f"jurisdictions.{place}.patients.{disease}": None for place in PLACES for disease in DISEASES[1:]},
    },
    "one disease": {f"indications.{disease}.start_weight": 0 for disease in DISEASES[1:]},
    "no public money": everywhere("funding.budget_multiplier", 0),
    "public money without end": everywhere("funding.budget_multiplier", 1e6)
    | everywhere("research.founders_per_usd_m", 0),  # else more developers are founded than any table holds
    "pools without end": everywhere("pool_multiplier", 1e6),
    "a catchment for each patient": everywhere("sites.catchments_count", 1e6),
    "no institutes": NO_INSTITUTES,
    "institutes without weight": {f"{path}.research_weight": 0 for path in NO_INSTITUTES},
    "all for research": of_budgets("research_share", 1),
    "all for equity": of_budgets("equity_share", 1),
    "all for research, all for equity": of_budgets("research_share", 1) | of_budgets("equity_share", 1),
    "all embryonic": everywhere("companies.embryonic_share", 1),
    "banks without end": {f"modalities.{name}.batch_doses": 1e6 for name in load("baseline").scenario.modalities},
    "crumbs of a batch": {f"modalities.{name}.batch_doses": 0.01 for name in load("baseline").scenario.modalities},
    "all look to sales": {"outlook.sales_elasticity": 10},
    "no method is fit for patients": {
        f"methods.{method}.clinical_switch": False for method in load("baseline").scenario.methods
    },
    "no disease weighs anything": {f"indications.{disease}.start_weight": 0 for disease in DISEASES},
}


@pytest.mark.parametrize("case", ODD)
def test_v33_odd_worlds_end_well(case: str) -> None:
    world = load("baseline", SHORT | ODD[case])
    for result in races(world, 3):
        sane(world, result)


@settings(max_examples=12)
@given(st.integers(0, 2**32))
def test_v33_any_world_within_the_evidence_ends_well(seed: int) -> None:
    """What the evidence allows, the model must bear: never a crash, never a negative, never a lost programme."""
    world = load("baseline", drawn(seed))
    for result in races(world, 1, seed=seed):
        sane(world, result)
