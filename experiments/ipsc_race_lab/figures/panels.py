"""A page of panels that share their rows: estimates with intervals, each panel beside a line that means something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ipsc_race_lab.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


WIDTH = 10.2
ROW_INCHES = 0.27
ACROSS = 3  # panels


class Panel(NamedTuple):
    """A panel: a number for each row, or None; `scale` from the numbers to the unit, `line` among the numbers."""

    title: str
    unit: str
    numbers: Sequence[Mapping[str, Any] | None]
    scale: float
    line: float


def panels_figure(
    title: str, explanation: str, names: Sequence[str], panels: Sequence[Panel], note: str, caption: str
) -> Figure:
    """Estimates with intervals, a row for each name and a panel for each question; the first name on top."""
    with style.look():
        return _page(title, explanation, names, panels, note, caption)


def _page(
    title: str, explanation: str, names: Sequence[str], panels: Sequence[Panel], note: str, caption: str
) -> Figure:
    lines = style.caption_lines(WIDTH, note, caption)
    across, down = min(ACROSS, len(panels)), -(-len(panels) // ACROSS)
    height, gap, foot = ROW_INCHES * max(len(names), 2), 0.95, 0.2 + style.LINE_INCHES * len(lines)
    figure = style.new_figure(WIDTH, foot + 0.6 + down * (height + gap))
    left = style.label_inches(names, points=10)
    room = (WIDTH - left - 0.1) / across
    for i, panel in enumerate(panels):
        row, column = divmod(i, across)
        bottom = foot + (down - 1 - row) * (height + gap) + 0.5
        axes = style.place(figure, left + column * room, bottom, room - 0.3, height)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_yticks(range(len(names)), names if column == 0 else [""] * len(names))
        _draw(axes, panel)
    style.write_heading(figure, title, explanation)
    style.write_caption(figure, lines)
    return figure


def _draw(axes: Axes, panel: Panel) -> None:
    axes.axvline(panel.scale * panel.line, color=style.GREY, lw=1.2, linestyle=(0, (5, 2.5)), zorder=1)
    for y, of in enumerate(panel.numbers):
        if of is None or of["estimate"] is None:
            continue
        colour = style.COLOURS[0 if of["estimate"] > panel.line else 1]
        told = of["low"] is not None and not of["low"] <= panel.line <= of["high"]
        if of["low"] is not None:
            axes.plot([panel.scale * of["low"], panel.scale * of["high"]], [y, y], color=colour, lw=1.8)
        face = colour if told else "white"
        axes.plot([panel.scale * of["estimate"]], [y], marker="o", ms=6, color=colour, mfc=face, clip_on=False)
    axes.set_title(panel.title, loc="left", size=10)
    axes.set_xlabel(panel.unit)
    if panel.unit.startswith("% of races"):
        axes.set_xlim(-3, 103)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
