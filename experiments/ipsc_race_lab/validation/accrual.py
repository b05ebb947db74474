"""V14, V15: how trials fill."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from ipsc_race.milestones import PHASE_1_READ_OUT, PHASE_1_STARTED
from ipsc_race.race import Programme, Race
from ipsc_race_lab.validation.limits import SEED, Array, all_months, limit, races
from ipsc_race_lab.validation.rung import Check, Rung, agrees, near, near_all, none

SITES, PATIENTS, SHAPE, SCALE_MONTHS = 30, 200, 1.2, 12.0
MARKS = {50: "5", 67: "50", 92: "95"}  # months at the published percentiles


def climb_filling() -> Iterator[Check]:
    """V14; from the opening to the last patient, both months counted: the law rounded up to whole months."""
    law, grid = stats.betaprime(PATIENTS, SHAPE * SITES, scale=SCALE_MONTHS), np.arange(400)
    yield near("the law: mean months (arithmetic)", law.mean(), 68.57, 0.01)
    yield near("the law: standard deviation (arithmetic)", law.std(), 12.75, 0.01)
    resolved = limit("accrual")
    results = races(resolved, 200)
    took = all_months(resolved, results, PHASE_1_READ_OUT) - all_months(resolved, results, PHASE_1_STARTED)
    mean = float(law.sf(grid).sum())
    variance = float(((2 * grid + 1) * law.sf(grid)).sum()) - mean**2
    claims = 3 + len(MARKS)
    yield agrees("whole months to fill, mean", took, mean, claims)
    yield agrees("whole months to fill, variance", (took - mean) ** 2, variance, claims)
    yield agrees("P(full by month 60)", took <= 60, float(law.cdf(60)), claims)
    for month, percentile in MARKS.items():
        what = f"P(full by month {month}, about the {percentile}th percentile)"
        yield agrees(what, took <= month, float(law.cdf(month)), claims)


def saturated(months: int) -> tuple[Array, Array, Array]:
    """Intended and treated patients, shape (months, trials), and those available, of a world with few patients."""
    race = Race(limit("saturation"), rng=SEED)
    intended, treated, available = [], [], []
    for _ in range(months):
        race.step()
        campaigns = [programme.campaigns[0] for programme in race.agents_by_type.get(Programme, ())]
        intended.append([int(campaign["intended"]) for campaign in campaigns])
        treated.append([int(campaign["treated_now"]) for campaign in campaigns])
        available.append(int(race.world.jurisdictions[0].cells[0].available_patients))
    return np.array(intended), np.array(treated), np.array(available)


def climb_scarcity() -> Iterator[Check]:
    """V15: a trial that gained by its place in the list, or patients left over, would show here."""
    intended, treated, available = saturated(150)
    asked = intended.sum(axis=1)
    yield none("months in which others were enrolled than asked for and there", _unlike(treated, asked, available))
    scarce = asked > available
    fair = intended[scarce] * (available[scarce] / asked[scarce])[:, None]
    off = treated[scarce] - fair
    yield none("trials that got a patient more or less than their part, in a month", (np.abs(off) >= 1).sum())
    trials = off.shape[1]
    for trial in range(trials):
        yield agrees(f"trial {trial + 1}: patients over its part, a month", off[:, trial], 0.0, trials)
    resolved = limit("saturation")
    enrolled = races(resolved, 1)[0].monthly["patients_enrolled"][4:, 0]
    inflow = 3 * np.arange(5, resolved.months + 1)
    yield near_all("patients enrolled where three fall ill a month", enrolled, inflow, 0)
    plenty = limit("saturation", {"jurisdictions.us.patients.dopaminergic_neuron.prevalent_patients": 1e9})
    opened = 2
    rates = [race.monthly["patients_enrolled"][-1, 0] / (plenty.months - opened - 1) for race in races(plenty, 300)]
    yield agrees("patients a month of six trials where all abounds", rates, 6 * SITES * SHAPE / SCALE_MONTHS)


def _unlike(treated: Array, asked: Array, available: Array) -> int:
    """Months in which the patients enrolled were not all that were asked for or there."""
    return int((treated.sum(axis=1) != np.minimum(asked, available)).sum())


RUNGS = (
    Rung(
        "V14",
        "with all sites active and nothing scarce, enrolment is the Poisson-gamma model",
        "30 sites, 200 patients: mean 68.57, sd 12.75, 5/50/95% 50.3/67.2/91.6 months, P(T <= 60) 0.265",
        "3 standard errors, on the monthly grid",
        "Anisimov & Fedorov 2007, doi:10.1002/sim.2956",
        "accrual",
        climb_filling,
    ),
    Rung(
        "V15",
        "scarce patients are all enrolled, and shared in proportion to what each trial intends",
        "total enrolled equals the inflow; unlimited patients: the intended rate",
        "one patient a month and trial; 3 standard errors",
        "conservation",
        "saturation",
        climb_scarcity,
    ),
)
