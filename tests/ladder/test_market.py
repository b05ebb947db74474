"""V20, V21, V22, V23: order of entry, quality, adoption and learning, in a market and nothing else."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from worlds import SEED, limit, races

from ipsc_race.economics import share_weight
from ipsc_race.loading import load
from ipsc_race.race import Programme, Race

MARKET = load("baseline").scenario.market


def test_v20_the_first_of_3_76_entrants_has_six_points_over_its_fair_share() -> None:
    """An order of entry that paid more, or less, would make or unmake the advantage of speed by assumption."""

    def advantage(entrants: int) -> float:
        weights = [share_weight(float(k), 0.0, MARKET.order_elasticity, 0.0) for k in range(1, entrants + 1)]
        return weights[0] / sum(weights) - 1 / entrants

    assert 0.24 * advantage(3) + 0.76 * advantage(4) == pytest.approx(0.06, abs=0.001)


def test_v21_the_ranks_of_order_and_quality_are_those_observed() -> None:
    """First and best 100, first and second-best 92, second and best 88, third and best 50, first and third-best 40.

    Gaps of quality of 0.09 (a quarter of the spread of effects); only the ranks are held, as the sources differ.
    """
    observed = {(1, 1): 100, (1, 2): 92, (2, 1): 88, (3, 1): 50, (1, 3): 40, (4, 4): 2}
    weights = {
        (order, rank): share_weight(float(order), -0.09 * (rank - 1), MARKET.order_elasticity, MARKET.quality_log_share)
        for order, rank in observed
    }
    assert sorted(weights, key=weights.__getitem__) == sorted(observed, key=observed.__getitem__)


def test_v20_products_sold_side_by_side_share_by_order_of_entry() -> None:
    """Through the rules: a lead counts by its length, and patients divide as order^-elasticity."""
    world = limit(
        "market",
        {
            "jurisdictions.us.companies.initial_count": 5,
            "jurisdictions.us.exogenous.durations": "exponential",
            "jurisdictions.us.exogenous.preclinical.duration_months": 60,
        },
    )
    race = Race(world, rng=SEED)
    race.run_for(200)
    programmes = [p for p in race.agents_by_type[Programme] if p.campaigns[0].market_months > 0]
    assert len(programmes) >= 4
    before = [p.campaigns[0].sold_patients for p in programmes]
    race.run_for(6)
    orders = [p.campaigns[0].entry_order for p in programmes]
    treated = np.array([p.campaigns[0].sold_patients for p in programmes]) - before
    assert min(orders) == 1.0
    assert max(orders) > 2.5
    by_entry = sorted(programmes, key=lambda p: -p.campaigns[0].market_months)
    assert all(a.campaigns[0].entry_order < b.campaigns[0].entry_order for a, b in pairwise(by_entry))
    weights = np.array(orders) ** -MARKET.order_elasticity
    assert treated / treated.sum() == pytest.approx(weights / weights.sum(), abs=0.002)


def treated_by_month(overrides: dict[str, Any] | None = None) -> Any:
    world = limit("market", overrides or {})
    return races(world, 1)[0].monthly[:, 0]


def test_v22_adoption_peaks_at_6_19_years_with_46_percent_adopted() -> None:
    """Bass with p = 0.03 and q = 0.38 a year: ln(q / p) / (p + q) = 6.19 years, F = (q - p) / 2q = 0.461."""
    treated = treated_by_month()["treated"].astype(float)
    monthly = np.diff(treated, prepend=0.0)
    launch = int(np.argmax(monthly > 0))
    peak = int(np.argmax(monthly)) - launch + 0.5  # middle of the month
    assert peak / 12 == pytest.approx(6.19, abs=1 / 12)
    assert np.interp(12 * 6.19, np.arange(len(treated)) - launch + 1, treated) / 1e6 == pytest.approx(0.461, abs=0.001)
    assert treated[-1] == pytest.approx(1e6, rel=0.01)


def test_v22_steps_of_any_length_adopt_alike() -> None:
    """A discretised Bass model would sell more or less with the length of a step."""
    whole, halves = (treated_by_month({"span.step_months": step})["treated"].astype(float) for step in (1.0, 0.5))
    whole, halves = (series[np.argmax(series > 0) :] for series in (whole, halves))  # from the launch on
    months = min(len(whole), len(halves) // 2)
    assert halves[1 : 2 * months : 2] == pytest.approx(whole[:months], abs=2)


def test_v22_no_more_are_treated_than_centres_take() -> None:
    """Capacity, not demand, is what a country of many patients may lack."""
    place = "jurisdictions.us.market"
    treated = treated_by_month({f"{place}.treatment_patients_per_month": 100, f"{place}.expansion_per_month": 0})
    monthly = np.diff(treated["treated"].astype(float))
    assert monthly.max() <= 101
    assert np.median(monthly[monthly > 0]) == pytest.approx(100, abs=1)


def test_v23_ten_times_the_volume_costs_0_4765() -> None:
    """Wright with 20% learning: b = 0.3219; through the rules, what a maker keeps is the price less that cost."""
    world = {"mechanisms.manufacturing_switch": True}
    maker = "jurisdictions.us.manufacturing"
    monthly = treated_by_month(
        world | {f"{maker}.dose_usd_m_per_patient": 0.1, f"{maker}.learning_share": 0.2, f"{maker}.reference_doses": 10}
    )
    treated = monthly["treated"].astype(float)
    earned = monthly["earned_usd_m"]
    price = load("baseline").scenario.indications["dopaminergic_neuron"].price_usd_m_per_patient
    months = np.flatnonzero(np.diff(treated) > 0) + 1
    cost = price - (earned[months] - earned[months - 1]) / (treated[months] - treated[months - 1])
    expected = 0.1 * (treated[months] / 10) ** -0.32192809488736235
    assert cost[5:] == pytest.approx(expected[5:], rel=1e-6)
    assert (treated[months].max() / 10) >= 10
