"""V27, V30, V31: common random numbers, and the power of evidence against a bar."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from worlds import SEED, first_months, limit, mean_agrees, races

from ipsc_race.loading import Resolved
from ipsc_race.milestones import APPROVED, CONDITIONALLY_APPROVED, FILED, PHASE_3_READ_OUT
from ipsc_race.race import Company, Programme, Race

STAGES = ("phase_1", "phase_2", "phase_3", "review")
chances = st.floats(0.05, 0.95)


@settings(max_examples=15)
@given(rates=st.tuples(chances, chances, chances, chances), raised=st.sampled_from(range(4)), share=st.floats(0, 1))
def test_v27_a_better_chance_keeps_every_approval_and_its_date(
    rates: tuple[float, ...], raised: int, share: float
) -> None:
    """If a lever could undo an approval by reshuffling luck, no difference between worlds would mean anything."""
    paths = [f"jurisdictions.us.exogenous.{stage}.success_probability" for stage in STAGES]
    before = dict(zip(paths, rates, strict=True))
    after = before | {paths[raised]: rates[raised] + share * (1 - rates[raised])}
    worlds = [limit("phase-chain", overrides) for overrides in (before, after)]
    won, then = (first_months(world, races(world, 1)[0], APPROVED) for world in worlds)
    assert (then[np.isfinite(won)] == won[np.isfinite(won)]).all()


@settings(max_examples=10)
@given(low=st.floats(0.5, 0.97), drop=st.floats(0.01, 0.4))
@pytest.mark.parametrize("bar", ["full.bar_probability", "conditional.approval.bar_probability"])
def test_v27_a_lower_bar_keeps_every_approval_and_delays_none(bar: str, low: float, drop: float) -> None:
    """Until the lower bar lets a product file, both worlds read the same evidence; then it is first by a trial.

    This holds for the first approval of either kind of one programme in one place: a conditional approval won on
    less evidence may still be withdrawn. Nothing scarce is shared, and evidence of any grade may win an approval.
    """
    rules = "jurisdictions.us.regulation"
    common = {
        f"{rules}.full.least_patients": 0,
        f"{rules}.conditional.approval.least_patients": 0,
        f"{rules}.conditional.open_switch": "conditional" in bar,
    }
    worlds = [limit("unlimited", common | {f"{rules}.{bar}": asked}) for asked in (low, max(0.0, low - drop))]
    strict, lax = (first_months(world, races(world, 1)[0], APPROVED, CONDITIONALLY_APPROVED) for world in worlds)
    assert (lax <= strict).all()


def life(world: Resolved, home: str) -> list[tuple[int, ...]]:
    """All that happens to companies of a home, and only at home: rows are left out, which count other countries too."""
    row = world.jurisdictions.index(home)
    events = races(world, 1)[0].events
    own = events[events["home"] == row]
    assert (own["jurisdiction"] == row).all(), "the borders are closed"
    fields = ("month", "milestone", "indication", "lane", "reason")
    return [tuple(int(event[field]) for field in fields) for event in own]


CHANGES: dict[str, Any] = {
    "no lane": {"jurisdictions.china.hospital_lane.open_switch": False},
    "twice the foundings": {"jurisdictions.china.companies.founding_per_month": 0.5},
    "lax regulator": {
        "jurisdictions.china.regulation.conditional.approval.bar_probability": 0.5,
        "jurisdictions.china.regulation.conditional.approval.least_patients": 5,
        "jurisdictions.china.regulation.conditional.approval.least_local_patients": 0,
    },
    "nobody at all": {"jurisdictions.china": None, "blocs.china": None},
    "many patients": {"jurisdictions.china.sites.accrual_patients_per_site_month": 5},
}


@pytest.mark.parametrize("change", CHANGES)
def test_v30_a_lever_in_one_country_moves_nothing_in_another_when_borders_are_closed(change: str) -> None:
    """Draws taken in sequence would give every American company other luck because China opened a hospital."""
    before, after = limit("closed-borders"), limit("closed-borders", CHANGES[change])
    if "china" in after.jurisdictions:
        assert life(before, "china") != life(after, "china")
    for home in ("us", "eu", "japan"):
        assert life(before, home) == life(after, home)


def luck(world: Resolved) -> tuple[dict[int, tuple[Any, ...]], dict[int, tuple[Any, ...]]]:
    """What chance gave to each company, and to each programme that was never redesigned, by their identity."""
    race = Race(world, rng=SEED)
    race.run_for(world.ticks)
    companies = {c.id: (c.home, c.founded_month, c.capability, c.strategy) for c in race.agents_by_type[Company]}
    programmes = {
        p.id: (p.home, p.indication, p.harm_probability, p.effect)
        for p in race.agents_by_type[Programme]
        if p.redesigns_count == 0
    }
    return companies, programmes


def test_v30_the_same_molecules_keep_the_same_luck_without_the_hospital_lane() -> None:
    """The third programme of the fifth Chinese company is the same molecule in every scenario."""
    before, after = limit("closed-borders"), limit("closed-borders", CHANGES["no lane"])
    for ours, theirs in zip(luck(before), luck(after), strict=True):
        shared = ours.keys() & theirs.keys()
        assert len(shared) > 200
        assert {entity: ours[entity] for entity in shared} == {entity: theirs[entity] for entity in shared}


@pytest.mark.parametrize("effect", [0.1, 0.3, 0.5])
@pytest.mark.parametrize("bar", [0.8, 0.96])
@pytest.mark.parametrize("credit", [1.0, 0.5])
def test_v31_the_share_approved_is_the_power_of_the_evidence(effect: float, bar: float, credit: float) -> None:
    """Information 12 + 10 + 27.5 of three trials, a prior of 4: the posterior meets the bar at one score s*.

    A credit w for early evidence scales its information by w and the variance of its score by w squared.
    """
    world = limit(
        "known-effect",
        {
            "indications.dopaminergic_neuron.mean_effect": effect,
            "jurisdictions.us.regulation.full.bar_probability": bar,
            "jurisdictions.us.regulation.own_credit.exploratory_share": credit,
        },
    )
    trials = world.scenario.trials
    regulator = world.scenario.jurisdictions["us"].regulation
    designs = (trials.phase_1, trials.phase_2, trials.phase_3)
    read = np.array([trial.enrolled_patients / trial.arms_count**2 for trial in designs])
    weights = np.array([credit, credit, 1.0])
    information = float(weights @ read)
    precision = information + regulator.prior_effect_sd**-2
    least = precision * (world.scenario.evidence.threshold_effect + stats.norm.ppf(bar) / np.sqrt(precision))
    power = stats.norm.cdf((effect * information - least) / np.sqrt(weights**2 @ read))
    results = races(world, 25)
    approved = np.concatenate([np.isfinite(first_months(world, result, APPROVED)) for result in results])
    ended = np.concatenate([np.isfinite(first_months(world, result, PHASE_3_READ_OUT)) for result in results])
    filed = np.concatenate([np.isfinite(first_months(world, result, FILED)) for result in results])
    assert ended.all(), "no developer gives up in this world"
    assert (filed == approved).all(), "what meets the bar is filed, and what is filed is approved"
    mean_agrees(approved, float(power), claims=12)
