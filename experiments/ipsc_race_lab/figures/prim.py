"""The figure of a scenario discovery: the bounds of the box, and what it and the boxes on the way to it are worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.figures import style
from ipsc_race_lab.wording.names import readable
from ipsc_race_lab.wording.prim import Box, Factor, limit_words, places

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


WIDTH = 10.2
ROW_INCHES = 0.5
TRADE_INCHES = 2.5  # side of the panel of the trade-off
NOTES = (
    "Left: grey, the range that was tried; blue, what the box keeps of it. A factor that the box does not limit has no "
    "row. Right: coverage, the share of all points where it leads that lie in a box; density, the share of the box's "
    "points where it leads; line: the boxes from the whole space on, each a cut smaller than the one before.",
)


def box_figure(chosen: Box, trajectory: Sequence[Box], factors: Sequence[Factor], title: str, caption: str) -> Figure:
    """The bounds of the chosen box on the ranges of its factors, and coverage against density along the peeling."""
    limited = [of for of in factors if of["factor"] in chosen["limits"]]
    names = [readable(of["factor"]) for of in limited]
    lines = style.caption_lines(WIDTH, *NOTES, caption)
    bottom, height = 0.2 + style.LINE_INCHES * len(lines) + 0.5, max(TRADE_INCHES, ROW_INCHES * len(limited))
    figure = style.new_figure(WIDTH, bottom + height + 0.95)
    left = max(0.7, style.label_inches(names, points=10))  # room for what stands under the lowest value
    bounds = style.place(figure, left, bottom, WIDTH - left - TRADE_INCHES - 1.0, height)
    style.rows_axis(bounds, names)
    bounds.set_title("Bounds of the box", loc="left", size=10)
    for y, of in enumerate(limited):
        _bounds(bounds, y, chosen["limits"][of["factor"]], of)
    bounds.set_xlim(-0.02, 1.02)
    bounds.set_xticks([0, 1], ["lowest tried", "highest tried"])
    if not limited:
        bounds.text(0.5, 0.5, "The box is the whole space", transform=bounds.transAxes, ha="center", color=style.GREY)
    trade = style.place(figure, WIDTH - TRADE_INCHES - 0.2, bottom, TRADE_INCHES, height)
    _trade_off(trade, chosen, trajectory)
    style.write_heading(figure, title, "Where in the space of factors the first of the pair mostly leads (PRIM).")
    style.write_caption(figure, lines)
    return figure


def _bounds(axes: Axes, y: int, limit: Mapping[str, Any], of: Factor) -> None:
    """What a box keeps of the range of a factor, and its bounds in words over it."""
    if limit["levels"] is None:
        low, high = (_place(limit[end], of, at) for end, at in (("low", 0.0), ("high", 1.0)))
        axes.barh(y, 1.0, height=0.3, color=style.FAINT, lw=0)
        axes.barh(y, high - low, left=low, height=0.3, color=style.COLOURS[0], lw=0)
    else:
        last = max(len(of["levels"]) - 1, 1)
        kept = places(limit, of)
        for place in range(len(of["levels"])):
            colour = style.COLOURS[0] if place in kept else style.FAINT
            axes.plot([place / last], [y], marker="s", ms=9, color=colour, linestyle="none")
    axes.text(0.0, y - 0.2, limit_words(limit, of), va="bottom", size=9)


def _place(value: float | None, of: Factor, end: float) -> float:
    """A bound on the range of a factor from 0 to 1, in logarithms where it was varied so; `end` where there is none."""
    if value is None:
        return end
    low, high, value = (math.log(number) if of["log"] else number for number in (of["low"], of["high"], value))
    return (value - low) / (high - low)


def _trade_off(axes: Axes, chosen: Box, trajectory: Sequence[Box]) -> None:
    """Density against coverage of the boxes on the way, and of the chosen one."""
    ends = [[box[name] for box in trajectory] for name in ("coverage", "density")]
    axes.plot(*ends, color=style.COLOURS[7], marker="o", ms=3, lw=1.2)
    coverage, density = chosen["coverage"], chosen["density"]
    axes.plot([coverage], [density], marker="*", ms=13, color=style.COLOURS[1], mec="black", mew=0.6)
    for axis, name in ((axes.xaxis, "coverage"), (axes.yaxis, "density")):
        axis.set_ticks([0, 0.25, 0.5, 0.75, 1.0], ["0%", "25%", "50%", "75%", "100%"])
        axis.set_label_text(name)
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(-0.03, 1.03)
    axes.set_title(f"The box (star): {coverage:.0%} and {density:.0%}", loc="left", size=10)
