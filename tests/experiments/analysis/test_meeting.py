"""Where a calibration looks next: the chance to meet a fact, from what emulators say of it."""

from __future__ import annotations

import numpy as np
import pytest

from ipsc_race_lab.analysis.meeting import Told, meetings

POINTS = np.random.default_rng(1).uniform(size=(20_000, 12))
NOISE = 0.3


def test_the_root_of_the_chance_of_an_exact_count_is_found() -> None:
    """A count that is met in 1 race of 50 on one side and in 1 of 4 on the other is looked for where it is met."""
    chance = 1 / (1 + np.exp(4 - 3 * POINTS[:, 2]))
    met = np.random.default_rng(2).uniform(size=len(POINTS)) < chance
    (of,) = meetings(POINTS, [Told(met.astype(np.float64))])
    found = of.log_density(of.emulator.mean(POINTS))
    assert np.abs(found - 0.5 * np.log(chance)).max() < 0.2  # four standard errors at the corner


def test_a_number_is_looked_for_by_the_mean_square_of_its_density() -> None:
    """In closed form where chance and error are normal: a normal with twice the variance of chance beside the error."""
    numbers = POINTS[:, 3] + NOISE * np.random.default_rng(3).normal(size=len(POINTS))
    error = 0.2

    def density(read: np.ndarray) -> np.ndarray:
        return np.asarray(-0.5 * ((read - 0.9) / error) ** 2)

    (of,) = meetings(POINTS, [Told(numbers, density)])
    emulated = np.linspace(0.1, 0.9, 9)
    found = of.log_density(emulated) - of.log_density(np.array([0.9]))
    expected = -0.5 * (emulated - 0.9) ** 2 / (error**2 + 2 * NOISE**2)
    assert found == pytest.approx(expected, abs=0.1)


def test_what_every_race_meets_and_what_none_meets_say_nothing_of_a_point() -> None:
    """Odds without end would freeze the chains."""
    for met in (0.0, 1.0):
        (of,) = meetings(POINTS, [Told(np.full(len(POINTS), met))])
        found = of.log_density(of.emulator.mean(POINTS))
        assert np.isfinite(found).all()
        assert np.ptp(found) == 0
