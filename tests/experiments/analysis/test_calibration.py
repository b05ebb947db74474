"""Calibration on a race whose posterior is known in closed form."""

from __future__ import annotations

import numpy as np

from ipsc_race_lab.analysis.calibration import (
    Proposal,
    Record,
    drawn,
    on_unit,
    posterior,
    proposal,
    rank_test,
    recovery,
)
from ipsc_race_lab.analysis.meeting import Told
from ipsc_race_lab.estimators.weighing import effective_number, log_density

FACTORS, NOISE = 30, 0.15
SLOPES = np.zeros((2, FACTORS))
SLOPES[0, 3], SLOPES[0, 7], SLOPES[1, 7], SLOPES[1, 11] = 1.0, 0.5, -0.5, 1.5
RECORD = Record(("first", "second"), np.array([1.1, 0.9]), np.array([0.1, 0.1]))


def raced(points: np.ndarray, seed: int) -> np.ndarray:
    """A race with two numbers on record, in which three of thirty factors matter."""
    return points @ SLOPES.T + NOISE * np.random.default_rng(seed).normal(size=(len(points), 2))


def told(simulated: np.ndarray, record: Record) -> list[Told]:
    """What races told of each number on record, on the scale that it has."""
    of = []
    for k, (recorded, error_sd) in enumerate(zip(record.recorded, record.error_sd, strict=True)):
        exact = bool(error_sd == 0)
        numbers = (simulated[:, k] == recorded).astype(np.float64) if exact else simulated[:, k]

        def density(read: np.ndarray, recorded: float = recorded, error_sd: float = error_sd) -> np.ndarray:
            return np.asarray(-0.5 * ((read - recorded) / error_sd) ** 2)

        of.append(Told(numbers, None if exact else density))
    return of


def in_waves(sizes: tuple[int, ...], seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points, numbers and weights of a calibration."""
    of, points, numbers = Proposal(), [], []
    for wave, size in enumerate(sizes):
        if wave:
            of = proposal(np.concatenate(points), told(np.concatenate(numbers), RECORD), None)
        points.append(on_unit(drawn(of, FACTORS, size, seed + 100 * wave)))
        numbers.append(raced(points[-1], seed + 7 + wave))
    return points[-1], numbers[-1], posterior(numbers[-1], RECORD, of.log_density(points[-1]))


def exact_mean() -> np.ndarray:
    """The posterior mean, by weighing points without stochastic variation over a million draws."""
    points = np.random.default_rng(1).uniform(size=(1_000_000, 3))
    slopes = SLOPES[:, [3, 7, 11]]
    variance = RECORD.error_sd**2 + NOISE**2
    weights = np.exp(-0.5 * (((points @ slopes.T - RECORD.recorded) ** 2) / variance).sum(axis=1))
    return np.asarray(weights @ points / weights.sum())


def test_waves_find_the_posterior_that_is_there() -> None:
    """Taking points by emulators must leave no trace in the answer but its precision."""
    points, _, weights = in_waves((2000, 2000), seed=3)
    means = np.array([weights @ points[:, i] for i in (3, 7, 11)])
    sd = np.array([np.sqrt(weights @ points[:, i] ** 2 - (weights @ points[:, i]) ** 2) for i in (3, 7, 11)])
    error = sd / np.sqrt(effective_number(weights))
    assert (np.abs(means - exact_mean()) < 4 * error).all()


def test_a_longer_wave_begins_with_the_points_of_a_shorter_one() -> None:
    """Else races that are there would be of other points, and asking for more would throw them away."""
    points = on_unit(drawn(Proposal(), FACTORS, 1500, seed=1))
    of = proposal(points, told(raced(points, 2), RECORD), None)
    short, long = (drawn(of, FACTORS, size, seed=3) for size in (1500, 2500))
    assert (long[:1500] == short).all()


def test_waves_leave_more_races_in_effect() -> None:
    """A second wave that told no more than twice as many draws of the prior would be no use."""
    once, twice = (in_waves(sizes, seed=5)[2] for sizes in ((4000,), (2000, 2000)))
    assert effective_number(twice) > 1.5 * effective_number(once)


def test_true_values_are_recovered_as_often_as_is_said() -> None:
    """Ranks are uniform, 90% intervals hold 84 to 96% of 400 truths, and what does not matter is not learned."""
    points = on_unit(drawn(Proposal(), FACTORS, 6000, seed=11))
    simulated = raced(points, 12)
    honest = recovery(points, simulated, RECORD, truths=400, seed=13)
    assert (rank_test(honest.ranks)[[3, 7, 11]] > 0.001).all()
    assert np.abs(honest.covered[:, [3, 7, 11]].mean(axis=0) - 0.9).max() < 0.06
    assert honest.contraction[:, 11].mean() > 0.5
    assert honest.contraction[:, 0].mean() < 0.1


def test_a_rank_test_sees_ranks_that_pile_up() -> None:
    """Ranks of a posterior that is too narrow pile up at both ends."""
    rng = np.random.default_rng(2)
    narrow = rng.beta(0.5, 0.5, size=(400, 3))
    assert (rank_test(narrow) < 1e-6).all()
    assert (rank_test(rng.uniform(size=(400, 3))) > 0.001).all()


def test_weighing_agrees_with_a_long_rejection_where_that_is_exact() -> None:
    """The proof of the weighting: exact counts, errors and a question that hangs on numbers and luck together."""
    record = Record(("count", "size"), np.array([np.log1p(7), 0.5]), np.array([0.0, 0.1]))

    def raced(points: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        luck = rng.normal(size=len(points))
        count = rng.poisson(4 + 12 * points[:, 0] * (0.5 + points[:, 1]))
        size = points[:, 2] - 0.3 * points[:, 0] + 0.2 * luck
        later = points[:, 0] + points[:, 2] + 0.5 * luck  # what is forecast
        return np.stack([np.log1p(count), size], axis=1), later

    prior = np.random.default_rng(1).uniform(size=(600_000, 8)).astype(np.float32)
    simulated, later = raced(prior, 2)
    accepted = np.random.default_rng(3).uniform(size=len(prior)) < np.exp(
        log_density(simulated, record.recorded, record.error_sd)
    )
    exact = [later[accepted], later[accepted] > 1, prior[accepted, 1]]

    first = on_unit(drawn(Proposal(), 8, 3000, 4))
    of = proposal(first, told(raced(first, 5)[0], record), None)
    points = on_unit(drawn(of, 8, 20_000, 6))
    simulated, later = raced(points, 7)
    weights = posterior(simulated, record, of.log_density(points))
    assert effective_number(weights) > 400
    for there, here in zip(exact, (later, later > 1, points[:, 1]), strict=True):
        mean = float(weights @ here)
        error = np.sqrt(weights**2 @ (here - mean) ** 2 + there.var() / len(there))
        assert abs(mean - there.mean()) < 4 * error
