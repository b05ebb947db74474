"""Designs have their defining properties, distributions their stated quantiles, and both repeat by seed."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from small_experiments import SIZES, SWITCH, UNIT, experiment

from ipsc_race_lab.design import designs
from ipsc_race_lab.design import experiment as experiments
from ipsc_race_lab.design.distributions import DISTRIBUTIONS, Distribution
from ipsc_race_lab.design.experiment import Experiment

shares = st.lists(st.floats(0, 1), min_size=1, max_size=20).map(np.array)
ends = st.tuples(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(u=shares, between=ends)
def test_a_uniform_number_has_as_much_below_as_its_quantile_says(u: Any, between: tuple[float, float]) -> None:
    """Otherwise one end of what is believed would be tried more often than the other."""
    low, high = between
    found = Distribution("uniform", low, high).quantile(u)
    np.testing.assert_allclose(found, stats.uniform(low, high - low).ppf(u), rtol=1e-9, atol=1e-9)


@given(u=shares, low=st.floats(1e-6, 1e3), factor=st.floats(1.01, 1e4))
def test_a_log_uniform_number_spends_as_many_points_on_every_doubling(u: Any, low: float, factor: float) -> None:
    """A rate known within a factor of ten would otherwise be tried at its high values only."""
    found = Distribution("log_uniform", low, low * factor).quantile(u)
    np.testing.assert_allclose(found, stats.loguniform(low, low * factor).ppf(u), rtol=1e-9)


@given(u=shares, between=ends, share=st.floats(0, 1))
def test_a_triangular_number_peaks_where_it_is_said_to(u: Any, between: tuple[float, float], share: float) -> None:
    """An expert's best guess would otherwise be no likelier than the expert's extremes."""
    low, high = between
    mode = min(max(low + share * (high - low), low), high)
    found = Distribution("triangular", low, high, mode=mode).quantile(u)
    expected = stats.triang((mode - low) / (high - low), low, high - low).ppf(u)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * (high - low))


@given(u=st.floats(0.001, 0.999), share=st.floats(0, 1), sd=st.floats(0.05, 10))
def test_a_normal_number_is_cut_at_both_ends_and_nowhere_else(u: Any, share: float, sd: float) -> None:
    """A share beyond one, or a month below none, would be raced."""
    low, high = 2.0, 5.0
    mean = low + share * (high - low)
    found = Distribution("normal", low, high, mean=mean, sd=sd).quantile(u)
    expected = stats.truncnorm((low - mean) / sd, (high - mean) / sd, mean, sd).ppf(u)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert low <= found <= high


@example(u=np.zeros(1), sd=0.25)  # eight deviations from its upper end, where a share near 1 has no digits left
@given(u=shares, sd=st.floats(0.1, 5))
def test_every_distribution_rises_with_its_quantile_and_keeps_its_ends(u: Any, sd: float) -> None:
    """A falling stretch would turn the sign of a factor's effect round."""
    u = np.sort(u)
    for kind in DISTRIBUTIONS:
        for whole in (False, True):
            of = Distribution(kind, 1, 6, mode=3, mean=4, sd=sd, whole=whole)
            found = of.quantile(u)
            assert (np.diff(found) >= 0).all()
            assert of.quantile(0.0) == pytest.approx(1)
            assert of.quantile(1.0) == pytest.approx(6)
            assert not whole or (found == np.round(found)).all()


@given(u=shares, low=st.floats(0, 10), below=st.floats(0.01, 10), above=st.floats(1.01, 50))
def test_half_the_belief_lies_on_either_side_of_what_is_stated(u: Any, low: float, below: float, above: float) -> None:
    """A world of stated numbers would not be in the middle of what is believed of it."""
    mode = low + below
    of = Distribution("halves", low, mode * above, mode=mode)
    found = of.quantile(u)
    assert (found[u < 0.5] <= mode * (1 + 1e-9)).all()
    assert (found[u > 0.5] >= mode * (1 - 1e-9)).all()
    assert of.quantile(0.5) == pytest.approx(mode)


def test_halves_of_what_cannot_be_negative_are_even_in_ratios() -> None:
    """Ranges reach further up than down, so that even halves would make the usual world larger than the stated one."""
    of = Distribution("halves", 1, 16, mode=2)
    assert of.quantile([0.25, 0.75]) == pytest.approx([math.sqrt(2), math.sqrt(32)])
    from_nothing = Distribution("halves", 0, 16, mode=2)
    assert from_nothing.quantile([0.25, 0.75]) == pytest.approx([1, math.sqrt(32)])
    of_either_sign = Distribution("halves", -1, 16, mode=2)
    assert of_either_sign.quantile([0.25, 0.75]) == pytest.approx([0.5, 9])


@given(low=st.integers(-5, 5), width=st.integers(1, 12))
def test_whole_numbers_are_all_equally_likely(low: int, width: int) -> None:
    """Plain rounding gives both ends half the chance of the others, and the middle of the range too much."""
    u = (np.arange(1000 * (width + 1)) + 0.5) / (1000 * (width + 1))
    found = Distribution("uniform", low, low + width, whole=True).quantile(u)
    assert np.unique(found, return_counts=True)[1].tolist() == [1000] * (width + 1)
    assert found.mean() == pytest.approx(low + width / 2)


def test_switches_and_levels_are_all_equally_likely_up_to_the_end_of_the_cube() -> None:
    """Morris steps to the very end of the cube: a switch is on there, and no level is past the last."""
    of = Distribution("values", values=(7.0, 3.0, 5.0))
    assert of.quantile([0, 0.3, 0.34, 0.66, 0.67, 1]).tolist() == [7, 7, 3, 3, 5, 5]
    assert SWITCH.quantile([0, 1 / 3, 2 / 3, 1]).tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("kind", SIZES)
@settings(deadline=None, max_examples=6)
@given(seed=st.integers(0, 2**63 - 1), factors=st.integers(1, 6))
def test_the_same_seed_gives_the_same_points(kind: str, seed: int, factors: int) -> None:
    """A result could not be repeated; a seed of 0 is the one that SALib would not take for a seed."""
    made = experiment(kind, factors, seed)
    table = experiments.points(made)
    assert table.shape == (designs.size(made.design, made.factors), factors)
    assert not (table < 0).any()  # one_at_a_time leaves factors as they are, which is no number
    assert not (table > 1).any()
    np.testing.assert_array_equal(table, experiments.points(made))


@pytest.mark.parametrize("kind", ["latin_hypercube", "sobol_sequence", "saltelli", "morris", "fast", "monte_carlo"])
def test_another_seed_gives_other_points(kind: str) -> None:
    """Repeating an experiment with fresh points would repeat its accidents."""
    assert (experiments.points(experiment(kind, seed=0)) != experiments.points(experiment(kind, seed=1))).any()


@pytest.mark.parametrize("kind", SIZES)
def test_more_points_keep_the_earlier_ones_where_a_design_says_so(kind: str) -> None:
    """To expand a result would mix two designs, and the races already run would stand for other points."""
    few = experiment(kind)
    if "points" not in SIZES[kind]:
        assert not few.design.extensible
        return
    many = replace(few, design=replace(few.design, points=2 * few.design.points))
    first = experiments.points(few)
    kept = np.array_equal(experiments.points(many)[: len(first)], first)
    assert kept == few.design.extensible


def test_a_factorial_holds_every_combination_once() -> None:
    """A missing combination would leave the joint effect of two levers unknown."""
    table = experiments.points(experiment("factorial", [SWITCH, Distribution("values", values=(1, 2, 3)), UNIT]))
    assert sorted(map(tuple, table.tolist())) == sorted(itertools.product((0, 1), (1, 2, 3), (0, 1)))


def test_a_grid_has_the_levels_asked_for_with_both_ends() -> None:
    """A sweep that stops short of its ends says nothing about them."""
    made = experiment("grid", [Distribution("uniform", 1, 5), SWITCH, UNIT], levels=3, levels_of=(("f2", 2),))
    table = experiments.points(made)
    assert [sorted(set(column)) for column in table.T.tolist()] == [[1, 3, 5], [0, 1], [0, 1]]
    assert len(table) == 12


def test_one_at_a_time_starts_as_it_is_and_moves_one_factor_through_its_levels() -> None:
    """A difference would be that of two factors, and go to one."""
    three = Distribution("values", values=(3, 1, 2))
    made = experiment("one_at_a_time", [Distribution("uniform", 1, 5), SWITCH, three], levels=5)
    table = experiments.points(made)
    assert np.isnan(table[0]).all()
    assert (np.isnan(table[1:]).sum(axis=1) == 2).all()
    moved = [table[rows.start : rows.stop, i].tolist() for i, rows in enumerate(level_rows_of(made))]
    assert moved == [[1, 2, 3, 4, 5], [0, 1], [1, 2, 3]]
    assert len(table) == designs.size(made.design, made.factors) == 11


def level_rows_of(made: Experiment) -> list[range]:
    return designs.level_rows(made.design, made.factors)


@pytest.mark.parametrize(
    ("of", "levels", "values"),
    [
        (Distribution("log_uniform", 0.1, 10), 3, [0.1, 1, 10]),
        (Distribution("triangular", 1, 5, mode=4), 3, [1, 3, 5]),
        (Distribution("normal", 1, 5, mean=2, sd=1), 3, [1, 3, 5]),
        (Distribution("uniform", 1, 4, whole=True), 11, [1, 2, 3, 4]),
        (Distribution("uniform", 30, 200, whole=True), 3, [30, 115, 200]),
        (Distribution("log_uniform", 1, 100, whole=True), 5, [1, 3, 10, 32, 100]),
    ],
)
def test_levels_are_evenly_spaced_with_both_ends_and_none_twice(
    of: Distribution, levels: int, values: list[float]
) -> None:
    """Levels at quantiles would crowd where the belief is, and two equal ones would be a step of nothing."""
    made = experiment("one_at_a_time", [of], levels=levels)
    assert experiments.points(made)[1:, 0] == pytest.approx(values)


@pytest.mark.parametrize("count", range(1, 13))
def test_a_fraction_keeps_single_effects_clear_of_each_other_and_of_pairs(count: int) -> None:
    """Two levers always switched together could not be told apart, or a pair would pass for a lever."""
    signs = 2 * experiments.points(experiment("fractional_factorial", count)) - 1
    assert len(signs) <= 2 ** max(3, math.ceil(math.log2(count)) + 1)
    for columns in (2, 3):
        for chosen in itertools.combinations(range(count), columns):
            assert np.prod(signs[:, chosen], axis=1).sum() == 0


@pytest.mark.parametrize("count", [4, 5, 6, 8])
def test_the_aliasing_told_is_that_of_the_points(count: int) -> None:
    """A joint effect would be given to the wrong pair of levers, with nobody warned."""
    made = experiment("fractional_factorial", count)
    signs = 2 * experiments.points(made) - 1
    column = {(f"f{i}", f"f{j}"): signs[:, i] * signs[:, j] for i, j in itertools.combinations(range(count), 2)}
    told = {frozenset(pair) for group in experiments.aliasing(made) for pair in itertools.combinations(group, 2)}
    for one, other in itertools.combinations(column, 2):
        same = abs(float(column[one] @ column[other])) == len(signs)
        assert same == (frozenset((one, other)) in told)
    assert (count == 5) == (not told)


def test_a_latin_hypercube_has_one_point_in_each_stratum() -> None:
    """Parts of a range would go untried while others are tried twice."""
    table = experiments.points(experiment("latin_hypercube", 4, points=50))
    for column in table.T:
        assert sorted(np.floor(column * 50)) == list(range(50))


def test_a_sobol_sequence_fills_every_half_and_quarter_alike() -> None:
    """An even cloud is what it is chosen for."""
    table = experiments.points(experiment("sobol_sequence", 3, points=64))
    for column in table.T:
        assert np.bincount((column * 4).astype(int)).tolist() == [16] * 4


@pytest.mark.parametrize(("second_order", "rows"), [(False, 7), (True, 12)])
def test_saltelli_changes_one_factor_at_a_time_of_two_points(second_order: bool, rows: int) -> None:
    """The share of variance of one factor is read from rows that share all others."""
    table = experiments.points(experiment("saltelli", 5, second_order=second_order))
    assert len(table) == 16 * rows
    for block in table.reshape(16, rows, 5):
        for factor in range(5):
            assert (np.flatnonzero(block[0] != block[1 + factor]) == [factor]).all()
            assert block[1 + factor, factor] == block[-1, factor]


def test_morris_moves_one_factor_at_a_time_and_each_once() -> None:
    """An elementary effect would be that of two factors, and go to one."""
    trajectories = experiments.points(experiment("morris", [UNIT, SWITCH, UNIT, UNIT])).reshape(6, 5, 4)
    for trajectory in trajectories:
        moved = [np.flatnonzero(step) for step in np.diff(trajectory, axis=0)]
        assert sorted(int(factor) for step in moved for factor in step) == [0, 1, 2, 3]


def test_salib_is_told_of_the_unit_cube() -> None:
    """An analysis of the values would scale effects by the units of their factors."""
    assert designs.problem(experiment("morris", 2).factors) == {
        "num_vars": 2, "names": ["f0", "f1"], "bounds": [[0.0, 1.0], [0.0, 1.0]],
    }  # fmt: skip
