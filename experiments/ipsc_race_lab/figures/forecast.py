"""The figures of a forecast: products approved from today on, and the chance of each question by year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race.policy import calendar_month
from ipsc_race_lab.figures import style
from ipsc_race_lab.wording.forecast import COURSE_NOTE, likeliest_first, on_races, reach, where_it_stands
from ipsc_race_lab.wording.names import readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 10.2
COLUMNS = 3
PANEL_HEIGHT = 2.15
FAN_HEIGHT = 3.6
FAN_NOTE = "Line: median; band: central 80% of the races that met the record, which hold the doubts of the parameters."
CHANCE_NOTE = "Chance that a bloc's next product is there by the end of a year; products from before are not asked."
COURSE_LINES = (
    "Dot: chance of an approval by the end of the year; line: its 95% interval, of luck alone. Cross: stopped."
)
ROW, STEP = 0.3, 0.2  # inches of a product, and its part between two years

Analysis = Mapping[str, Any]


def draw_all(folder: Path, analysis: Analysis) -> list[Path]:
    """Draw all figures of a forecast. Raises OSError."""
    return style.save_all(figures(analysis), folder)


def figures(analysis: Analysis) -> dict[str, Callable[[], Figure]]:
    """The figures by name, each drawn when it is called, within `style.look`."""
    drawn = {"approvals": lambda: fan_figure(analysis), "questions": lambda: questions_figure(analysis)}
    return drawn | ({"programmes": lambda: courses_figure(analysis)} if analysis.get("programmes") else {})


def fan_figure(analysis: Analysis) -> Figure:
    """Products approved somewhere, by bloc of their developer: the fan from the as-of month on."""
    lines = style.caption_lines(WIDTH, FAN_NOTE, _caption(analysis))
    bottom = 0.2 + style.LINE_INCHES * len(lines) + 0.4
    figure = style.new_figure(WIDTH, bottom + FAN_HEIGHT + 0.8)
    axes = style.place(figure, 0.75, bottom, WIDTH - 2.1, FAN_HEIGHT)
    most = 1.0
    ends: list[float] = []
    for i, bloc in enumerate(analysis["blocs"]):
        years, bands = _fan(analysis["products"][bloc])
        low, median, high = bands.T
        axes.fill_between(years, low, high, color=style.COLOURS[i], alpha=0.13, lw=0)
        axes.plot(years, median, color=style.COLOURS[i], linestyle=style.LINES[i], lw=2)
        most = max(most, float(high.max()))
        ends.append(float(median[-1]))
    _today(axes, analysis)
    style.calendar_axis(axes, years[0], years[-1])
    style.count_axis(axes, most)
    axes.set_ylabel("products approved so far")
    style.label_ends(axes, ends, [readable(bloc) for bloc in analysis["blocs"]])
    style.write_heading(
        figure, "Products approved from today on", "iPSC products approved somewhere, by bloc of their developer"
    )
    style.write_caption(figure, lines)
    return figure


def questions_figure(analysis: Analysis) -> Figure:
    """The chance of each question by the end of each year."""
    asked = analysis["questions"]
    rows = -(-len(asked) // COLUMNS)
    lines = style.caption_lines(WIDTH, CHANCE_NOTE, _caption(analysis))
    bottom = 0.2 + style.LINE_INCHES * len(lines) + 0.35
    labels = [readable(bloc) for bloc in analysis["blocs"]]
    head = 0.35 + style.key_inches(labels)
    figure = style.new_figure(WIDTH, bottom + rows * PANEL_HEIGHT + head)
    width = (WIDTH - 0.4) / COLUMNS
    for number, question in enumerate(asked):
        row, column = divmod(number, COLUMNS)
        low = bottom + (rows - 1 - row) * PANEL_HEIGHT
        axes = style.place(figure, 0.55 + column * width, low + 0.25, width - 0.55, PANEL_HEIGHT - 0.75)
        for i, bloc in enumerate(analysis["blocs"]):
            years = np.array([int(year) + 1 for year in question["by_year"][bloc]], np.float64)
            chances = [of["estimate"] for of in question["by_year"][bloc].values()]
            axes.plot(years, chances, color=style.COLOURS[i], linestyle=style.LINES[i], lw=1.8)
        _today(axes, analysis)
        style.calendar_axis(axes, years[0] - 1, years[-1], most=4)
        style.share_axis(axes, 1.0, "")
        axes.set_title(question["title"], loc="left", size=9)
    style.bloc_key(figure, labels)
    style.write_heading(figure, "What is left, by year", "")
    style.write_caption(figure, lines)
    return figure


def courses_figure(analysis: Analysis) -> Figure:
    """The course of named products: the chance of an approval by the end of some years, and of a stop."""
    products = likeliest_first(analysis)
    names = [f"{of['label']}: {where_it_stands(of)}" for of in products]
    years = list(products[0]["by_year"]["approval"])
    lines = style.caption_lines(WIDTH, COURSE_LINES, COURSE_NOTE, on_races(analysis))
    bottom, labels = 0.2 + style.LINE_INCHES * len(lines) + 0.45, [f"by {year}" for year in years]
    head = 0.35 + style.key_inches(labels)
    figure = style.new_figure(WIDTH, bottom + ROW * len(products) + head)
    left = min(style.label_inches(names), WIDTH / 2)
    axes = style.place(figure, left, bottom, WIDTH - left - 0.3, ROW * len(products))
    style.rows_axis(axes, [style.broken(name, left) for name in names])
    for row, of in enumerate(products):
        for i, year in enumerate(years):
            chance = of["by_year"]["approval"][year]
            y = row + (i - (len(years) - 1) / 2) * STEP
            axes.plot([chance["low"], chance["high"]], [y, y], color=style.COLOURS[i], lw=1.0)
            axes.plot(chance["estimate"], y, "o", color=style.COLOURS[i], markersize=3.5)
        axes.plot(of["by_year"]["stopped"][years[-1]]["estimate"], row, "x", color=style.GREY, markersize=5)
    axes.set_xlim(-0.01, 1.01)
    axes.set_xlabel("chance")
    style.bloc_key(figure, labels)
    style.write_heading(figure, "The course of named products", "")
    style.write_caption(figure, lines)
    return figure


def _fan(by_year: Mapping[str, Any]) -> tuple[Any, Any]:
    years = np.array([int(year) + 1 for year in by_year], np.float64)  # the end of the year
    return years, np.array([[np.nan if value is None else value for value in of] for of in by_year.values()])


def _today(axes: Axes, analysis: Analysis) -> None:
    axes.axvline((calendar_month(analysis["as_of"]) + 1) / 12, color=style.GREY, lw=0.8, linestyle=":")


def _caption(analysis: Analysis) -> str:
    return f"Dotted: {analysis['as_of']}. {reach(analysis)} Seed {analysis['seed']}."
