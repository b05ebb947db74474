"""What is made of the answers of an experiment: differences of scenarios, and indices from parts of a design."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_experiments import analysed, experiment

from ipsc_race_lab.analysis import responses
from ipsc_race_lab.metrics import answers
from ipsc_race_lab.metrics.registry import METRICS


def rows_of(analysis: dict[str, Any], index: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["factor"], row["question"]): row for row in analysis["rows"] if row["index"] == index}


def test_scenarios_are_subtracted_race_by_race() -> None:
    """Worlds would be compared by races with different luck, and a small difference drown in it."""
    here = np.array([[10.0, 20.0, 30.0, 40.0]])
    analysis = responses.comparison({"base": {"lead": here}, "other": {"lead": here + np.array([[1, 2, 3, 2]])}})
    assert analysis["base"] == "base"
    difference = rows_of(analysis, "difference")["other", "lead"]
    assert difference["estimate"] == 2.0
    assert difference["high"] - 2.0 == pytest.approx(3.18245 * np.std([1, 2, 3, 2], ddof=1) / 2, rel=1e-5)
    ratio = rows_of(analysis, "variance_ratio")["other", "lead"]["estimate"]
    apart = np.var([10, 20, 30, 40], ddof=1) + np.var([11, 22, 33, 42], ddof=1)
    assert ratio == pytest.approx(apart / np.var([1, 2, 3, 2], ddof=1))


def test_points_are_averaged_within_a_race_and_all_agrees_with_pandas() -> None:
    """Points of one race share its luck: taken for races of their own they would make the interval too narrow."""
    rng = np.random.default_rng(5)
    luck = rng.normal(size=(1, 40))
    answers = {name: {"lead": shift + luck + 0.3 * rng.normal(size=(3, 40))} for name, shift in (("a", 0), ("b", 1))}
    analysis = responses.comparison(answers)
    frame = pd.concat(
        pd.DataFrame(of["lead"]).stack().rename_axis(["point", "run"]).rename("lead").reset_index().assign(world=name)
        for name, of in answers.items()
    )
    means = frame.groupby(["run", "world"])["lead"].mean().unstack()
    made = means["b"] - means["a"]
    row = rows_of(analysis, "difference")["b", "lead"]
    assert row["estimate"] == pytest.approx(made.mean())
    assert row["high"] - row["low"] == pytest.approx(2 * 2.02269 * made.sem(), rel=1e-4)
    ratio = rows_of(analysis, "variance_ratio")["b", "lead"]["estimate"]
    assert ratio == pytest.approx((means["a"].var() + means["b"].var()) / made.var())


def test_nine_in_ten_differences_of_worlds_lie_within_what_is_told_of_them() -> None:
    """Told as it comes out of few races, the spread between worlds would hold their luck and be twice too wide."""
    rng = np.random.default_rng(3)
    worlds, replications = 4000, 4
    effects = rng.normal(5.0, 2.0, (worlds, 1))
    here = rng.normal(0.0, 8.0, (worlds, replications))
    there = here + effects + rng.normal(0.0, 6.0, (worlds, replications))
    analysis = responses.comparison({"base": {"lead": here}, "other": {"lead": there}}, over_worlds=True)
    told = rows_of(analysis, "worlds")["other", "lead"]
    assert ((effects >= told["low"]) & (effects <= told["high"])).mean() == pytest.approx(0.9, abs=0.02)
    assert rows_of(analysis, "numbers_share")["other", "lead"]["estimate"] == pytest.approx(4 / 40, abs=0.02)
    assert "worlds" not in {row["index"] for row in responses.comparison({"a": {"lead": here}})["rows"]}


@pytest.mark.parametrize(
    ("kind", "design", "index", "points", "sizes"),
    [
        ("sobol", "saltelli", "total", 32, [4, 8, 16, 32]),
        ("morris", "morris", "mu_star", 12, [3, 6, 12]),
        ("pawn", "monte_carlo", "pawn", 80, [10, 20, 40, 80]),
        ("delta", "latin_hypercube", "delta", 80, [10, 20, 40, 80]),
    ],
)
def test_convergence_ends_with_the_rows_of_the_whole_design(
    kind: str, design: str, index: str, points: int, sizes: list[int]
) -> None:
    """Whether more points are needed must be seen of the very numbers that are reported."""
    _, analysis = analysed(kind, design, points)
    steps = analysis["convergence"]
    assert list(dict.fromkeys(row["size"] for row in steps)) == sizes
    whole = [{**row, "size": points} for row in analysis["rows"] if row["index"] == index]
    assert [row for row in steps if row["size"] == points] == whole
    assert {row["index"] for row in steps} == {index}


def test_an_approval_within_the_span_is_told_from_none_and_from_one_after_it() -> None:
    """A first of the pair that never arrives would pass for one that is late."""
    from ipsc_race.rules.summary import OUTCOME
    from ipsc_race_lab.metrics.questions import QUESTIONS

    table = np.zeros((4, 1, 2), OUTCOME)
    for question in QUESTIONS:
        table[f"{question}_months"][..., 0] = [[0.0], [119.0], [120.0], [np.inf]]
    table["first_home_approval_months"][2] = np.nan  # the row failed
    analysis = answers.responses(table, ["a", "b"], ("a", "b"), 120.0)
    assert analysis["p_reached.first_approval_anywhere"][:, 0].tolist() == [1, 1, 0, 0]
    np.testing.assert_array_equal(analysis["p_reached.first_home_approval"][:, 0], [1, 1, np.nan, 0])
    assert set(analysis) == set(METRICS)


def test_scenarios_of_one_at_a_time_are_compared_as_they_are() -> None:
    """A mean over the levels of one factor and then of another is the answer of no world."""
    table = np.arange(12.0).reshape(4, 3)
    of = {"a": {"lead": table}, "b": {"lead": table + 1}}
    assert responses.standing_for(experiment("one_at_a_time", 1), of)["b"]["lead"].tolist() == [[1, 2, 3]]
    assert responses.standing_for(experiment("grid", 1), of) is of


def test_analyses_without_beginnings_tell_no_convergence() -> None:
    """A curve of fast cut off in the middle has other frequencies."""
    _, analysis = analysed("fast", "fast", 65)
    assert analysis["rows"]
    assert analysis["convergence"] == []
