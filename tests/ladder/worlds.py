"""The limit worlds of the validation ladder, what each rung claims, and how a claim is held against races."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from ipsc_race.ensemble import RaceResult, run_races
from ipsc_race.loading import Resolved, load, scenario_folder
from ipsc_race.overriding import Overrides

Array = npt.NDArray[Any]
SEED = 20_060_825  # the day on which induced pluripotent stem cells were published


@dataclass(frozen=True)
class Rung:
    """One claim of the validation ladder. `expected` and `tolerance` as a reader would say them."""

    claim: str
    expected: str
    tolerance: str
    source: str


RUNGS: dict[str, Rung] = {
    "V1": Rung(
        "a chain of phases multiplies their success rates and adds their durations",
        "likelihood of approval 7.87% from Phase 1, 15.1% from Phase 2, 52.4% from Phase 3; 10.5 years",
        "3 standard errors; one step",
        "BIO, QLS Advisors & Informa 2021, Clinical Development Success Rates 2011-2020",
    ),
    "V2": Rung(
        "at least one approval among n independent programmes",
        "n = 10: 0.559, 20: 0.806, 50: 0.983",
        "3 standard errors",
        "binomial, on the rates of V1",
    ),
    "V10": Rung(
        "a memoryless race is won in proportion to the rates",
        "rates 0.08 and 0.05 a year: P(first) 0.6154, mean 7.692 years",
        "3 standard errors",
        "competing exponentials: a / (a + b), 1 / (a + b)",
    ),
    "V11": Rung(
        "a race of three stages is won more surely by the faster, less so if it repeats one",
        "1.5 times as fast: 0.68256 with 3 v 3 stages, 0.54432 with 4 v 3",
        "3 standard errors",
        "negative binomial: sum over j < m of C(n-1+j, j) q^n (1-q)^j, q = a / (a + b)",
    ),
    "V14": Rung(
        "with all sites active and nothing scarce, enrolment is the Poisson-gamma model",
        "30 sites, 200 patients: mean 68.57, sd 12.75, 5/50/95% 50.3/67.2/91.6 months, P(T <= 60) 0.265",
        "3 standard errors, on the monthly grid",
        "Anisimov & Fedorov 2007, doi:10.1002/sim.2956",
    ),
    "V15": Rung(
        "scarce patients are all enrolled, and shared in proportion to what each trial intends",
        "total enrolled equals the inflow; unlimited patients: the intended rate",
        "one patient a month and trial; 3 standard errors",
        "conservation",
    ),
    "V20": Rung(
        "the first to enter has an advantage over its fair share, by the length of its lead",
        "six points at 3.76 entrants: elasticity 0.285 to 0.29; shares divide as order^-elasticity",
        "0.1 points; 0.2 points",
        "Schulze & Ringel 2013, doi:10.1038/nrd4035; Cha & Yu 2014",
    ),
    "V21": Rung(
        "quality can beat order of entry",
        "ranks: first and best 100, first and second-best 92, second and best 88, third and best 50, first and "
        "third-best 40, fourth and worst 2",
        "rank agreement",
        "Schulze & Ringel 2013, doi:10.1038/nrd4035",
    ),
    "V22": Rung(
        "adoption without limits is the Bass model",
        "p = 0.03, q = 0.38 a year: peak at 6.19 years with 46.1% adopted",
        "one month; 0.1 points",
        "Bass 1969, doi:10.1287/mnsc.15.5.215",
    ),
    "V23": Rung(
        "cost falls with experience",
        "20% learning: b = 0.3219, ten times the volume costs 0.4765",
        "none",
        "Wright 1936, doi:10.2514/8.155",
    ),
    "V26": Rung(
        "nothing is made of nothing",
        "cash, patients, doses, revenue and licence money balance every month in any world",
        "rounding",
        "conservation",
    ),
    "V24": Rung(
        "identical jurisdictions: nobody leads",
        "P(leads) = 0.5 and a lead of 0 months on every question and pair",
        "3 standard errors, for all pairs together",
        "symmetry",
    ),
    "V25": Rung(
        "two jurisdictions that exchange all their parameters exchange their histories",
        "every milestone if they exchange their draw keys too; the answers if they do not",
        "none; 3 standard errors",
        "symmetry",
    ),
    "V27": Rung(
        "under common random numbers a better chance never costs an approval",
        "raising a success probability keeps every approval; lowering a bar delays no first approval of a programme",
        "none",
        "monotone coupling",
    ),
    "V30": Rung(
        "a mechanism switched off leaves the draws of all others as they were",
        "same founding, pace, strategy, method, indication, effect and harm; other jurisdictions unmoved",
        "none",
        "draws keyed by entity and purpose",
    ),
    "V31": Rung(
        "the share approved at a known effect is the power of the evidence against the bar",
        "Phi((theta I - s*) / sd(s)), s* the credited score at which the posterior meets the bar",
        "3 standard errors",
        "normal posterior under a normal prior, power prior credits (Ibrahim & Chen 2000)",
    ),
    "V33": Rung(
        "extreme worlds end well",
        "no crash, no NaN, nothing negative; without patients, no first in human",
        "none",
        "own",
    ),
}


def limit(name: str, overrides: Overrides = ()) -> Resolved:
    """A limit world by name, with overrides."""
    return load(scenario_folder() / "limits" / f"{name}.yaml", overrides)


def races(resolved: Resolved, runs: int, seed: int = SEED) -> list[RaceResult]:
    """Races of a world, in order of run."""
    return list(run_races(resolved, runs, seed))


def first_months(resolved: Resolved, result: RaceResult, *milestones: int) -> Array:
    """Months from the start of the span to each company's first such milestone, by row of company; inf if never."""
    events = result.events
    months = np.full(int(events["company"].max(initial=-1)) + 1, np.inf)
    asked = events[np.isin(events["milestone"], milestones)]
    np.minimum.at(months, asked["company"], asked["month"] - float(resolved.epochs[0].month))
    return months


def homes(result: RaceResult) -> Array:
    """Row of the home jurisdiction of each company that a race has seen."""
    _, first = np.unique(result.events["company"], return_index=True)
    return np.asarray(result.events["home"][first])


def standard_errors(claims: int = 1) -> float:
    """Standard errors allowed to each of several claims, so that all together err as rarely as one at three."""
    return float(stats.norm.isf(stats.norm.sf(3) / claims))


def agrees(values: Array, expected: float, claims: int = 1) -> Any:
    """What equals `expected` to the tolerance of a mean of independent values."""
    error = float(np.std(values, ddof=1)) / np.sqrt(len(values))
    return pytest.approx(expected, abs=standard_errors(claims) * error)


def mean_agrees(values: Array, expected: float, claims: int = 1) -> None:
    """Assert that the mean of independent values is what is expected, within three standard errors."""
    values = np.asarray(values, dtype=np.float64)
    assert float(np.mean(values)) == agrees(values, expected, claims)
