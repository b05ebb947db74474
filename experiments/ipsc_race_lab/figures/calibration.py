"""The figures of a calibration: how the posterior stands to the record, and what the record teaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.analysis.posterior import MAX_MISS_SD, taught
from ipsc_race_lab.figures import style
from ipsc_race_lab.wording.calibration import reach, shown
from ipsc_race_lab.wording.names import readable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 10.2
ROW_INCHES = 0.34
NAME_INCHES = 4.2
MAX_ROWS = 30
MOST_SD = 6.0  # errors that the axis shows
RECORD_NOTE = (
    "Dot: mean of the posterior; line: its central 90%, of a fact race by race (chance inside it), of a published rate "
    "of the expectation. In errors of observation and model together; beyond the grey band a miss."
)
LEARNED_NOTE = (
    "Grey: prior, its central 90%; blue: posterior, median and central 90%, on the scale of the prior's shares. Shown "
    "are the numbers that surely lose a fifth of their variance or move; of all others the record says next to nothing."
)


def draw_all(folder: Path, analysis: Mapping[str, Any]) -> list[Path]:
    """Draw all figures of a calibration. Raises OSError."""
    return style.save_all(figures(analysis), folder)


def figures(analysis: Mapping[str, Any]) -> dict[str, Callable[[], Figure]]:
    """The figures by name, each drawn when it is called, within `style.look`."""
    drawn: dict[str, Callable[[], Figure]] = {"record": lambda: record_figure(analysis)}
    if taught(analysis):
        drawn["learned"] = lambda: learned_figure(analysis)
    return drawn


def record_figure(analysis: Mapping[str, Any]) -> Figure:
    """Each fact and rate: how far the posterior lies off, in errors."""
    rows = [of for of in analysis["record"] if of["error_sd"]]
    names = [style.broken(f"{of['title']}: {shown(of['recorded'])}", NAME_INCHES) for of in rows]
    figure, axes = _page(names, analysis, "The record beside the posterior", RECORD_NOTE)
    axes.axvspan(-MAX_MISS_SD, MAX_MISS_SD, color="#F2F2F2", lw=0)
    axes.axvline(0, color=style.GREY, lw=0.8)
    for y, of in enumerate(rows):
        low, high = ((of[end] - of["recorded"]) / of["error_sd"] for end in ("low", "high"))
        colour = style.COLOURS[1 if abs(of["off_sd"]) > MAX_MISS_SD else 0]
        axes.plot([max(low, -MOST_SD), min(high, MOST_SD)], [y, y], color=colour, lw=2)
        if abs(of["off_sd"]) <= MOST_SD:
            axes.plot([of["off_sd"]], [y], marker="o" if of["kind"] == "fact" else "s", ms=5, color=colour)
    axes.set_xlim(-MOST_SD, MOST_SD)
    axes.set_xlabel("posterior less record, in errors (round: a fact; square: a published rate)")
    return figure


def learned_figure(analysis: Mapping[str, Any]) -> Figure:
    """The numbers that the record teaches: prior and posterior."""
    rows = taught(analysis)[:MAX_ROWS]
    names = [readable(of["path"]) for of in rows]
    figure, axes = _page(names, analysis, "What the record teaches", LEARNED_NOTE)
    for y, of in enumerate(rows):
        axes.plot([0.05, 0.95], [y, y], color=style.FAINT, lw=7, solid_capstyle="butt")
        low, median, high = of["shares"]
        axes.plot([low, high], [y, y], color=style.COLOURS[0], lw=2.5)
        axes.plot([median], [y], marker="o", ms=5, color=style.COLOURS[0])
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["lowest", "25%", "as stated", "75%", "highest"])
    axes.set_xlabel("share of the prior below")
    return figure


def _page(names: Sequence[str], analysis: Mapping[str, Any], title: str, note: str) -> tuple[Figure, Any]:
    lines = style.caption_lines(WIDTH, note, f"{reach(analysis)} Seed {analysis['seed']}.")
    bottom, height = 0.2 + style.LINE_INCHES * len(lines) + 0.55, ROW_INCHES * max(len(names), 1) + 0.1
    figure = style.new_figure(WIDTH, bottom + height + 0.75)
    left = style.label_inches([line for name in names for line in name.split("\n")], points=9)
    axes = style.place(figure, left, bottom, WIDTH - left - 0.3, height)
    style.rows_axis(axes, names, size=9)
    style.write_heading(figure, title, analysis["title"])
    style.write_caption(figure, lines)
    return figure, axes
