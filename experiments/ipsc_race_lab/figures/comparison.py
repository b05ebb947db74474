"""The figures of a comparison: each answer in each world, and what each world differs by from the first.

Dots are estimates, lines their 95% intervals; a row for each world, the first on top. Names of worlds are made
readable.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.figures import style
from ipsc_race_lab.metrics.registry import METRICS, is_chance, is_lead
from ipsc_race_lab.wording.names import against, readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


WIDTH = 10.2
ROW_INCHES = 0.25
ACROSS = 3  # panels
RATIO_INCHES = 0.62  # the column of variance ratios beside a panel
LONGEST_NAME = 24  # letters; a longer one is broken
LETTERS_AN_INCH = 12.5  # of a title of ten points
DOTS = "Dot: mean over races. Line: its 95% interval."
HOLLOW = "Hollow dot: 0 lies inside the interval."
RATIO = (
    "Ratio: how many times as many races would tell as much if each world had luck of its own; none (-) where the "
    "difference is the same in every race."
)

Row = Mapping[str, Any]


def draw(folder: Path, told: Mapping[str, Any], caption: str) -> list[Path]:
    """Draw the comparison of an `analysis.json`; returns the paths. Raises OSError where one cannot be written."""
    with style.look():
        return [style.save(drawn(), folder / f"{name}.png") for name, drawn in figures(told, caption).items()]


def figures(told: Mapping[str, Any], caption: str) -> dict[str, Callable[[], Figure]]:
    """The figures of a comparison by name, each drawn when called, within `style.look`."""
    chances = [question for question in METRICS if is_chance(question)]
    others = [question for question in METRICS if question not in chances]
    return {
        "worlds": partial(worlds_figure, told, others, caption),
        "worlds-p-leads": partial(worlds_figure, told, chances, caption),
        "differences": partial(differences_figure, told, others, caption),
    }


def worlds_figure(told: Mapping[str, Any], questions: Sequence[str], caption: str) -> Figure:
    """The mean answer to each question in each world, with a line at that of the first."""
    worlds, base = list(told["scenarios"]), told["comparison"]["base"]
    note = f"{DOTS} Grey line: {readable(base)}."
    figure, panels = _page(
        worlds, questions, f"The same races in each world: {against(told['pair'])}", note, 0.0, caption
    )
    for axes, question in zip(panels, questions, strict=True):
        means = [told["scenarios"][world]["means"][question] for world in worlds]
        if means[0]["estimate"] is not None:  # a share of nothing sold has none
            axes.axvline(_scale(question) * means[0]["estimate"], color="#AAAAAA", lw=1.2, zorder=1)
        for y, mean in enumerate(means):
            _dot(axes, mean, y, "black" if y == 0 else style.COLOURS[0], _scale(question), filled=True)
        axes.set_xlabel(METRICS[question].unit)
        if not is_lead(question):  # shares end at 0, and one of 0 in all worlds is no hundredth either
            high = max(1.0, axes.get_xlim()[1])
            axes.set_xlim(max(-0.04 * high, axes.get_xlim()[0]), high)
    return figure


def differences_figure(told: Mapping[str, Any], questions: Sequence[str], caption: str) -> Figure:
    """What each world differs by from the first in the same races, and the variance ratio of that difference."""
    base, rows = told["comparison"]["base"], told["comparison"]["rows"]
    found = {(row["question"], row["factor"], row["index"]): row for row in rows}
    worlds = [world for world in told["scenarios"] if world != base]
    title = f"Each world less {readable(base)}, race by race: {against(told['pair'])}"
    note = f"{DOTS} Right of 0: better for {readable(told['pair'][0])}."
    with_ratios = any(row["index"] == "variance_ratio" for row in rows)
    beside, notes = (RATIO_INCHES, f"{HOLLOW} {RATIO}") if with_ratios else (0.0, HOLLOW)
    figure, panels = _page(worlds, questions, title, note, beside, caption, notes)
    for axes, question in zip(panels, questions, strict=True):
        axes.axvline(0, color="#AAAAAA", lw=1.2, zorder=1)
        for y, world in enumerate(worlds):
            difference = found[question, world, "difference"]
            told_apart = difference["low"] is None or not difference["low"] <= 0 <= difference["high"]
            colour = style.COLOURS[0 if difference["estimate"] > 0 else 1] if difference["estimate"] else style.GREY
            _dot(axes, difference, y, colour, _scale(question), filled=told_apart)
            if with_ratios:
                _beside(axes, y, _ratio(found[question, world, "variance_ratio"]["estimate"]))
        way: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "size": 9}
        axes.annotate("ratio" if with_ratios else "", (1.03, 1), (0, 3), color=style.GREY, **way)
        axes.set_xlabel("months" if is_lead(question) else "percentage points of revenue")
        if not any(axes.dataLim.intervalx):  # nothing differs: an axis of hundredths would look as if it did
            axes.set_xlim(-1, 1)
    return figure


def _page(
    worlds: Iterable[str],
    questions: Sequence[str],
    title: str,
    explanation: str,
    beside_inches: float,
    caption: str,
    note: str = "",
) -> tuple[Figure, list[Axes]]:
    """A page with a panel for each question, all with a row for each world, the first on top."""
    names = [textwrap.fill(readable(world), LONGEST_NAME) for world in worlds]
    lines = style.caption_lines(WIDTH, note, caption)
    tall = max(name.count("\n") + 1 for name in names)
    height = ROW_INCHES * (0.35 + 0.65 * tall) * max(len(names), 2)
    rows = -(-len(questions) // ACROSS)
    foot, top, gap = 0.2 + style.LINE_INCHES * len(lines), 0.6, 1.0  # a gap holds numbers, their name, a title
    figure = style.new_figure(WIDTH, foot + top + rows * (height + gap))
    left = style.label_inches((line for name in names for line in name.split("\n")), points=10)
    panel = (WIDTH - left - 0.1) / ACROSS
    panels = []
    for i, question in enumerate(questions):
        row, column = divmod(i, ACROSS)
        bottom = foot + (rows - 1 - row) * (height + gap) + 0.5
        width = panel - 0.2 - beside_inches
        axes = style.place(figure, left + column * panel, bottom, width, height)
        name = textwrap.fill(METRICS[question].title.removesuffix(" (months)"), int(width * LETTERS_AN_INCH))
        axes.set_title(name, loc="left", size=10)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_yticks(range(len(names)), names if column == 0 else [""] * len(names))
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", visible=False)
        panels.append(axes)
    style.write_heading(figure, title, explanation)
    style.write_caption(figure, lines)
    return figure, panels


def _dot(axes: Axes, row: Row, y: float, colour: str, scale: float, filled: bool) -> None:
    """An estimate with its interval, where there is one."""
    if row["estimate"] is None:
        return
    if row["low"] is not None:
        axes.plot([scale * row["low"], scale * row["high"]], [y, y], color=colour, lw=1.8, solid_capstyle="butt")
    face = colour if filled else "white"
    axes.plot([scale * row["estimate"]], [y], marker="o", ms=5.5, color=colour, mfc=face, linestyle="none", zorder=3)


def _beside(axes: Axes, y: float, text: str) -> None:
    """A text at the right of a row."""
    axes.text(1.03, y, text, transform=axes.get_yaxis_transform(), va="center", size=9)


def _ratio(ratio: float | None) -> str:
    """A ratio in three characters or so."""
    if ratio is None:
        return "-"
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _scale(question: str) -> float:
    """Months as they are, shares in percent."""
    return 1.0 if is_lead(question) else 100.0
