"""A dose response tells each level against the world as it is and against the level before, race by race."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats
from small_experiments import SWITCH, UNIT, experiment

from ipsc_race_lab.analysis import responses
from ipsc_race_lab.design.distributions import Distribution
from ipsc_race_lab.design.experiment import Analysis, Experiment
from ipsc_race_lab.design.factors import Factor, Level
from ipsc_race_lab.metrics.registry import of_whole
from ipsc_race_lab.wording import dose_response as dose_response_words

CHANCE, LEAD, SHARE = "p_reached.first_home_approval", "lead_months.first_in_human", "revenue_share.origin"
SITES = "jurisdictions.china.sites.capacity_count"
FACTORS = (
    Factor("bar", Distribution("uniform", 0.5, 0.9), "jurisdictions.china.regulation.conditional.bar_probability"),
    Factor("sites", Distribution("uniform", 1, 2, whole=True), SITES),
    Factor("herding", SWITCH, "mechanisms.herding_switch"),
    Factor(
        "lane",
        Distribution("values", values=(0.0, 1.0)),
        levels=(Level("closed", None, {"x": 1}), Level("as_is", None, {})),
    ),
    Factor("noise", UNIT),
)


class Known(Experiment):
    """An experiment whose scenario's own values are given."""

    def as_it_is(self, scenario: str) -> Any:
        return np.array([0.7, 1, 1, 1, np.nan])[: len(self.factors)]


def made(factors: tuple[Factor, ...] = FACTORS) -> Experiment:
    of = replace(experiment("one_at_a_time", 1), factors=factors, analysis=Analysis("dose_response"))
    return Known(**{name: getattr(of, name) for name in of.__dataclass_fields__})


def analysis_of(table: Any, question: str = LEAD, factors: tuple[Factor, ...] = FACTORS[:1]) -> dict[str, Any]:
    answers = np.asarray(table)
    kept = of_whole(answers, np.ones(answers.shape)) if question == SHARE else answers
    return responses.analyse(made(factors), {question: kept}, "baseline")


def intervals(analysis: dict[str, Any], index: str) -> list[tuple[float, float, float]]:
    return [(row["estimate"], row["low"], row["high"]) for row in analysis["rows"] if row["index"] == index]


def test_differences_are_taken_race_by_race() -> None:
    """Levels compared by races with other random numbers would let a small difference drown in them."""
    luck = np.array([10.0, 20.0, 30.0, 40.0])
    gains = np.array([[0, 0, 0, 0], [1, 2, 3, 2], [2, 2, 4, 4], [5, 3, 5, 3]], np.float64)
    analysis = analysis_of(luck + gains)
    for index, wanted in (("difference", gains[1:]), ("step", np.diff(gains[1:], axis=0))):
        for got, differences in zip(intervals(analysis, index), wanted, strict=True):
            mean = differences.mean()
            low, high = stats.t.interval(0.95, 3, mean, stats.sem(differences))
            assert got == pytest.approx((mean, low, high))
    assert analysis["means"][LEAD]["estimate"] == 25
    assert [mean for mean, _, _ in intervals(analysis, "mean")] == [27, 28, 29]


def test_no_interval_of_a_chance_is_without_width() -> None:
    """Ten races that all arrive do not make it certain that every race does, nor that no dose changes it."""
    analysis = analysis_of(np.ones((4, 10), np.float16), CHANCE)
    assert intervals(analysis, "mean") == [pytest.approx((1, 0.7225, 1), abs=1e-4)] * 3
    assert analysis["means"][CHANCE]["low"] == pytest.approx(0.7225, abs=1e-4)
    assert all(low < 0 < high for index in ("difference", "step") for _, low, high in intervals(analysis, index))


def test_shares_stay_between_none_and_all_and_their_differences_need_not() -> None:
    analysis = analysis_of([[0.0, 0.0, 0.1], [0.0, 0.0, 0.1], [0.9, 1.0, 1.0], [0.9, 1.0, 1.0]], SHARE)
    assert all(0 <= low <= high <= 1 for _, low, high in intervals(analysis, "mean"))
    assert intervals(analysis, "step")[0][0] == pytest.approx(0.9333, abs=1e-4)


def test_every_level_is_told_in_the_unit_of_its_factor() -> None:
    """A step between two quantiles is no advice to a regulator."""
    count = 1 + 3 + 2 + 2 + 2 + 3
    analysis = analysis_of(np.arange(2.0 * count).reshape(count, 2), LEAD, FACTORS)
    values: dict[str, list[Any]] = {}
    for row in analysis["rows"]:
        if row["index"] == "mean":
            assert row["level"] == len(values.setdefault(row["factor"], []))
            values[row["factor"]].append(row["value"])
    assert values == {
        "bar": [0.5, 0.7, 0.9], "sites": [1, 2], "herding": [False, True], "lane": ["closed", "as_is"],
        "noise": [0, 0.5, 1],
    }  # fmt: skip
    assert type(values["sites"][0]) is int
    assert analysis["factors"] == [
        {"factor": "bar", "unit": "probability (0 to 1)", "value": 0.7},
        {"factor": "sites", "unit": "count", "value": 1},
        {"factor": "herding", "unit": "on or off", "value": True},
        {"factor": "lane", "unit": None, "value": "as_is"},
        {"factor": "noise", "unit": None, "value": None},
    ]
    steps = [row for row in analysis["rows"] if row["index"] == "step" and row["factor"] == "bar"]
    assert [row["level"] for row in steps] == [1, 2], "the first level has none before it"


def said(table: Any, question: str = LEAD) -> list[str]:
    analysis = analysis_of(table, question)
    of = {
        "question": question,
        "mean": analysis["means"][question],
        "rows": analysis["rows"],
        "factors": analysis["factors"],
    }
    return dose_response_words.lines(of, "The answer")


def test_the_printed_row_holds_both_ends_and_the_largest_step() -> None:
    """A reader would have to find the cliff among a hundred rows."""
    head, _, row = said([[1.0, 3.0], [0.0, 2.0], [1.0, 3.0], [9.0, 11.5]])
    assert head.startswith("The answer: as it is +2.0 (")
    assert "Bar  0.5: +1.0 (-11.7 to +13.7)" in row
    assert "0.7: +2.0" in row
    assert "0.9: +10.2 (" in row
    assert "0.7 to 0.9: +8.2 (+5.1 to +11.4) *" in row


def test_the_printed_row_says_where_nothing_moves_the_answer_and_where_there_is_no_interval() -> None:
    assert said(np.ones((4, 5)), CHANCE)[2].endswith("none moves it")
    assert "0.5 to 0.7: +1.0 (no interval)" in said([[1.0], [1.0], [2.0], [2.0]])[2]
