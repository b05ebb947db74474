"""Intervals that lie would make every answer of the laboratory look surer, or less sure, than it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsc_race_lab.estimators.intervals import (
    Estimate,
    median,
    paired_shares,
    paired_t,
    spread,
    variance_ratio,
    wilson,
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (28, 29, 0.8282, 0.9982),
        (1, 29, 0.0018, 0.1718),
    ],
)
def test_wilson_gives_the_published_numbers(successes: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17:857, table I, method 3.

    Of one in 29 the lower end of Brown, Cai & DasGupta 2001.
    """
    interval = wilson(successes, n)
    assert interval.estimate == successes / n
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=6e-5)


@given(n=st.integers(1, 10_000), part=st.floats(0, 1))
def test_a_share_and_its_complement_tell_the_same_story(n: int, part: float) -> None:
    """Otherwise P(A leads) and P(B leads) would disagree about who leads."""
    here, there = wilson(part * n, n), wilson(n - part * n, n)
    assert None not in (*here, *there)
    assert here.low is not None
    assert here.estimate is not None
    assert here.high is not None
    assert 0 <= here.low <= here.estimate <= here.high <= 1
    assert (1 - (there.high or 0.0), 1 - (there.low or 0.0)) == pytest.approx((here.low, here.high), abs=1e-9)


def test_no_races_mean_no_knowledge() -> None:
    assert wilson(0, 0) == Estimate(None, 0.0, 1.0)
    assert paired_t(np.zeros(0)) == median(np.zeros(0)) == spread(np.zeros(0)) == Estimate(None, None, None)


def test_one_race_gives_values_without_intervals() -> None:
    assert paired_t(np.array([3.0])) == Estimate(3.0, None, None)
    assert median(np.array([3.0])) == Estimate(3.0, None, None)


def test_paired_t_is_students_interval() -> None:
    """Student 1908, the sleep data: mean gain 1.58 hours, 95% interval 0.70 to 2.46."""
    gains = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert paired_t(gains) == pytest.approx((1.58, 0.7001, 2.4599), abs=5e-5)


def test_paired_t_of_equal_differences_is_a_point() -> None:
    assert paired_t(np.full(5, 2.0)) == Estimate(2.0, 2.0, 2.0)


def test_paired_shares_have_the_interval_of_bonett_and_price() -> None:
    """Bentur et al. 2009, 21 children before and after a transplantation: 1 worse, 7 better, 13 as before."""
    differences = np.array([1.0] * 1 + [-1.0] * 7 + [0.0] * 13)
    assert paired_shares(differences) == pytest.approx((-6 / 21, -0.508, -0.013), abs=6e-4)
    differences = np.array([1.0] * 26 + [-1.0] * 4 + [0.0] * 18)  # the example of ci.prop.ps in R's statpsych
    assert paired_shares(differences) == pytest.approx((22 / 48, 0.2548067, 0.6251933), abs=1e-6)


@given(scores=st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), min_size=1, max_size=60))
def test_an_interval_of_paired_shares_has_a_width_and_holds_its_estimate(scores: list[float]) -> None:
    """Ten races that all agree would make certain that nothing differs."""
    estimate, low, high = paired_shares(np.array(scores))
    assert estimate is not None
    assert low is not None
    assert high is not None
    assert -1 <= low <= estimate <= high <= 1
    assert high - low > 0.01
    turned = paired_shares(-np.array(scores))
    assert (turned.high, turned.low) == pytest.approx((-low, -high))


def test_no_pairs_mean_no_knowledge_of_a_difference() -> None:
    """A difference that nobody has seen would be told as none."""
    assert paired_shares(np.zeros(0)) == Estimate(None, -1.0, 1.0)


@pytest.mark.parametrize(("n", "rank"), [(6, 1), (10, 2), (20, 6), (50, 18), (100, 40)])
def test_the_median_interval_takes_the_tabulated_ranks(n: int, rank: int) -> None:
    """Conover 1999, table A3: the 6th of 20 and the 15th, the 18th of 50 and the 33rd, ..."""
    values = np.arange(1.0, n + 1)
    assert median(values) == Estimate((n + 1) // 2, rank, n + 1 - rank)


def test_five_races_cannot_bound_a_median() -> None:
    """All five on one side of the median has a chance of 1/16: more than 5%."""
    assert median(np.arange(5.0)) == Estimate(2.0, None, None)


def test_the_median_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    intervals = [median(rng.exponential(1.0, 40)) for _ in range(2000)]
    covered = np.mean([(i.low or 0.0) <= math.log(2) <= (i.high or math.inf) for i in intervals])
    assert 0.95 - 0.015 <= covered <= 0.985


def test_what_fewer_than_half_reach_has_no_median() -> None:
    values = np.array([1.0] * 49 + [np.inf] * 51)
    assert median(values).estimate is None
    assert median(np.sort(values)[1:]).low == 1.0
    assert median(np.array([1.0, 2.0, np.inf, np.inf])).estimate == 2.0


def test_spread_is_that_of_the_races() -> None:
    assert spread(np.arange(1.0, 101.0)) == Estimate(50.0, 10.0, 90.0)


LESS = np.array([1.0, -1.0])


def pairs(rng: np.random.Generator, races: int, shared: float) -> np.ndarray:
    """Answers in two worlds whose luck is shared to this part of its variance."""
    return math.sqrt(shared) * rng.normal(size=races) + math.sqrt(1 - shared) * rng.normal(size=(2, races))


def test_the_variance_ratio_is_of_variances_and_its_interval_of_races_left_out() -> None:
    """The worth of shared luck, reported with every comparison, would be of something else."""
    both = pairs(np.random.default_rng(3), 30, 0.8)
    whole, low, high = variance_ratio(both, LESS)
    assert None not in (whole, low, high)

    def ratio(of: np.ndarray) -> float:
        return float((np.var(of[0], ddof=1) + np.var(of[1], ddof=1)) / np.var(of[0] - of[1], ddof=1))

    assert whole == pytest.approx(ratio(both))
    logs = np.log([ratio(np.delete(both, race, axis=1)) for race in range(30)])
    half = 2.04523 * math.sqrt(29 / 30 * np.sum((logs - logs.mean()) ** 2))
    assert (low, high) == pytest.approx((whole * math.exp(-half), whole * math.exp(half)), rel=1e-5)


def test_the_variance_ratio_covers_as_often_as_it_says() -> None:
    """Luck shared to four fifths makes a difference as good as five times as many races."""
    rng = np.random.default_rng(11)
    found = [variance_ratio(pairs(rng, 100, 0.8), LESS) for _ in range(2000)]
    covered = np.mean([(i.low or 0.0) <= 5 <= (i.high or math.inf) for i in found])
    assert 0.93 <= covered <= 0.97


def test_a_difference_that_never_varies_has_no_variance_ratio() -> None:
    """It is known without error, and not infinitely better than something."""
    same = np.random.default_rng(1).normal(size=50)
    nothing = Estimate(None, None, None)
    assert variance_ratio(np.stack([same, same]), LESS) == nothing
    assert variance_ratio(np.stack([same + 3.7, same]), LESS) == nothing, "but for rounding"
    assert variance_ratio(np.zeros((2, 50)), LESS) == nothing
    assert variance_ratio(np.ones((2, 1)), LESS) == nothing
    one = np.array([[1.0, 2, 3, 4], [1.0, 2, 3, 9]])
    assert variance_ratio(one, LESS).estimate is not None
    assert variance_ratio(one, LESS).low is None, "one race alone differs: nobody knows how often one does"
