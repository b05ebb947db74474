"""Indices that are wrong would name the wrong causes of who wins the race, with intervals to make it look sure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from SALib.analyze import fast as salib_fast
from SALib.analyze import morris as salib_morris
from SALib.analyze import pawn as salib_pawn
from SALib.analyze import sobol as salib_sobol
from SALib.sample import fast_sampler
from SALib.sample import morris as morris_sampler
from SALib.sample import sobol as saltelli

from ipsc_race_lab.analysis import moment_independent, sensitivity
from ipsc_race_lab.analysis.sensitivity import Index, exceeds_noise

Floats = NDArray[np.float64]
THREE = ("x1", "x2", "x3")
FIRST = (0.3139, 0.4424, 0.0)  # Ishigami & Homma 1990, a = 7 and b = 0.1
TOTAL = (0.5576, 0.4424, 0.2437)


def cube(names: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def ishigami(points: Floats) -> Floats:
    x = math.pi * (2 * points[:, :3] - 1)
    answer: Floats = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return answer


def g_function(points: Floats, a: Floats) -> Floats:
    answer: Floats = np.prod((np.abs(4 * points - 2) + a) / (1 + a), axis=1)
    return answer


def lucky(mean: Floats, replications: int, shared: float, own: float, seed: int = 5) -> Floats:
    """Answers around a mean response: luck of a replication that all points share, and luck of a race of its own."""
    rng = np.random.default_rng(seed)
    races = shared * rng.normal(size=replications) + own * rng.normal(size=(len(mean), replications))
    answers: Floats = mean[:, None] + races
    return answers


def estimates(rows: Sequence[Index], index: str) -> list[float]:
    found = [row.estimate for row in rows if row.index == index]
    assert None not in found
    return [float(value or 0) for value in found]


def check_held(rows: Sequence[Index], index: str, truth: Sequence[float], width: float) -> None:
    for row, value in zip([row for row in rows if row.index == index], truth, strict=True):
        assert row.low is not None
        assert row.high is not None
        assert row.low <= value <= row.high, (row, value)
        assert row.high - row.low < width, "an interval that holds everything says nothing"


# Sobol's indices


@pytest.fixture(scope="module")
def crossed() -> Floats:
    points: Floats = saltelli.sample(cube(THREE), 512, calc_second_order=True, seed=11)
    return points


@pytest.mark.parametrize(
    ("replications", "shared", "own"), [(1, 0.0, 0.0), (8, 0.0, 4.0), (8, 4.0, 0.0), (8, 3.0, 3.0)]
)
def test_ishigami_is_told_with_and_without_luck(crossed: Floats, replications: int, shared: float, own: float) -> None:
    """Published indices must be found, or those of the race are of an unknown thing; luck must not be a factor."""
    answers = lucky(ishigami(crossed), replications, shared, own)
    rows = sensitivity.sobol("q", crossed, answers, THREE, seed=1, second_order=True)
    check_held(rows, "first", FIRST, 0.6)
    check_held(rows, "total", TOTAL, 0.6)
    check_held(rows, "second:x3", [0.2437, 0.0], 0.9)


def test_luck_left_in_would_have_been_seen(crossed: Floats) -> None:
    """Else the test above could not fail: point means as they are give a total far too large."""
    answers = lucky(ishigami(crossed), 8, 0.0, 4.0)
    corrected = sensitivity.sobol("q", crossed, answers, THREE, seed=1, second_order=True)
    naive = sensitivity.sobol("q", crossed, answers.mean(axis=1, keepdims=True), THREE, seed=1, second_order=True)
    assert abs(estimates(corrected, "total")[2] - TOTAL[2]) < 0.04
    assert estimates(naive, "total")[2] - TOTAL[2] > 0.1


def test_the_g_function_of_six_factors_is_told() -> None:
    """Sobol' 1993: six factors, of which two matter; an index at the wrong factor would show here."""
    a = np.array([0.0, 0.5, 3.0, 9.0, 99.0, 99.0])
    names = tuple(f"x{i}" for i in range(6))
    points = saltelli.sample(cube(names), 512, calc_second_order=False, seed=3)
    alone = 1 / (3 * (1 + a) ** 2)
    whole = np.prod(1 + alone) - 1
    answers = lucky(g_function(points, a), 6, 0.5, 0.5)
    rows = sensitivity.sobol("q", points, answers, names, seed=1)
    check_held(rows, "first", list(alone / whole), 0.4)
    check_held(rows, "total", [float(v * np.prod(1 + np.delete(alone, i)) / whole) for i, v in enumerate(alone)], 0.4)


def test_one_replication_gives_the_numbers_of_salib(crossed: Floats) -> None:
    """Two programmes with the same estimators that differ would mean that one has mixed up its rows."""
    answers = ishigami(crossed)
    rows = sensitivity.sobol("q", crossed, answers[:, None], THREE, seed=1, second_order=True, resamples=0)
    theirs = salib_sobol.analyze(cube(THREE), answers, num_resamples=2, seed=1)
    assert estimates(rows, "first") == pytest.approx(theirs["S1"].tolist(), abs=1e-12)
    assert estimates(rows, "total") == pytest.approx(theirs["ST"].tolist(), abs=1e-12)
    pairs = [row.estimate for row in rows if row.index.startswith("second")]
    assert pairs == pytest.approx(theirs["S2"][np.triu_indices(3, 1)].tolist(), abs=1e-12)


@pytest.mark.parametrize("shared", [0.0, 2.0])
def test_the_dummy_is_told_from_nothing_by_no_index(shared: float) -> None:
    """A factor that no rule reads and that comes out as a cause would make every small cause a phantom."""
    names = (*THREE, "dummy")
    points = saltelli.sample(cube(names), 256, calc_second_order=False, seed=7)
    answers = lucky(ishigami(points), 6, shared, 2.0)
    rows = sensitivity.sobol("q", points, answers, names, seed=1)
    for row in rows:
        if row.factor == "dummy":
            assert row.low is not None
            assert row.high is not None
            assert row.low <= 0 <= row.high < 0.15
    assert sensitivity.noise_floor(rows, "q", "total", "dummy") == rows[-1].high
    assert sensitivity.noise_floor(rows, "q", "total", None) is None
    assert sensitivity.noise_floor(rows, "another", "total", "dummy") is None


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Intervals too narrow would call luck a cause in one study of a few."""
    held, asked = 0, 0
    for seed in range(1, 41):
        points = saltelli.sample(cube(("x1", "x2")), 64, calc_second_order=False, seed=seed)
        mean = 2 * points[:, 0] + points[:, 1]
        answers = lucky(mean, 8, 1.0, 1.0, seed=seed)
        for row in sensitivity.sobol("q", points, answers, ("x1", "x2"), seed=seed, resamples=200):
            truth = 0.8 if row.factor == "x1" else 0.2
            assert row.low is not None
            assert row.high is not None
            held, asked = held + (row.low <= truth <= row.high), asked + 1
    assert held >= 0.9 * asked


def test_answers_without_variance_have_no_indices(crossed: Floats) -> None:
    """Nought by nought is no share: an answer that nothing changes has no causes, and rounding is none."""
    rows = sensitivity.sobol("q", crossed, np.full((len(crossed), 3), 0.1), THREE, seed=1, second_order=True)
    assert {(row.estimate, row.low, row.high) for row in rows} == {(None, None, None)}
    pure_luck = sensitivity.sobol(
        "q", crossed, lucky(np.zeros(len(crossed)), 4, 1, 1), THREE, seed=1, second_order=True
    )
    assert {(row.low, row.high) for row in pure_luck} == {(None, None)}


def test_the_same_seed_gives_the_same_intervals_and_another_others(crossed: Floats) -> None:
    """A report that cannot be made again cannot be checked; seed 0 is a seed like any other."""
    answers = lucky(ishigami(crossed), 4, 1.0, 1.0)
    once, again, other = (
        sensitivity.sobol("q", crossed, answers, THREE, seed=seed, second_order=True, resamples=50)
        for seed in (0, 0, 1)
    )
    assert once == again
    assert [row.low for row in once] != [row.low for row in other]
    assert [row.estimate for row in once] == [row.estimate for row in other]


def test_rows_in_another_order_are_refused(crossed: Floats) -> None:
    """Shuffled rows still give numbers, all of them wrong."""
    answers = ishigami(crossed)[:, None]
    with pytest.raises(ValueError, match="not Saltelli's scheme"):
        sensitivity.sobol("q", crossed[::-1], answers, THREE, seed=1, second_order=True)
    with pytest.raises(ValueError, match="not Saltelli's scheme"):
        sensitivity.sobol("q", np.random.default_rng(1).random((20, 3)), answers[:20], THREE, seed=1)
    with pytest.raises(ValueError, match="must be a multiple of 5"):
        sensitivity.sobol("q", crossed[:7], answers[:7], THREE, seed=1)
    with pytest.raises(ValueError, match="hold nan in row 3, column 0"):
        sensitivity.sobol("q", crossed, np.where(np.arange(len(answers)) == 3, np.nan, answers.T).T, THREE, seed=1)


# Elementary effects


def test_morris_of_a_line_gives_its_slopes() -> None:
    """An effect per range of a factor that is not the slope would rank factors by the length of a step."""
    names = ("up", "down", "dummy")
    points = morris_sampler.sample(cube(names), 12, num_levels=6, seed=4)
    answers = lucky(points @ np.array([2.0, -3.0, 0.0]), 5, 10.0, 0.0)
    rows = sensitivity.morris("q", points, answers, names, seed=1)
    assert estimates(rows, "mu_star") == pytest.approx([2, 3, 0], abs=1e-9)
    assert estimates(rows, "mu") == pytest.approx([2, -3, 0], abs=1e-9)
    assert estimates(rows, "sigma") == pytest.approx([0, 0, 0], abs=1e-6)
    assert sensitivity.noise_floor(rows, "q", "mu_star", "dummy") == pytest.approx(0, abs=1e-9)


def test_morris_agrees_with_salib() -> None:
    """Two programmes that differ would mean that one has mixed up the order of the steps."""
    points = morris_sampler.sample(cube(THREE), 20, num_levels=4, seed=4)
    answers = ishigami(points)
    rows = sensitivity.morris("q", points, answers[:, None], THREE, seed=1, resamples=0)
    theirs = salib_morris.analyze(cube(THREE), points, answers, num_levels=4, num_resamples=2, seed=1)
    for index in ("mu", "mu_star", "sigma"):
        assert estimates(rows, index) == pytest.approx([float(v) for v in theirs[index]], abs=1e-9)


def test_luck_is_no_curvature() -> None:
    """Noise in sigma would call every factor of a race nonlinear; in mu_star it is at least told."""
    names = ("up", "dummy")
    points = morris_sampler.sample(cube(names), 60, num_levels=4, seed=4)
    answers = lucky(10 * points[:, 0], 10, 0.0, 3.0)
    rows = sensitivity.morris("q", points, answers, names, seed=1)
    noise = 3 * math.sqrt(2 / 10) / (2 / 3)
    assert max(estimates(rows, "sigma")) < 0.6 * noise
    told = estimates(rows, "mu_star_noise")
    assert told == pytest.approx([math.sqrt(2 / math.pi) * noise] * 2, rel=0.1)
    assert estimates(rows, "mu_star")[1] == pytest.approx(told[1], rel=0.3)
    check_held(rows, "mu", [10, 0], 2)


def test_few_factors_without_effect_rise_above_the_floor_of_their_noise() -> None:
    """A floor that noise climbs over makes causes of it; one that no cause climbs over hides them."""
    names = ["cause", *(f"nothing_{i}" for i in range(39))]
    points = morris_sampler.sample(cube(names), 12, num_levels=4, seed=6)
    noise = np.random.default_rng(3).standard_t(4, size=(len(points), 16))
    rows = sensitivity.morris("q", points, 6 * points[:, [0]] + noise, names, seed=1, resamples=400)
    floor = {row.factor: row.estimate for row in rows if row.index == "mu_star_noise"}
    told = [row.factor for row in rows if row.index == "mu_star" and exceeds_noise(row.low, floor[row.factor])]
    assert told[0] == "cause"
    assert len(told) <= 1 + 3  # of 39 at the upper end of a 95% interval: one expected
    assert not exceeds_noise(5.0, None), "one replication knows no noise"


def test_points_that_are_no_trajectories_are_refused() -> None:
    """A step in two factors at once has no effect of either."""
    with pytest.raises(ValueError, match="not trajectories"):
        sensitivity.morris("q", np.random.default_rng(1).random((8, 3)), np.zeros((8, 2)), THREE, seed=1)


# Other methods


@pytest.mark.parametrize(("replications", "shared", "own"), [(1, 0.0, 0.0), (6, 2.0, 2.0)])
def test_fast_tells_ishigami(replications: int, shared: float, own: float) -> None:
    """A method that fails where the answer is known has nothing to say where it is not."""
    points = fast_sampler.sample(cube(THREE), 513, seed=9)
    rows = sensitivity.fast("q", points, lucky(ishigami(points), replications, shared, own), THREE, seed=1)
    assert estimates(rows, "first") == pytest.approx(FIRST, abs=0.08)
    assert estimates(rows, "total") == pytest.approx(TOTAL, abs=0.12)
    assert all((row.low is None) == (replications == 1) for row in rows)


def test_fast_agrees_with_salib() -> None:
    """Two programmes that differ would mean that one has mixed up its frequencies."""
    points = fast_sampler.sample(cube(THREE), 301, seed=9)
    answers = ishigami(points)
    rows = sensitivity.fast("q", points, answers[:, None], THREE, seed=1)
    theirs = [salib_fast.compute_orders(answers[i * 301 :][:301], 301, 4, 300 // 8) for i in range(3)]
    assert estimates(rows, "first") == pytest.approx([one for one, _ in theirs], abs=1e-12)
    assert estimates(rows, "total") == pytest.approx([one for _, one in theirs], abs=1e-12)


def test_distances_of_distributions_rank_factors_above_the_dummy() -> None:
    """A cause whose index is below the dummy's would be lost, and these indices are never nothing."""
    names = ("much", "some", "dummy")
    points = np.random.default_rng(2).random((300, 3))
    answers = lucky(4 * points[:, 0] + 2 * points[:, 1], 4, 1.0, 0.5)
    pawn = moment_independent.pawn("q", points, answers, names, seed=1, resamples=100)
    delta = moment_independent.delta("q", points, answers, names, seed=1, resamples=20)
    for rows in (pawn, delta):
        much, some, dummy = rows
        floor = sensitivity.noise_floor(rows, "q", much.index, "dummy")
        assert floor == dummy.high
        assert (much.low or 0) > (some.estimate or 0) > (floor or 1)
    theirs = salib_pawn.analyze(cube(names), points, answers.mean(axis=1))["median"]
    assert estimates(pawn, "pawn") == pytest.approx(theirs.tolist(), abs=0.04)


def test_the_bias_of_delta_is_taken_off() -> None:
    """In a finite sample the densities of a slice and of all differ by luck, which would pass for importance."""
    points = np.random.default_rng(4).random((300, 2))
    answers = lucky(3 * points[:, 0], 4, 1.0, 0.5)
    raw = moment_independent.delta("q", points, answers, ("much", "dummy"), seed=1, resamples=0)[1]
    freed = moment_independent.delta("q", points, answers, ("much", "dummy"), seed=1, resamples=40)[1]
    assert raw.low is None
    assert (raw.estimate or 0) > 0.05
    assert abs(freed.estimate or 1) < 0.8 * (raw.estimate or 0)
    assert freed.low is not None
    assert freed.low < 0.03


def test_answers_of_few_values_have_distances_but_no_densities() -> None:
    """A density of a share that is always nought or one does not exist, and must not end the study."""
    points = np.random.default_rng(2).random((100, 2))
    answers = np.repeat(points[:, [0]] > 0.9, 2, axis=1).astype(float)
    assert moment_independent.delta("q", points, answers, ("a", "b"), seed=1, resamples=5)[0].estimate is None
    told, idle = moment_independent.pawn("q", points, answers, ("a", "b"), seed=1, resamples=5)
    assert (told.estimate or 0) > (idle.estimate or 1)


# Parts of the variance


@pytest.mark.parametrize("shared", [0.0, 2.0])
def test_planted_variances_are_found(shared: float) -> None:
    """How much of who wins is luck is an answer of its own, and must not depend on luck being shared."""
    rng = np.random.default_rng(8)
    answers = lucky(1.5 * rng.normal(size=400), 40, shared, 3.0)
    parts = sensitivity.variance_parts(answers, seed=1)
    luck = float(np.var(answers.mean(axis=0), ddof=1)) if shared else 0.0  # what the draws came to
    assert parts.between == pytest.approx(2.25, rel=0.2)
    assert parts.within == pytest.approx(9.0 + luck, rel=0.1)
    assert parts.shared == pytest.approx(luck, abs=0.1)
    assert parts.share.low is not None
    assert parts.share.high is not None
    assert parts.share.low <= 2.25 / (2.25 + 9 + shared**2) <= parts.share.high
    assert parts.share.high - parts.share.low < 0.2


def test_shared_luck_is_not_taken_off_the_factors() -> None:
    """The one-way correction would make the factors' part negative here, as if nothing they do mattered."""
    answers = lucky(np.linspace(-1, 1, 50), 5, 10.0, 0.1)
    truth = float(np.var(np.linspace(-1, 1, 50), ddof=1))
    one_way = answers.mean(axis=1).var(ddof=1) - answers.var(axis=1, ddof=1).mean() / 5
    assert one_way < 0
    assert sensitivity.variance_parts(answers, seed=1).between == pytest.approx(truth, rel=0.1)


def test_one_replication_leaves_the_share_open() -> None:
    """Without a second race at a point nobody knows what luck does."""
    parts = sensitivity.variance_parts(np.arange(6.0)[:, None], seed=1)
    assert parts.between == pytest.approx(3.5)
    assert parts[1:] == (None, None, (None, None, None))


# Two levels


def test_planted_effects_are_found_and_shared_luck_cancels() -> None:
    """An effect drowned in luck that both levels share would be a cause missed at the price of the whole study."""
    levels = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1).T.astype(float)
    signs = 2 * levels - 1
    mean = 1.5 * signs[:, 0] - 0.5 * signs[:, 1] + 0.25 * signs[:, 0] * signs[:, 1]
    answers = lucky(mean, 12, 50.0, 0.1)
    rows = sensitivity.effects("q", levels, answers, THREE)
    assert [(row.factor, row.index) for row in rows[3:]] == [
        ("x1", "interaction:x2"),
        ("x1", "interaction:x3"),
        ("x2", "interaction:x3"),
        *((name, "variance_ratio") for name in THREE),
    ]
    for row, truth in zip(rows[:6], [3.0, -1.0, 0.0, 0.5, 0.0, 0.0], strict=True):
        assert row.low is not None
        assert row.high is not None
        assert row.estimate == pytest.approx(truth, abs=3 * 0.1 * math.sqrt(4 / 8 / 12))
        assert row.high - row.low < 0.15
        assert truth == 0 or (row.low > 0) == (row.high > 0) == (truth > 0)


def test_an_interaction_that_is_another_in_disguise_is_left_out() -> None:
    """In a half fraction x1 x2 is x3 x4: to print either would be to choose a cause by the order of the names."""
    three = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T.astype(float)
    half = np.concatenate([three, three.prod(axis=1, keepdims=True)], axis=1)
    rows = sensitivity.effects("q", half, lucky(half[:, 0], 3, 1.0, 0.1), (*THREE, "x4"))
    assert {row.index for row in rows} == {"effect", "variance_ratio"}
    with pytest.raises(ValueError, match="not a factorial"):
        sensitivity.effects("q", half[:5], np.zeros((5, 2)), (*THREE, "x4"))
    with pytest.raises(ValueError, match="'x2' does not stand at two levels"):
        sensitivity.effects("q", np.array([[0, 0], [0, 0.5], [1, 1.0]]), np.zeros((3, 2)), ("x1", "x2"))


def test_the_variance_ratio_of_an_effect_is_that_of_luck_shared_and_not_shared() -> None:
    """What shared luck is worth would be claimed and not measured."""
    levels = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1).T.astype(float)
    answers = lucky(levels @ np.array([3.0, 1.0, 0.0]), 400, 3.0, 1.0)
    ratios = estimates(sensitivity.effects("q", levels, answers, THREE), "variance_ratio")
    for j, ratio in enumerate(ratios):
        effect = answers[levels[:, j] == 1].mean(axis=0) - answers[levels[:, j] == 0].mean(axis=0)
        apart = sum(np.var(point, ddof=1) for point in answers) / 4**2
        assert ratio == pytest.approx(apart / np.var(effect, ddof=1))
        assert ratio == pytest.approx((3.0**2 + 1) / 1, rel=0.25), "the luck that points share is nine of ten parts"


# Beginnings of a design, and designs that do not fit


def test_convergence_analyses_beginnings_of_the_design() -> None:
    """A curve that ends elsewhere than in the table would show the convergence of something else."""
    points = saltelli.sample(cube(THREE), 64, calc_second_order=False, seed=11)
    answers = lucky(ishigami(points), 3, 1.0, 1.0)

    def analysis(some: Any, of: Any) -> list[Index]:
        return sensitivity.sobol("q", some, of, THREE, seed=1, resamples=20)

    steps = sensitivity.convergence(analysis, points, answers, [16, 32, 64], sensitivity.block_rows(3))
    assert [step.size for step in steps] == [16, 32, 64]
    assert steps[-1].rows == analysis(points, answers)
    assert steps[0].rows == analysis(points[: 16 * 5], answers[: 16 * 5])
    with pytest.raises(ValueError, match=r"\[128\] are not among 1\.\.64"):
        sensitivity.convergence(analysis, points, answers, [32, 128], 5)
