"""V1, V2: programmes with given success rates and durations (scenarios/limits/phase-chain.yaml)."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import first_months, limit, mean_agrees, races

from ipsc_race.milestones import APPROVED, PHASE_1_STARTED, PHASE_2_STARTED, PHASE_3_STARTED

PASS = (0.520, 0.289, 0.578, 0.906)


@pytest.mark.parametrize(
    ("start", "stages", "published"),
    [(PHASE_1_STARTED, 4, 0.0787), (PHASE_2_STARTED, 3, 0.151), (PHASE_3_STARTED, 2, 0.524)],
)
def test_v1_likelihood_of_approval_is_the_product_of_the_published_rates(
    start: int, stages: int, published: float
) -> None:
    expected = float(np.prod(PASS[-stages:]))
    assert expected == pytest.approx(published, abs=5e-4)
    resolved = limit("phase-chain")
    results = races(resolved, 200)
    entered = np.concatenate([np.isfinite(first_months(resolved, result, start)) for result in results])
    approved = np.concatenate([np.isfinite(first_months(resolved, result, APPROVED)) for result in results])
    mean_agrees(approved[entered], expected)


@pytest.mark.parametrize("step_months", [1.0, 0.5])
def test_v1_durations_add_up_to_ten_and_a_half_years_whatever_the_step(step_months: float) -> None:
    """Steps that rounded each stage up, or a stage that began before the last one ended, would move the sum."""
    resolved = limit("phase-chain", {"span.step_months": step_months})
    result = races(resolved, 1)[0]
    took = first_months(resolved, result, APPROVED) - first_months(resolved, result, PHASE_1_STARTED)
    assert took[np.isfinite(took)] == pytest.approx(12 * 10.5, abs=1e-6)


@pytest.mark.parametrize(("programmes", "expected"), [(10, 0.559), (20, 0.806), (50, 0.983)])
def test_v2_chance_of_at_least_one_approval_among_independent_programmes(programmes: int, expected: float) -> None:
    """Programmes that shared their luck would fail together and the portfolio would promise too much."""
    exact = 1 - (1 - float(np.prod(PASS))) ** programmes
    assert exact == pytest.approx(expected, abs=1e-3)
    resolved = limit("phase-chain", {"jurisdictions.us.companies.initial_count": programmes})
    reached = [(result.events["milestone"] == APPROVED).any() for result in races(resolved, 1500)]
    mean_agrees(np.array(reached), exact)
