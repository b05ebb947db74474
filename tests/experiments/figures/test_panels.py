"""A page of panels stands at its numbers, and shows doubt as doubt."""

from __future__ import annotations

import pytest
from readable_figures import check_clear

from ipsc_race_lab.figures.panels import Panel, panels_figure

TOLD = {"estimate": 0.2, "low": 0.1, "high": 0.3}
UNTOLD = {"estimate": 0.55, "low": 0.4, "high": 0.7}
UNKNOWN = {"estimate": None, "low": None, "high": None}


def test_dots_stand_at_the_numbers_and_are_hollow_where_the_line_lies_in_the_interval() -> None:
    """A dot that looks sure and is not would be read as a verdict."""
    panels = [Panel("China leads the West", "% of races", [TOLD, UNTOLD, UNKNOWN, None], 100.0, 0.5)]
    figure = panels_figure("Who leads", "Dot: probability.", list("abcd"), panels, "A note.", "3 races, seed 1.")
    check_clear(figure)
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [float(line.get_xdata()[0]) for line in dots] == pytest.approx([20.0, 55.0])
    assert [float(line.get_ydata()[0]) for line in dots] == [0.0, 1.0]
    assert [line.get_markerfacecolor() == "white" for line in dots] == [False, True]


def test_a_number_without_an_interval_is_hollow_and_has_no_line() -> None:
    """What is not known of a number must not look like a short interval."""
    panels = [Panel("Lead", "months", [{"estimate": 3.0, "low": None, "high": None}], 1.0, 0.0)]
    axes = panels_figure("Lead", "Dot: mean.", ["a"], panels, "", "1 race, seed 1.").axes[0]
    assert [line.get_marker() for line in axes.lines if len(line.get_xdata()) == 1] == ["o"]
    assert axes.lines[-1].get_markerfacecolor() == "white"
    assert len(axes.lines) == 2  # the line at nothing, and the dot
