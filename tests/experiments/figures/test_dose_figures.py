"""The figure of a dose response has a panel for each factor, one axis of the answer, and stands at the numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from readable_figures import check_clear, words

from ipsc_race_lab.figures import dose_response as dose_figures
from ipsc_race_lab.figures import style
from ipsc_race_lab.wording.names import readable

TITLE, CAPTION = "Lead to a first approval at home: China against West", "Doses. 30 points, 10 races each, seed 1."
LEAD, CHANCE = "lead_months.first_home_approval", "p_reached.first_home_approval"
LONG = "a_very_long_name_of_a_factor_that_somebody_has_written_with_much_care_and_little_room"
FACTORS: list[dict[str, Any]] = [
    {"factor": "bar", "unit": "probability (0 to 1)", "value": 0.7},
    {"factor": LONG, "unit": "change of the logarithm of a market share per unit of effect", "value": 2.0},
    {"factor": "capital", "unit": "multiplier", "value": 0.125},
    {"factor": "herding", "unit": "on or off", "value": True},
    {"factor": "lane", "unit": None, "value": "as_is"},
    {"factor": "noise", "unit": None, "value": None},
]
LEVELS: dict[str, list[Any]] = {
    "bar": [0.5, 0.7, 0.9], LONG: [1.0, 2.0, 3.0], "capital": [0.25, 1.0, 4.0], "herding": [False, True],
    "lane": ["as_is", "closed_for_good_and_all"], "noise": [0.0, 0.5, 1.0],
}  # fmt: skip
MEAN = {"estimate": 0.5, "low": 0.3, "high": 0.7}


def rows(question: str = LEAD) -> list[dict[str, Any]]:
    rng = np.random.default_rng(3)
    return [
        {"question": question, "factor": factor, "index": index, "level": level, "value": value}
        | {"estimate": at, "low": max(0.0, at - 0.2), "high": min(1.0, at + 0.2)}
        for factor, values in LEVELS.items()
        for level, value in enumerate(values)
        for index, at in (("mean", float(rng.random())), ("difference", 99.0))
    ]


def drawn(question: str = LEAD, factors: list[dict[str, Any]] = FACTORS) -> Figure:
    with style.look():
        return dose_figures.dose_figure(rows(question), factors, MEAN, TITLE, CAPTION, {"capital"})


@pytest.mark.parametrize("count", range(1, 7))
def test_no_text_leaves_the_page_or_lies_on_another(count: int) -> None:
    """A panel whose factor or unit cannot be read tells nothing."""
    check_clear(drawn(factors=FACTORS[:count]))


def test_every_factor_unit_and_own_value_is_named_and_the_caption_stands_below() -> None:
    told = words(drawn())
    for of in FACTORS:
        assert readable(of["factor"]) in told
    for part in ("probability (0 to 1)", "as it is: 0.7", "as it is: as is", "as it is: on", "moves nothing", CAPTION):
        assert part in told


def test_all_panels_have_the_same_axis_of_the_answer_four_in_a_row() -> None:
    """A steep line and a flat one could be the same response."""
    axes = drawn().axes
    assert len({of.get_ylim() for of in axes}) == 1
    assert len({round(of.get_position().x0, 6) for of in axes}) == 4
    assert axes[0].get_ylabel() == "months"
    assert drawn(CHANCE).axes[0].get_ylabel() == "% of races"


def test_lines_and_bands_stand_at_the_numbers() -> None:
    """A figure that is not of the table beside it is worse than none."""
    axes = drawn(CHANCE).axes[0]
    mine = [row for row in rows(CHANCE) if row["factor"] == "bar" and row["index"] == "mean"]
    line = next(line for line in axes.lines if len(line.get_xdata()) == 3)
    assert line.get_xdata().tolist() == [0.5, 0.7, 0.9]
    assert line.get_ydata() == pytest.approx([100 * row["estimate"] for row in mine])
    ends = np.concatenate([path.vertices for path in axes.collections[0].get_paths()])[:, 1]
    assert {round(end, 6) for end in ends} == {round(100 * row[key], 6) for row in mine for key in ("low", "high")}


def test_the_scenarios_own_value_is_marked_even_outside_the_levels() -> None:
    """Nobody could see that the range tried does not hold the world as it is."""
    for at, own in ((0, 0.7), (2, 0.125), (3, 1), (4, 0)):
        axes = drawn().axes[at]
        black = [line for line in axes.lines if line.get_color() == "black"]
        assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in black] == [(own, MEAN["estimate"])]
        low, high = axes.get_xlim()
        assert low <= own <= high
    assert not [line for line in drawn().axes[5].lines if line.get_color() == "black"]


def test_of_many_factors_those_that_move_the_answer_most_are_drawn() -> None:
    """Seven hundred panels are no figure, and what is left out must be said."""
    many = [{"factor": f"f{i}", "unit": "months", "value": 1.0} for i in range(30)]
    table = [
        {"question": LEAD, "factor": f"f{i}", "index": "mean", "level": level, "value": float(level)}
        | {"estimate": float(i * level), "low": None, "high": None}
        for i in range(30)
        for level in range(2)
    ]
    with style.look():
        figure = dose_figures.dose_figure(table, many, {**MEAN, "low": None}, TITLE, CAPTION)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [readable(f"f{i}") for i in range(6, 30)]
    assert "The other 6 factors move the answer less." in words(figure)
