"""Cumulative incidence against closed forms and against plain counting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ipsc_race_lab.estimators.incidence import Z_95, Incidence, aalen_johansen, cumulative_incidence, first_of

Subjects = tuple[NDArray[np.float64], NDArray[np.int64]]


@st.composite
def subjects(draw: st.DrawFn, censored: bool = True) -> Subjects:
    """Times with many ties, and causes 1..3 (0 where censored)."""
    size = draw(st.integers(1, 40))
    times = draw(st.lists(st.integers(0, 12), min_size=size, max_size=size))
    causes = draw(st.lists(st.integers(0 if censored else 1, 3), min_size=size, max_size=size))
    return np.array(times, dtype=np.float64), np.array(causes)


def exponential_race(seed: int, size: int = 4000, end: float = np.inf) -> Incidence:
    """Two exponential causes with rates 0.3 and 0.1, seen until `end`."""
    rng = np.random.default_rng(seed)
    time = rng.exponential(1 / 0.4, size)
    cause = np.where(rng.random(size) < 0.75, 1, 2)
    return cumulative_incidence(np.minimum(time, end), np.where(time <= end, cause, 0), 2)


def at(incidence: Incidence, time: float) -> int:
    """Place of a time in an estimate."""
    return int(np.searchsorted(incidence.times, time, side="right")) - 1


@pytest.mark.parametrize("end", [np.inf, 3.0])
def test_competing_exponentials_follow_their_closed_form(end: float) -> None:
    """A biased estimator would misstate who is first even with endless data."""
    incidence = exponential_race(seed=7, end=end)
    for time in (0.5, 1.0, 2.0, 2.9):
        truth = np.array([0.75, 0.25]) * (1 - np.exp(-0.4 * time))
        assert incidence.share[:, at(incidence, time)] == pytest.approx(truth, abs=0.025)


def test_random_censoring_does_not_bias_the_incidence() -> None:
    """Programmes that start late are seen for a shorter time; that must not look like failure."""
    rng = np.random.default_rng(3)
    time, lost = rng.exponential(2.5, 6000), rng.exponential(4.0, 6000)
    cause = np.where(rng.random(6000) < 0.75, 1, 2)
    incidence = cumulative_incidence(np.minimum(time, lost), np.where(time <= lost, cause, 0), 2)
    truth = np.array([0.75, 0.25]) * (1 - np.exp(-0.4 * 3))
    assert incidence.share[:, at(incidence, 3.0)] == pytest.approx(truth, abs=0.03)


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """An interval too narrow would claim a winner where there is none."""
    hits = []
    for seed in range(300):
        incidence = exponential_race(seed, size=60, end=2.0)
        place, truth = at(incidence, 1.9), 0.25 * (1 - np.exp(-0.4 * 1.9))
        hits.append(incidence.low[1, place] <= truth <= incidence.high[1, place])
    assert 0.91 <= np.mean(hits) <= 0.99


@given(subjects(censored=False))
def test_without_censoring_incidence_is_the_share_and_its_interval_is_wilsons(data: Subjects) -> None:
    """Where every race is seen to the end, the curve must be what a reader counts by hand."""
    times, causes = data
    incidence, size = cumulative_incidence(times, causes, 3), len(times)
    for cause in (1, 2, 3):
        share = np.array([np.mean((times <= t) & (causes == cause)) for t in incidence.times])
        assert incidence.share[cause - 1] == pytest.approx(share, abs=1e-12)
        centre = (share + Z_95**2 / (2 * size)) / (1 + Z_95**2 / size)
        spread = Z_95 * np.sqrt(share * (1 - share) / size + Z_95**2 / (4 * size**2)) / (1 + Z_95**2 / size)
        assert incidence.low[cause - 1] == pytest.approx(np.maximum(centre - spread, 0), abs=1e-6)
        assert incidence.high[cause - 1] == pytest.approx(np.minimum(centre + spread, 1), abs=1e-6)


@given(subjects())
def test_incidences_rise_and_never_exceed_one_together(data: Subjects) -> None:
    """Probabilities that fall with time, or sum to more than one, describe no world."""
    incidence = cumulative_incidence(*data, n_causes=3)
    assert (np.diff(incidence.share, axis=1) >= -1e-12).all()
    assert (incidence.share.sum(axis=0) <= 1 + 1e-12).all()
    assert (incidence.low <= incidence.share + 1e-12).all()
    assert (incidence.share <= incidence.high + 1e-12).all()
    assert incidence.at_risk[0] == len(data[0])


@given(subjects())
def test_one_cause_is_one_minus_kaplan_meier(data: Subjects) -> None:
    """With no rival the estimator must be the one that everybody knows."""
    times, causes = data
    event = causes > 0
    incidence = cumulative_incidence(times, event.astype(int), 1)
    survival, expected = 1.0, []
    for time in incidence.times:
        survival *= 1 - np.sum(event & (times == time)) / np.sum(times >= time)
        expected.append(1 - survival)
    assert incidence.share[0] == pytest.approx(expected, abs=1e-12)


@given(subjects())
def test_the_core_takes_many_samples_at_once(data: Subjects) -> None:
    """The bootstrap runs all its samples in one call; each must be what it would be alone."""
    times, causes = data
    events = np.array([[np.sum((times == t) & (causes == k)) for t in range(13)] for k in (1, 2)], dtype=np.float64)
    at_risk = np.array([np.sum(times >= t) for t in range(13)], dtype=np.float64)
    twice = aalen_johansen(np.stack([at_risk, at_risk * 2]), np.stack([events, events * 2]))
    assert twice[0] == pytest.approx(aalen_johansen(at_risk, events))
    assert twice[1] == pytest.approx(twice[0])


def test_the_first_of_all_shares_a_tie_and_leaves_room_for_nobody() -> None:
    """A tie given to one side would favour whichever bloc the scenario happens to name first."""
    months = np.array([[3.0, 3.0], [5.0, 9.0], [np.inf, np.inf], [np.inf, 4.0]])
    incidence = first_of(months, horizon_months=12)
    assert incidence.share[:, -1] == pytest.approx([0.375, 0.375])
    assert incidence.share[:, 3] == pytest.approx([0.125, 0.125])
    assert list(incidence.at_risk[[0, 3, 4, 5, 6]]) == [4, 4, 3, 2, 1]
    assert incidence.times[-1] == 12


def test_a_bloc_that_is_never_first_has_an_upper_bound_that_knows_the_number_of_races() -> None:
    """Zero of 1,000 races must not read like zero of the few that were still open."""
    months = np.column_stack([np.arange(1000) % 50, np.full(1000, np.inf)]).astype(np.float64)
    incidence = first_of(months, horizon_months=60)
    assert incidence.share[1, -1] == 0
    assert incidence.high[1, -1] < 0.005
