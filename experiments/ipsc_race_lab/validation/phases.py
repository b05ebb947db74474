"""V1, V2, V3, V5, V7, V8: chains of phases with given rates, and what a portfolio of them comes to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import numpy as np

from ipsc_race import milestones as m
from ipsc_race.ensemble import RaceResult
from ipsc_race.loading import ScenarioError
from ipsc_race_lab.validation.limits import Array, all_months, limit, races
from ipsc_race_lab.validation.rung import Check, Rung, agrees, between, near, near_all, ratio_agrees

PASS = (0.520, 0.289, 0.578, 0.906)
COHORT = "BIO, QLS Advisors & Informa 2021, Clinical Development Success Rates 2011-2020"
RATE = "jurisdictions.us.exogenous.{}.success_probability"
PATH_BY_PATH = {"phase_1": 0.664, "phase_2": 0.583, "phase_3": 0.590}

# Paul et al. 2010: work in progress per launch, out of pocket and capitalised USD m per launch, and years.
STAGES = ("preclinical work", "Phase 1", "Phase 2", "Phase 3", "submission")
PER_LAUNCH = (12.4, 8.6, 4.6, 1.6, 1.1)
COST_USD_M = (62, 128, 185, 235)
CAPITALISED_USD_M = (150, 273, 319, 314)
YEARS = (1.0, 1.5, 2.5, 2.5, 1.5)
CAPITAL_COST = 1.11  # a year

# Fernandez, Stein & Lo 2012.
SHOT_USD_M, PAYOFF_USD_M, SHOTS, SHOT_YEARS, SHOT_RATE = 200.0, 2000.0, 150, 10, 0.10

DISPERSION_PROGRAMMES = 807  # at 7.87%, 63.5 approvals


def reached(results: list[RaceResult], milestone: int) -> Array:
    """Programmes that reached a milestone, in each race."""
    return np.array([int((result.events["milestone"] == milestone).sum()) for result in results])


def climb_chain() -> Iterator[Check]:
    """V1."""
    world = limit("phase-chain")
    results = races(world, 200)
    approved = np.isfinite(all_months(world, results, m.APPROVED))
    for phase, start in enumerate((m.PHASE_1_STARTED, m.PHASE_2_STARTED, m.PHASE_3_STARTED)):
        entered = np.isfinite(all_months(world, results, start))
        expected = math.prod(PASS[phase:])
        yield agrees(f"likelihood of approval from Phase {phase + 1}", approved[entered], expected, claims=3)
    for step in (1.0, 0.5):
        world = limit("phase-chain", {"span.step_months": step})
        one = races(world, 1)
        took = all_months(world, one, m.APPROVED) - all_months(world, one, m.PHASE_1_STARTED)
        years = took[np.isfinite(took)] / 12
        yield near_all(f"years from Phase 1 to approval, steps of {step:g} month", years, 10.5, 1e-6)


def climb_portfolio() -> Iterator[Check]:
    """V2: programmes that shared their random numbers would fail together, and the portfolio would promise too much."""
    for programmes in (10, 20, 50):
        world = limit("phase-chain", {"jurisdictions.us.companies.initial_count": programmes})
        any_approved = reached(races(world, 1500), m.APPROVED) > 0
        exact = 1 - (1 - math.prod(PASS)) ** programmes
        yield agrees(f"P(at least one approval of {programmes})", any_approved, exact, claims=3)


def climb_path_by_path() -> Iterator[Check]:
    """V3."""
    evidence = {"grade": "A", "source": "wong-2019"}
    try:
        limit("phase-chain", {RATE.format(stage): {"value": rate} | evidence for stage, rate in PATH_BY_PATH.items()})
        refused = 0
    except ScenarioError as error:
        refused = sum("path by path" in problem.message for problem in error.problems)
    yield near("path-by-path rates that the loader refuses, of three", refused, 3, 0)
    yield near("what they would have multiplied to", math.prod(PATH_BY_PATH.values()), 0.228, 0.0005)


@cache
def launches() -> tuple[list[RaceResult], Array]:
    """Races of the portfolio of V5, and what each spent by month since its first bill, USD m."""
    results = races(limit("portfolio-economics"), 1000)
    spent = np.array([np.diff(result.monthly["spent_usd_m"][:, 0], prepend=0.0) for result in results])
    return results, spent[:, int(np.argmax(spent.sum(axis=0) > 0)) :]


def climb_launches() -> Iterator[Check]:
    """V5."""
    results, spent = launches()
    launched = reached(results, m.APPROVED)
    entered = (m.PROGRAMME_STARTED, m.PHASE_1_STARTED, m.PHASE_2_STARTED, m.PHASE_3_STARTED, m.FILED)
    rates = (0.69, 0.54, 0.34, 0.70, 0.91)
    for stage, milestone in enumerate(entered):
        exact = 1 / math.prod(rates[stage:])
        assert round(exact, 1) == PER_LAUNCH[stage]
        yield ratio_agrees(f"{STAGES[stage]}: programmes per launch", reached(results, milestone), launched, exact, 13)
    ends = np.cumsum(np.multiply(YEARS, 12)).astype(int)
    to_launch = (ends[-1] - np.arange(spent.shape[1]) - 0.5) / 12
    capitalised = spent * CAPITAL_COST**to_launch
    for stage, (cost, with_capital) in enumerate(zip(COST_USD_M, CAPITALISED_USD_M, strict=True)):
        months = slice(ends[stage - 1] if stage else 0, ends[stage])
        yield ratio_agrees(f"{STAGES[stage]}: USD m per launch", spent[:, months].sum(axis=1), launched, cost, 13)
        whole = capitalised[:, months].sum(axis=1)
        yield ratio_agrees(f"{STAGES[stage]}: the same capitalised at 11%", whole, launched, with_capital, 13)


def climb_dispersion() -> Iterator[Check]:
    """V7."""
    world = limit("phase-chain", {"jurisdictions.us.companies.initial_count": DISPERSION_PROGRAMMES})
    approvals = reached(races(world, 250), m.APPROVED)
    p = math.prod(PASS)
    mean, sd = DISPERSION_PROGRAMMES * p, math.sqrt(DISPERSION_PROGRAMMES * p * (1 - p))
    yield agrees("approvals, mean", approvals, mean, claims=2)
    yield agrees("approvals, variance", (approvals - mean) ** 2, sd**2, claims=2)
    yield between("approvals, standard deviation, below that of Poisson", approvals.std(ddof=1), sd, 0, math.sqrt(mean))


def climb_megafund() -> Iterator[Check]:
    """V8: the race says which shots pay, money and time are those of the publication."""
    results = races(limit("megafund"), 1500)
    hits = reached(results, m.APPROVED)
    value_usd_m = PAYOFF_USD_M * (1 - (1 + SHOT_RATE) ** -SHOT_YEARS) / SHOT_RATE
    yield near("present value of a pay-off, USD bn (arithmetic)", value_usd_m / 1000, 12.29, 0.005)
    p = float(hits.mean()) / SHOTS
    gain = value_usd_m / SHOT_USD_M
    slope = (0.05 * gain) ** (1 / SHOT_YEARS - 1) * gain / SHOT_YEARS  # of the return by the share of hits
    half = 3 * slope * float(hits.std(ddof=1)) / SHOTS / math.sqrt(len(hits))
    yield near("expected return a year", (p * gain) ** (1 / SHOT_YEARS) - 1, 0.119, round(half + 0.0005, 4))
    per_year = gain / math.sqrt(SHOT_YEARS)
    one = per_year * math.sqrt(0.05 * 0.95)
    yield near("standard deviation of one shot a year (arithmetic)", one, 4.23, 0.005)
    spread = (hits / SHOTS * per_year - 0.05 * per_year) ** 2
    yield agrees("variance of the return of 150 shots, a year", spread, 0.346**2, claims=2)
    yield agrees("P(three or more of 150)", hits >= 3, 0.982, claims=2)


RUNGS = (
    Rung(
        "V1",
        "a chain of phases multiplies their success rates and adds their durations",
        "likelihood of approval 7.87% from Phase 1, 15.1% from Phase 2, 52.4% from Phase 3; 10.5 years",
        "3 standard errors; one step",
        COHORT,
        "phase-chain",
        climb_chain,
    ),
    Rung(
        "V2",
        "at least one approval among n independent programmes",
        "n = 10: 0.559, 20: 0.806, 50: 0.983",
        "3 standard errors",
        "binomial, on the rates of V1",
        "phase-chain",
        climb_portfolio,
    ),
    Rung(
        "V3",
        "rates counted path by path are refused as rates of transition",
        "66.4, 58.3 and 59.0% multiply to 22.8%, the published overall is 13.8%: each is refused",
        "none",
        "Wong, Siah & Lo 2019, doi:10.1093/biostatistics/kxx069",
        "phase-chain",
        climb_path_by_path,
    ),
    Rung(
        "V5",
        "what a launch takes and costs, from preclinical work on",
        "programmes per launch 12.4, 8.6, 4.6, 1.6, 1.1; USD m 62, 128, 185, 235; capitalised 150, 273, 319, 314",
        "3 standard errors; discovery and the cost of a submission are not in the model",
        "Paul et al. 2010, doi:10.1038/nrd3078",
        "portfolio-economics",
        climb_launches,
    ),
    Rung(
        "V7",
        "independent programmes scatter less than Poisson",
        "63.5 approvals: standard deviation 7.65, below 8.0 (published 6.1)",
        "3 standard errors",
        "NEWDIGS projection, 54 to 74 approvals in 90%; binomial",
        "phase-chain, 807 programmes",
        climb_dispersion,
    ),
    Rung(
        "V8",
        "many independent long shots make a fund that pays",
        "11.9% a year; standard deviation 423% of one shot, 34.6% of 150; three or more hits in 98.2%",
        "3 standard errors; money by arithmetic, the model holds no discount rate",
        "Fernandez, Stein & Lo 2012, doi:10.1038/nbt.2374",
        "megafund",
        climb_megafund,
    ),
)
