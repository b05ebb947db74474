"""The two naive forecasts that hindcasts are held against, and emulators stacked."""

from __future__ import annotations

import numpy as np
import pytest

from ipsc_race.policy import calendar_month
from ipsc_race_lab.analysis.hindcast import _naive
from ipsc_race_lab.estimators.emulators import fit, stacked
from ipsc_race_lab.metrics.history import Fact

END = float(calendar_month("2026-06"))


def fact(what: str, by: str, recorded: float | str) -> Fact:
    return Fact(by, "", what, by, recorded, "all", "any", "A", ())


def test_counts_go_on_at_the_pace_so_far() -> None:
    """54 trials in ten years are 27 more in five; the base rate says the same with the doubts of a Poisson rate."""
    known = [fact("trials_posted", "2019-12", 54.0)]
    naive = _naive(fact("trials_posted", "2024-12", 116.0), known, "2020-01", END)
    assert naive.growth.mean() == pytest.approx(54 * 1.5)
    assert naive.base_rate.mean() == pytest.approx(54 * 1.5, rel=0.02)
    assert naive.base_rate.std() > 5


def test_what_never_came_has_half_an_event_in_the_time_so_far() -> None:
    """Nothing in ten years leaves a chance for the next six, and none for constant growth."""
    naive = _naive(fact("approvals", "2026-06", 0.0), [], "2020-01", END)
    assert (naive.growth == 0).all()
    assert naive.base_rate.mean() == pytest.approx(0.5 * 77 / 121, rel=0.1)
    date = _naive(fact("first_approval", "2026-03", "2026-03"), [], "2020-01", END)
    assert (date.growth == END).all()
    assert 0.05 < np.mean(date.base_rate < END) < 0.4


def test_emulators_stacked_say_what_each_says() -> None:
    """A stack that mixed up terms would look for the record in the wrong place."""
    rng = np.random.default_rng(3)
    points = rng.uniform(size=(2000, 12)).astype(np.float32)
    answers = np.stack([points[:, 2] + points[:, 5] ** 2, 3 * points[:, 2] * points[:, 7], np.ones(2000)], axis=1)
    emulators = fit(points, answers + 0.05 * rng.normal(size=answers.shape))
    stack = stacked(emulators)
    together = stack.mean(points[:, stack.factors])
    apart = np.stack([of.mean(points) for of in emulators], axis=1)
    assert together == pytest.approx(apart)
    assert set(stack.factors.tolist()) <= {2, 5, 7}
