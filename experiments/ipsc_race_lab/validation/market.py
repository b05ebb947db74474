"""V20, V21, V22, V23: order of entry, quality, adoption and learning, in a market and nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from ipsc_race.economics import share_weight
from ipsc_race.loading import load
from ipsc_race.race import Programme, Race
from ipsc_race_lab.validation.limits import SEED, Array, limit, races
from ipsc_race_lab.validation.rung import Check, Rung, near, near_all, none

ENTRANTS = 3.76  # products in a class of the published sample, on average
DRAWS, PRODUCTS = 4000, 4
RANKED: Mapping[tuple[int, int], int] = {  # by order of entry and rank of quality: value, first and best = 100
    (1, 1): 100, (1, 2): 92, (2, 1): 88, (3, 1): 50, (1, 3): 40, (4, 4): 2,
}  # fmt: skip


def entrants(count: int, overrides: Mapping[str, Any] | None = None) -> tuple[Array, Array]:
    """Orders of entry of so many products, months apart by chance, and what each sells in half a year when all sell."""
    world = {
        "jurisdictions.us.companies.initial_count": count,
        "jurisdictions.us.exogenous.durations": "exponential",
        "jurisdictions.us.exogenous.preclinical.duration_months": 24,
    }
    race = Race(limit("market", world | dict(overrides or {})), rng=SEED)
    race.run_for(200)
    sold = [p for p in race.agents_by_type[Programme] if p.campaigns[0].market_months > 0]
    before = np.array([p.campaigns[0].sold_patients for p in sold])
    race.run_for(6)
    orders = np.array([p.campaigns[0].entry_order for p in sold])
    return orders, np.array([p.campaigns[0].sold_patients for p in sold]) - before


def advantage(count: int) -> float:
    """Share of the first of so many products over its fair share, where every lead is long."""
    orders, sold = entrants(count, {"market.short_lead_months": 0.001})
    return float(sold[np.argmin(orders)] / sold.sum() - 1 / count)


def climb_order() -> Iterator[Check]:
    """V20: an order of entry that paid more, or less, would make the advantage of speed by assumption."""
    below = math.floor(ENTRANTS)
    weight = ENTRANTS - below
    points = (1 - weight) * advantage(below) + weight * advantage(below + 1)
    yield near(f"points over its fair share, of the first of {ENTRANTS} products sold", 100 * points, 6.0, 0.2)
    elasticity = load("baseline").scenario.market.order_elasticity
    yield near("elasticity of the baseline", elasticity, 0.2875, 0.0025)
    orders, sold = entrants(5)
    weights = orders**-elasticity
    yield near_all("share of sales, as order^-elasticity", sold / sold.sum(), weights / weights.sum(), 0.002)


def quality_sd() -> float:
    """Standard deviation of true effects among the products for a disease that the baseline has on its home markets."""
    apart: list[float] = []
    for run in range(5):
        race = Race("baseline", rng=SEED, run=run)
        race.run_for(race.calendar.ticks)
        sold = [p for p in race.agents_by_type[Programme] if p.campaigns[p.home].market_months > 0]
        for disease in {p.indication for p in sold}:
            effects = [p.effect for p in sold if p.indication == disease]
            apart += (np.array(effects) - np.mean(effects)).tolist()
    return float(np.std(apart))


def climb_quality() -> Iterator[Check]:
    """V21: the effects of four rivals are drawn as those of approved products differ, not set to fit the ranks."""
    market = load("baseline").scenario.market
    qualities = np.random.default_rng(SEED).normal(0, quality_sd(), (DRAWS, PRODUCTS))
    weights = np.array(
        [
            [share_weight(k + 1.0, q, market.order_elasticity, market.quality_log_share) for k, q in enumerate(row)]
            for row in qualities.tolist()
        ]
    )
    shares = weights / weights.sum(axis=1, keepdims=True)
    ranks = (-qualities).argsort(axis=1).argsort(axis=1) + 1
    value = {(k, rank): float(shares[:, k - 1][ranks[:, k - 1] == rank].mean()) for k, rank in RANKED}
    best = value[1, 1]
    wrong = [(a, b) for a, b in combinations(RANKED, 2) if (value[a] > value[b]) != (RANKED[a] > RANKED[b])]
    yield none("pairs of the six in another order than observed" + "".join(map(_pair_words, wrong)), len(wrong))
    for place, observed in RANKED.items():
        words = f"order {place[0]}, quality {place[1]}: value (not judged, ranks are)"
        yield Check(words, observed, 100 * value[place] / best, "by rank", not any(place in pair for pair in wrong))


def _pair_words(pair: tuple[tuple[int, int], tuple[int, int]]) -> str:
    return f"; {pair[0]} and {pair[1]}"


def sales(overrides: Mapping[str, Any] | None = None) -> Any:
    """Monthly series of the market world."""
    return races(limit("market", overrides or {}), 1)[0].monthly[:, 0]


def climb_adoption() -> Iterator[Check]:
    """V22; Bass: ln(q / p) / (p + q) = 6.19 years, F = (q - p) / 2q = 0.461."""
    treated = sales()["treated"].astype(np.float64)
    monthly = np.diff(treated, prepend=0.0)
    launch = int(np.argmax(monthly > 0))
    peak = int(np.argmax(monthly)) - launch + 0.5  # middle of the month
    yield near("years to the peak", peak / 12, 6.19, 1 / 12)
    share = float(np.interp(12 * 6.19, np.arange(len(treated)) - launch + 1, treated)) / 1e6
    yield near("share adopted then", share, 0.461, 0.001)
    yield near("share adopted in the end", treated[-1] / 1e6, 1.0, 0.01)
    halves = sales({"span.step_months": 0.5})["treated"].astype(np.float64)
    whole, halves = (series[np.argmax(series > 0) :] for series in (treated, halves))
    months = min(len(whole), len(halves) // 2)
    yield near_all("patients treated in half-month steps", halves[1 : 2 * months : 2], whole[:months], 2)


def climb_learning() -> Iterator[Check]:
    """V23; through the rules, what a maker keeps is the price less the cost."""
    maker = "jurisdictions.us.manufacturing"
    monthly = sales(
        {
            "mechanisms.manufacturing_switch": True,
            f"{maker}.dose_usd_m_per_patient": 0.1,
            f"{maker}.learning_share": 0.2,
            f"{maker}.reference_doses": 10,
        }
    )
    treated, earned = monthly["treated"].astype(np.float64), monthly["earned_usd_m"]
    price = load("baseline").scenario.indications["dopaminergic_neuron"].price_usd_m_per_patient
    months = (np.flatnonzero(np.diff(treated) > 0) + 1)[5:]
    cost = price - (earned[months] - earned[months - 1]) / (treated[months] - treated[months - 1])
    volume = treated[months] / 10
    slope = float(np.polyfit(np.log(volume), np.log(cost), 1)[0])
    yield near("elasticity b of cost by volume", -slope, 0.3219, 0.0001)
    yield near("cost after ten times the volume, of that before", 10**slope, 0.4765, 0.0001)
    yield near_all("cost, relative to b = 0.3219 from 0.1 on", cost / (0.1 * volume**-0.32192809488736235), 1.0, 1e-6)


RUNGS = (
    Rung(
        "V20",
        "the first to enter has an advantage over its fair share, by the length of its lead",
        "six points at 3.76 entrants: elasticity 0.285 to 0.29; shares divide as order^-elasticity",
        "0.2 points",
        "Schulze & Ringel 2013, doi:10.1038/nrd4035; Cha & Yu 2014",
        "market",
        climb_order,
    ),
    Rung(
        "V21",
        "quality can beat order of entry",
        "ranks: first and best 100, first and second-best 92, second and best 88, third and best 50, first and "
        "third-best 40, fourth and worst 2",
        "rank agreement",
        "Schulze & Ringel 2013, doi:10.1038/nrd4035",
        "shares of the baseline, effects spread as among its approved products",
        climb_quality,
        misses=("pairs of the six", "order 1, quality 2", "order 2, quality 1", "order 3, quality 1"),
        account="At the spread of effects among approved products quality outweighs order: the first of second-best "
        "quality comes after the second and the third of best.",
    ),
    Rung(
        "V22",
        "adoption without limits is the Bass model",
        "p = 0.03, q = 0.38 a year: peak at 6.19 years with 46.1% adopted",
        "one month; 0.1 points",
        "Bass 1969, doi:10.1287/mnsc.15.5.215",
        "market",
        climb_adoption,
    ),
    Rung(
        "V23",
        "cost falls with experience",
        "20% learning: b = 0.3219, ten times the volume costs 0.4765",
        "0.0001",
        "Wright 1936, doi:10.2514/8.155",
        "market",
        climb_learning,
    ),
)
