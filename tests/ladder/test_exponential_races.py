"""V10, V11: races of exponential stages (scenarios/limits/memoryless-race.yaml, multistage-race.yaml).

The n-th company of one jurisdiction races the n-th of the other: a hundred independent races in each simulated one.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from worlds import Array, first_months, homes, limit, mean_agrees, races

from ipsc_race.loading import Resolved
from ipsc_race.milestones import APPROVED, PHASE_1_READ_OUT, PHASE_1_STARTED


def duels(resolved: Resolved, milestone: int, runs: int) -> tuple[Array, Array]:
    """Months to a milestone since Phase 1 began, of the fast and of the slow contender in each duel."""
    fast: list[Array] = []
    slow: list[Array] = []
    for result in races(resolved, runs):
        months = first_months(resolved, result, milestone) - first_months(resolved, result, PHASE_1_STARTED)
        home = homes(result)
        fast.append(months[home == 0])
        slow.append(months[home == 1])
    return np.concatenate(fast), np.concatenate(slow)


def wins(fast: Array, slow: Array) -> Array:
    """A win counts 1, a tie in the same month half."""
    return np.asarray((fast < slow) + 0.5 * (fast == slow))


def erlang_win(n: int, m: int, q: float) -> float:
    """P(n exponential stages end before m), q = a / (a + b)."""
    return float(sum(math.comb(n - 1 + j, j) * q**n * (1 - q) ** j for j in range(m)))


def test_v10_a_memoryless_race_is_won_in_proportion_to_the_rates() -> None:
    a, b = 0.08, 0.05
    resolved = limit("memoryless-race")
    mean_agrees(wins(*duels(resolved, APPROVED, 200)), a / (a + b))


def test_v10_a_memoryless_race_takes_the_time_of_both_rates_together() -> None:
    """What is seen is the month in which a stage ends: a geometric time, half a month longer than the exponential."""
    per_month = (0.08 + 0.05) / 12
    assert 1 / per_month / 12 == pytest.approx(7.692, abs=1e-3)
    resolved = limit("memoryless-race")
    first = np.minimum(*duels(resolved, PHASE_1_READ_OUT, 200))
    horizon = resolved.months
    seen = -np.expm1(-per_month * (horizon - 2)) / -np.expm1(-per_month)  # E min(ceil(T), horizon)
    mean_agrees(np.minimum(first, horizon - 2), seen)


@pytest.mark.parametrize(("repeats", "expected"), [(False, 0.68256), (True, 0.54432)])
def test_v11_a_race_of_several_stages(repeats: bool, expected: float) -> None:
    """The faster repeats one stage (as its review) in the second case."""
    assert erlang_win(4 if repeats else 3, 3, 0.6) == pytest.approx(expected, abs=1e-5)
    path = "jurisdictions.us.exogenous.review.duration_months"
    resolved = limit("multistage-race", {path: 60.0 if repeats else 0.0})
    mean_agrees(wins(*duels(resolved, APPROVED, 200)), expected)
