"""A box without its bounds tells nobody where to look."""

from __future__ import annotations

from typing import Any

import pytest
from readable_figures import check_clear
from small_experiments import SWITCH, experiment

from ipsc_race_lab.analysis.responses import analyse
from ipsc_race_lab.design.experiment import Analysis, quantiles
from ipsc_race_lab.figures import style
from ipsc_race_lab.figures.prim import box_figure
from ipsc_race_lab.wording.prim import box_lines, limit_words

ROUNDS = {"factor": "private_rounds", "unit": "USD million", "low": 5.0, "high": 30.0, "log": False}
CAPITAL = {"factor": "capital", "unit": "multiplier", "low": 0.1, "high": 10.0, "log": True}
LANE = {"factor": "lane", "unit": "on or off", "low": 0.0, "high": 0.0, "log": False, "values": (0.0, 1.0),
        "levels": [False, True]}  # fmt: skip
OPEN = {"low": None, "high": None, "levels": None}
BOX = {
    "limits": {
        "private_rounds": {**OPEN, "high": 12.0}, "capital": {**OPEN, "low": 1.0}, "lane": {**OPEN, "levels": (1.0,)},
    },
    "coverage": 0.8, "density": 1.0, "mass": 0.25,
}  # fmt: skip
WHOLE = {"limits": {}, "coverage": 1.0, "density": 0.3, "mass": 1.0}


@pytest.mark.parametrize(
    ("limit", "of", "told"),
    [
        (BOX["limits"]["private_rounds"], ROUNDS, "below 12 USD million (tried 5 to 30)"),
        (BOX["limits"]["capital"], CAPITAL, "above 1 (multiplier; tried 0.1 to 10)"),
        ({**OPEN, "low": 7.5, "high": 12.0}, ROUNDS, "from 7.5 to 12 USD million (tried 5 to 30)"),
        (BOX["limits"]["lane"], LANE, "is on (of off, on)"),
    ],
)
def test_a_limit_is_told_with_its_unit_and_what_was_tried(limit: Any, of: Any, told: str) -> None:
    assert limit_words(limit, of) == told


def test_a_box_is_told_with_every_bound_and_one_without_limits_as_such() -> None:
    """`A box of density 1.00: rounds` asks the reader to guess which rounds."""
    head, *limits = box_lines(BOX, [ROUNDS, CAPITAL, LANE], "china")
    assert head == (
        "China leads in 100% of the points of a box, and 80% of all points where it leads lie in it "
        "(25% of the whole space):"
    )
    assert [line.strip().split(" ")[0] for line in limits] == ["Private", "Capital", "Lane"]
    assert box_lines(WHOLE, [ROUNDS], "china")[-1].endswith("no factor limits it")


def test_the_bounds_of_the_figure_are_those_of_the_box() -> None:
    """A range drawn elsewhere than it is sends a reader to conditions in which nothing happens."""
    with style.look():
        figure = box_figure(BOX, [WHOLE, BOX], [ROUNDS, CAPITAL, LANE], "A title", "A caption.")
        empty = box_figure(WHOLE, [WHOLE], [ROUNDS], "A title", "A caption.")
    check_clear(figure)
    check_clear(empty)
    bounds, trade = figure.axes
    blue = [bar for bar in bounds.patches if bar.get_facecolor()[:3] != bounds.patches[0].get_facecolor()[:3]]
    assert [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in blue] == [
        (0.0, pytest.approx((12 - 5) / 25)), (pytest.approx(0.5), 1.0)
    ]  # fmt: skip
    assert [list(line.get_xdata()) for line in trade.lines] == [[1.0, 0.8], [0.8]]


def test_a_discovery_tells_unit_range_and_levels_of_its_factors() -> None:
    """Bounds in quantiles, or levels as numbers, could not be put into a scenario."""
    from dataclasses import replace

    made = replace(experiment("latin_hypercube", [SWITCH], points=40), analysis=Analysis("prim"))
    unit = quantiles(made)
    found = analyse(made, {"p_leads.first_in_human": (unit[:, [0]] > 0.5).astype(float)})
    (factor,) = found["factors"]
    assert factor["levels"] == [0.0, 1.0]
    assert found["boxes"][0]["chosen"]["limits"]["f0"]["levels"] == (1.0,)
