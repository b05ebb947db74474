"""V14, V15: how trials fill (scenarios/limits/accrual.yaml, saturation.yaml)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from worlds import SEED, Array, first_months, limit, mean_agrees, races

from ipsc_race.milestones import PHASE_1_READ_OUT, PHASE_1_STARTED
from ipsc_race.race import Programme, Race

SITES, PATIENTS, SHAPE, SCALE_MONTHS = 30, 200, 1.2, 12.0


@pytest.fixture(scope="module")
def enrolment_months() -> Array:
    """Months with enrolment of 20,000 trials: from the opening to the last patient, both months counted."""
    resolved = limit("accrual")
    took = [
        first_months(resolved, result, PHASE_1_READ_OUT) - first_months(resolved, result, PHASE_1_STARTED)
        for result in races(resolved, 200)
    ]
    return np.concatenate(took)


law = stats.betaprime(PATIENTS, SHAPE * SITES, scale=SCALE_MONTHS)
grid = np.arange(400)


def test_v14_the_law_is_the_published_one() -> None:
    assert law.mean() == pytest.approx(68.57, abs=0.01)
    assert law.std() == pytest.approx(12.75, abs=0.01)
    assert law.ppf([0.05, 0.5, 0.95]) == pytest.approx([50.3, 67.2, 91.6], abs=0.06)
    assert law.cdf(60) == pytest.approx(0.265, abs=1e-3)


def test_v14_enrolment_time_has_the_mean_and_spread_of_the_law(enrolment_months: Array) -> None:
    """What is seen is the month of the last patient, the law rounded up: the mean moves by half a month."""
    mean = float(law.sf(grid).sum())
    variance = float(((2 * grid + 1) * law.sf(grid)).sum()) - mean**2
    mean_agrees(enrolment_months, mean, claims=2)
    mean_agrees((enrolment_months - mean) ** 2, variance, claims=2)


def test_v14_enrolment_time_has_the_distribution_of_the_law(enrolment_months: Array) -> None:
    """At whole months the law and its rounding agree, so the distribution functions can be held side by side."""
    marks = [50, 60, 67, 75, 92]
    for month in marks:
        mean_agrees(enrolment_months <= month, float(law.cdf(month)), claims=len(marks))


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


def test_v15_few_patients_are_all_enrolled_and_shared_in_proportion_to_intent() -> None:
    """A trial that gained by its place in the list, or patients left over, would show here."""
    intended, treated, available = saturated(150)
    asked = intended.sum(axis=1)
    assert (treated.sum(axis=1) == np.minimum(asked, available)).all()
    scarce = asked > available
    assert scarce.mean() > 0.9
    fair = intended[scarce] * (available[scarce] / asked[scarce])[:, None]
    assert (np.abs(treated[scarce] - fair) < 1).all()
    for trial in range(treated.shape[1]):
        mean_agrees((treated[scarce] - fair)[:, trial], 0.0, claims=treated.shape[1])


def test_v15_a_trickle_is_enrolled_to_the_last_patient() -> None:
    resolved = limit("saturation")
    result = races(resolved, 1)[0]
    enrolled = result.monthly["patients_enrolled"][:, 0]
    inflow = 3 * np.arange(1, resolved.months + 1)
    assert (enrolled[4:] == inflow[4:]).all()


def test_v15_plenty_gives_every_trial_what_its_sites_intend() -> None:
    """Six trials of 30 sites at 0.1 patients a month each."""
    unlimited = {"jurisdictions.us.patients.dopaminergic_neuron.prevalent_patients": 1e9}
    resolved = limit("saturation", unlimited)
    opened = 2
    rates = [
        (result.monthly["patients_enrolled"][-1, 0]) / (resolved.months - opened - 1) for result in races(resolved, 300)
    ]
    mean_agrees(np.array(rates), 6 * SITES * SHAPE / SCALE_MONTHS)
