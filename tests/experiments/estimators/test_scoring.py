"""A score that can be played is no score: it would reward who says other than what is believed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ipsc_race_lab.estimators.intervals import Estimate
from ipsc_race_lab.estimators.scoring import (
    FLOOR,
    brier,
    central_interval,
    coverage,
    crps,
    log_scores,
    quantile_score,
    reliability,
    skill,
)

CHANCES = st.floats(0, 1)
VALUES = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30)


def one(score: object, probability: float, came: bool) -> float:
    return float(score(np.array([probability]), np.array([came]))[0])  # type: ignore[operator]


def test_scores_of_one_event_are_those_of_the_textbook() -> None:
    """Brier 1950; the logarithm of the probability of what came (Good 1952)."""
    assert one(brier, 0.7, True) == pytest.approx(0.09)
    assert one(brier, 0.7, False) == pytest.approx(0.49)
    assert one(log_scores, 0.7, True) == pytest.approx(-math.log(0.7))
    assert one(log_scores, 0.7, False) == pytest.approx(-math.log(0.3))
    assert one(brier, 0.5, True) == 0.25
    assert one(log_scores, 0.5, False) == pytest.approx(math.log(2))


@pytest.mark.parametrize("score", [brier, log_scores])
@given(truth=CHANCES, said=CHANCES)
def test_the_truth_is_the_best_thing_to_say(score: object, truth: float, said: float) -> None:
    """Expected over what comes, no other probability scores better, so that hedging and shouting do not pay.

    The logarithmic score holds this between its floors, where the truth is taken for what it is.
    """
    if score is log_scores:
        truth, said = (min(max(p, FLOOR), 1 - FLOOR) for p in (truth, said))

    def expected(p: float) -> float:
        return truth * one(score, p, True) + (1 - truth) * one(score, p, False)

    assert expected(truth) <= expected(said) + 1e-12
    if abs(said - truth) > 0.01:
        assert expected(truth) < expected(said)


def test_a_certainty_that_fails_is_as_bad_as_a_chance_in_a_thousand() -> None:
    """An infinite score of one event would hide all others; one left out would be the cheapest way to be wrong."""
    worst = -math.log(FLOOR)
    assert one(log_scores, 0.0, True) == one(log_scores, 1.0, False) == one(log_scores, 1e-9, True)
    assert one(log_scores, 0.0, True) == pytest.approx(worst)
    assert one(log_scores, 1.0, True) == pytest.approx(-math.log(1 - FLOOR))
    assert one(brier, 0.0, True) == 1.0


@given(p=CHANCES)
def test_an_event_and_its_contrary_are_the_same_forecast(p: float) -> None:
    """Otherwise the wording of a statement would change what it scores."""
    for score in (brier, log_scores):
        assert one(score, p, True) == pytest.approx(one(score, 1 - p, False), abs=1e-12)


def test_skill_is_what_a_reference_is_bettered_by() -> None:
    assert skill(0.0, 0.25) == 1.0
    assert skill(0.25, 0.25) == 0.0
    assert skill(0.5, 0.25) == -1.0
    assert skill(0.1, 0.0) is None


def test_each_forecast_is_in_one_class_of_the_table() -> None:
    """An event at an edge, or a certainty, that fell out of the table would make it look better or worse."""
    chances = np.array([0.0, 0.19, 0.2, 0.5, 0.8, 1.0])
    came = np.array([False, True, True, False, True, True])
    table = reliability(chances, came)
    assert [(of.low, of.high, of.number) for of in table] == [
        (0.0, 0.2, 2), (0.2, 0.4, 1), (0.4, 0.6, 1), (0.6, 0.8, 0), (0.8, 1.0, 2),
    ]  # fmt: skip
    assert [of.came.estimate for of in table] == [0.5, 1.0, 0.0, None, 1.0]
    assert table[0].forecast == pytest.approx(0.095)
    assert table[3] == (0.6, 0.8, 0, None, Estimate(None, 0.0, 1.0))
    assert table[4].came.low is not None
    assert table[4].came.low < 0.5  # two of two prove little


@given(chances=st.lists(CHANCES, max_size=40))
def test_the_table_loses_nobody(chances: list[float]) -> None:
    table = reliability(np.array(chances), np.ones(len(chances), np.bool_))
    assert sum(of.number for of in table) == len(chances)
    assert all(of.forecast is None or of.low - 1e-12 <= of.forecast <= of.high + 1e-12 for of in table)


def test_the_crps_of_a_normal_sample_is_that_of_the_closed_form() -> None:
    """Gneiting & Raftery 2007, section 4.2; the sample is that of the normal's own quantiles."""
    sample = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000, loc=3, scale=2)
    for observed in (-4.0, 1.0, 3.0, 7.5):
        z = (observed - 3) / 2
        closed = 2 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi))
        assert crps(sample, np.ones(20_000), observed) == pytest.approx(closed, rel=1e-3)


@given(value=st.floats(-1e3, 1e3), observed=st.floats(-1e3, 1e3), weight=st.floats(0.1, 10))
def test_of_one_race_it_is_the_absolute_error(value: float, observed: float, weight: float) -> None:
    """So that a number said outright and one said with its doubts are scored on one scale."""
    assert crps(np.array([value]), np.array([weight]), observed) == pytest.approx(abs(value - observed), abs=1e-12)


@given(data=st.data(), values=VALUES, observed=st.floats(-1e3, 1e3))
def test_it_is_the_energy_form_and_weights_are_repetitions(
    data: st.DataObject, values: list[float], observed: float
) -> None:
    """E|X - y| - E|X - X'| / 2, race by race: sorting must only save time. A weight of three is three such races."""
    size = len(values)
    times = np.array(data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size).filter(any)))
    x, w = np.array(values), times / times.sum()
    energy = w @ np.abs(x - observed) - 0.5 * w @ np.abs(x[:, None] - x[None, :]) @ w
    repeated = np.repeat(x, times)
    assert crps(x, times, observed) == pytest.approx(energy, abs=1e-8)
    assert crps(x, times, observed) == pytest.approx(crps(repeated, np.ones(len(repeated)), observed), abs=1e-8)
    assert crps(x, times, observed) >= 0


def test_the_expected_crps_is_best_at_the_truth() -> None:
    """A forecast too sharp, too wide or off its place must pay for it."""
    levels = (np.arange(400) + 0.5) / 400
    truth = stats.norm.ppf(levels)

    def expected(loc: float, scale: float) -> float:
        forecast = stats.norm.ppf(levels, loc, scale)
        return float(np.mean([crps(forecast, np.ones(400), y) for y in truth]))

    best = expected(0, 1)
    assert all(best < expected(loc, scale) for loc, scale in ((0.2, 1), (-0.2, 1), (0, 0.7), (0, 1.4)))


def test_a_central_interval_holds_what_it_says() -> None:
    values, weights = np.array([5.0, 1.0, 4.0, 2.0, 3.0]), np.ones(5)
    assert central_interval(values, weights, 0.6) == (1.0, 4.0)
    assert central_interval(values, weights, 0.0) == (3.0, 3.0)
    assert central_interval(values, np.array([0, 0, 1, 0, 0]), 0.9) == (4.0, 4.0)
    even = np.arange(1000.0)
    assert central_interval(even, np.ones(1000), 0.8) == (99.0, 899.0)


@given(values=VALUES, level=st.floats(0, 0.99))
def test_at_least_its_level_lies_within_an_interval(values: list[float], level: float) -> None:
    """An 80% interval with less in it would be called too narrow by its own races."""
    low, high = central_interval(np.array(values), np.ones(len(values)), level)
    inside = np.mean([low <= value <= high for value in values])
    assert inside >= level - 1e-9


def test_coverage_counts_both_ends() -> None:
    held = coverage(np.array([0.0, 0.0, 0.0]), np.array([1.0, 1.0, 1.0]), np.array([0.0, 1.0, 1.1]))
    assert held.estimate == pytest.approx(2 / 3)


def test_quantiles_score_as_the_races_they_stand_for() -> None:
    """Many even quantiles come to the CRPS; the median alone to the absolute error."""
    sample = np.sort(np.random.default_rng(1).normal(size=500))
    levels = [(i + 0.5) / 500 for i in range(500)]
    assert quantile_score(levels, list(sample), 0.4) == pytest.approx(crps(sample, np.ones(500), 0.4), rel=1e-9)
    assert quantile_score([0.5], [3.0], 5.0) == 2.0


@given(said=st.floats(0, 10), level=st.sampled_from([0.1, 0.5, 0.9]))
def test_the_true_quantile_is_the_best_to_write_down(said: float, level: float) -> None:
    """Of a number even from 0 to 10."""
    outcomes = np.linspace(0.005, 9.995, 1000)

    def expected(quantile: float) -> float:
        return float(np.mean([quantile_score([level], [quantile], y) for y in outcomes]))

    assert expected(10 * level) <= expected(said) + 1e-9
