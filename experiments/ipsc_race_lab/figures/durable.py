"""The figure of durable advantage: who holds the market, by origin and by capture, over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ipsc_race_lab.estimators.intervals import share_of_sums
from ipsc_race_lab.figures import style
from ipsc_race_lab.metrics.durable import Amounts, Holdings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


PANELS = {"origin": "By origin: whose product is sold", "capture": "By capture: who gets the revenue"}
NOTE = (
    "Revenue of the twelve months before each point, summed over races: a race weighs by its market. Band: pointwise "
    "95% interval over races (score interval at the effective number of races)."
)


def durable_figure(holdings: Holdings, labels: Sequence[str], caption: str) -> Figure:
    """Share of each bloc in the revenue of the twelve months before, over time, by origin and by capture."""
    width = 9.6
    lines = style.caption_lines(width, NOTE, caption)
    bottom, height = 0.2 + style.LINE_INCHES * len(lines) + 0.42, 2.95
    figure = style.new_figure(width, bottom + height + 0.85)
    found = {view: yearly_shares(holdings.yearly("revenue", view)) for view in PANELS}
    years = style.years_of(holdings.start_month, holdings.year_ends_months())
    sold = ~np.isnan(found["origin"][0, :, 0])
    right = style.label_inches([f"{label} 99%" for label in labels], points=10)
    panel = width / 2
    for i, (view, title) in enumerate(PANELS.items()):
        axes = style.place(figure, 0.75 + i * panel, bottom, panel - 0.75 - right, height)
        axes.set_title(title, loc="left")
        if sold.any():
            _share_panel(axes, years, found[view], sold, labels)
        else:
            _empty_panel(axes)
        if i == 1:
            axes.set_ylabel("")
    style.write_heading(figure, "Who holds the market", "Share of each bloc in all revenue of the last twelve months.")
    style.write_caption(figure, lines)
    return figure


def yearly_shares(yearly: Amounts) -> Amounts:
    """Share of each bloc in each year's sales over all races, with its interval: (3, years, blocs).

    `yearly` has shape (runs, years, blocs). The first axis is estimate, low, high; NaN where nobody sells.
    """
    market = yearly.sum(axis=2)
    _, years, blocs = yearly.shape
    estimates = [[share_of_sums(yearly[:, k, i], market[:, k]) for i in range(blocs)] for k in range(years)]
    return np.moveaxis(np.array(estimates, dtype=np.float64), 2, 0)


def _share_panel(axes: Axes, years: Amounts, found: Amounts, sold: NDArray[np.bool_], labels: Sequence[str]) -> None:
    """One line a bloc from the first year in which any race sells."""
    since = int(np.argmax(sold))
    shown, (share, low, high) = years[since:], found[:, since:]
    dots: dict[str, Any] = {"marker": "o", "ms": 4, "markevery": _lone_years(sold[since:])}
    for i in range(len(labels)):
        colour = style.COLOURS[i]
        axes.fill_between(shown, low[:, i], high[:, i], color=colour, alpha=0.18, lw=0)
        axes.plot(shown, share[:, i], color=colour, linestyle=style.LINES[i], lw=2.2, **dots)
    style.calendar_axis(axes, shown[0], max(shown[-1], shown[0] + 1), most=5)
    style.share_axis(axes, 1.0, "share of revenue")
    ends = [float(end) for end in np.nan_to_num(share[-1])]
    texts = [f"{label} {style.percent(end)}" for label, end in zip(labels, ends, strict=True)]
    style.label_ends(axes, ends, texts if sold[-1] else labels)  # no share of a market that is gone


def _lone_years(sold: NDArray[np.bool_]) -> list[int]:
    """Years with sales between years without: a line cannot show them, a dot can."""
    beside = np.pad(sold, 1)
    return [int(year) for year in np.flatnonzero(sold & ~beside[:-2] & ~beside[2:])]


def _empty_panel(axes: Axes) -> None:
    """No market is an answer too."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(0.5, 0.5, "Nothing is sold in any race", transform=axes.transAxes, ha="center", color=style.GREY)
