"""The figure of durable advantage: who holds the market, by origin and by capture, over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ipsc_race_lab.estimators.intervals import share_of_sums
from ipsc_race_lab.figures import style
from ipsc_race_lab.metrics.durable import Amounts, Holdings, shares
from ipsc_race_lab.metrics.registry import Kind
from ipsc_race_lab.wording.numbers import estimate_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


PANELS = {"origin": "By origin: whose product is sold", "capture": "By capture: who gets the revenue"}
NOTE = (
    "Revenue of the twelve months before each point, summed over races: a race weighs by its market. Band: pointwise "
    "95% interval over races (score interval at the effective number of races)."
)
MIN_RACES, MIN_SHARE = 30, 0.05  # of races that sell: what rests on fewer is drawn faint
STRIP_INCHES, ABOVE_STRIP_INCHES = 0.42, 0.3


def durable_figure(holdings: Holdings, labels: Sequence[str], caption: str) -> Figure:
    """Share of each bloc in the revenue of the twelve months before, over time, by origin and by capture.

    A strip under each says in how many races anything is sold; what rests on few of them is faint.
    """
    width = 9.6
    few = f"Faint: fewer than {MIN_RACES} races sell, or fewer than {MIN_SHARE:.0%} of them."
    lines = style.caption_lines(width, NOTE, few, caption)
    bottom, height = 0.2 + style.LINE_INCHES * len(lines) + 0.42, 2.95
    figure = style.new_figure(width, bottom + STRIP_INCHES + ABOVE_STRIP_INCHES + height + 0.85)
    years = style.years_of(holdings.start_month, holdings.year_ends_months())
    selling = races_that_sell(holdings.yearly("revenue", "origin"))
    last = {view: shares(holdings.last_year("revenue", view), holdings.blocs).values() for view in PANELS}
    ends = {view: [estimate_words(share._asdict(), Kind.SHARE) for share in of] for view, of in last.items()}
    names = {view: [f"{label} {end}" for label, end in zip(labels, of, strict=True)] for view, of in ends.items()}
    right = style.label_inches([name for of in names.values() for name in of], points=10)
    panel = width / 2
    for i, (view, title) in enumerate(PANELS.items()):
        left, wide = 0.75 + i * panel, panel - 0.75 - right
        axes = style.place(figure, left, bottom + STRIP_INCHES + ABOVE_STRIP_INCHES, wide, height)
        axes.set_title(title, loc="left")
        if selling.any():
            texts = names[view] if selling[-1] else labels  # no share of a market that is gone
            yearly = yearly_shares(holdings.yearly("revenue", view))
            _share_panel(axes, years, yearly, selling, is_few(selling, len(holdings.sales)), texts)
            strip = style.place(figure, left, bottom, wide, STRIP_INCHES, sharex=axes)
            _strip(strip, years, selling, len(holdings.sales))
        else:
            _empty_panel(axes)
        if i == 1:
            axes.set_ylabel("")
    style.write_heading(figure, "Who holds the market", "Share of each bloc in all revenue of the last twelve months.")
    style.write_caption(figure, lines)
    return figure


def races_that_sell(yearly: Amounts) -> NDArray[np.int64]:
    """In how many races anything is sold in each year; `yearly` has shape (runs, years, blocs)."""
    return np.asarray((yearly.sum(axis=2) > 0).sum(axis=0))


def is_few(selling: NDArray[np.int64], runs: int) -> NDArray[np.bool_]:
    """Whether the shares of a year rest on few races."""
    return selling < max(MIN_RACES, MIN_SHARE * runs)


def yearly_shares(yearly: Amounts) -> Amounts:
    """Share of each bloc in each year's sales over all races, with its interval: (3, years, blocs).

    `yearly` has shape (runs, years, blocs). The first axis is estimate, low, high; NaN where nobody sells.
    """
    market = yearly.sum(axis=2)
    _, years, blocs = yearly.shape
    estimates = [[share_of_sums(yearly[:, k, i], market[:, k]) for i in range(blocs)] for k in range(years)]
    return np.moveaxis(np.array(estimates, dtype=np.float64), 2, 0)


def _share_panel(
    axes: Axes,
    years: Amounts,
    yearly: Amounts,
    selling: NDArray[np.int64],
    few: NDArray[np.bool_],
    texts: Sequence[str],
) -> None:
    """One line a bloc from the first year in which any race sells, faint as far as few do."""
    since = int(np.argmax(selling > 0))
    shown, few, (share, low, high) = years[since:], few[since:], yearly[:, since:]
    dots: dict[str, Any] = {"marker": "o", "ms": 4, "markevery": _lone_years(selling[since:] > 0)}
    strong, faint = (flags | np.append(flags[1:], False) for flags in (~few, few))  # each to where the other begins
    for i in range(len(texts)):
        colour, line = style.COLOURS[i], style.LINES[i]
        axes.fill_between(shown, low[:, i], high[:, i], color=colour, alpha=0.06, lw=0)
        axes.fill_between(shown, low[:, i], high[:, i], where=strong.tolist(), color=colour, alpha=0.14, lw=0)
        axes.plot(shown, np.where(faint, share[:, i], np.nan), color=colour, linestyle=line, lw=1.0, alpha=0.6)
        axes.plot(shown, share[:, i], color=colour, linestyle="none", **dots)
        axes.plot(shown, np.where(strong, share[:, i], np.nan), color=colour, linestyle=line, lw=2.2)
    style.calendar_axis(axes, shown[0], max(shown[-1], shown[0] + 1), most=5)
    style.share_axis(axes, 1.0, "share of revenue")
    axes.tick_params(labelbottom=False)
    style.label_ends(axes, [float(end) for end in np.nan_to_num(share[-1])], texts)


def _strip(axes: Axes, years: Amounts, selling: NDArray[np.int64], runs: int) -> None:
    """Races in which anything is sold, year by year."""
    axes.fill_between(years, 0, selling, color=style.COLOURS[7], alpha=0.6, lw=0)
    axes.set_ylim(0, runs)
    axes.set_yticks([0, runs], ["0", f"{runs:,}"])
    axes.set_title("races that sell", loc="left", size=8, pad=2)


def _lone_years(sold: NDArray[np.bool_]) -> list[int]:
    """Years with sales between years without: a line cannot show them, a dot can."""
    beside = np.pad(sold, 1)
    return [int(year) for year in np.flatnonzero(sold & ~beside[:-2] & ~beside[2:])]


def _empty_panel(axes: Axes) -> None:
    """No market is an answer too."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(0.5, 0.5, "Nothing is sold in any race", transform=axes.transAxes, ha="center", color=style.GREY)
