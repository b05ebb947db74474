"""The figure of a dose response: a panel for each factor, all with the same axis of the answer.

A line through the means and a band over their 95% intervals; where levels have no order or no middle (worlds,
switches) dots and upright lines. The scenario's own value is marked in every panel, with the answer there.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ipsc_race_lab.analysis.dose_response import MEAN, Value
from ipsc_race_lab.figures import style
from ipsc_race_lab.metrics.registry import METRICS, is_lead
from ipsc_race_lab.wording.dose_response import flat_lines, value_words
from ipsc_race_lab.wording.names import readable

if TYPE_CHECKING:
    from collections.abc import Collection

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


ACROSS = 4  # panels
NARROW, WIDE = 7.2, 10.2  # inches; a page of one or two panels beside each other, and of more
PANEL_INCHES = 1.75  # height
UNDER_INCHES = 0.75  # under a panel stand its numbers, and in two lines their unit and the scenario's own value
MAX_PANELS = 24
LETTERS_AN_INCH = 11.5  # of a title of ten points, or of what stands under a panel
FEWEST_LETTERS = 4  # of the name of a level
BAND_ALPHA = 0.2
AIR = 0.05  # of an axis, at each end
HEADING_INCHES = 0.6

NOTES = (
    "Black dot and grey lines: the world as it is, and the answer there; black line: its 95% interval.",
    "Races share their random numbers at all levels, so two levels are mostly told apart better than by their bands.",
)

Row = Mapping[str, Any]


class _Scale(NamedTuple):
    """The axis of the answer: a factor for its numbers, its name and its ends."""

    times: float
    name: str
    low: float
    high: float


def dose_figure(
    rows: Sequence[Row],
    factors: Sequence[Row],
    mean: Row,
    title: str,
    caption: str,
    logarithmic: Collection[str] = (),
) -> Figure:
    """The answers to one question over the levels of each factor.

    `rows` and `factors` as in `analysis.json`, those of one question; `mean`: of the world as it is; `logarithmic`:
    factors whose levels are even in the logarithm. Of more than 24 factors those that move the answer most are drawn.
    """
    means = {of["factor"]: [r for r in rows if r["factor"] == of["factor"] and r["index"] == MEAN] for of in factors}
    drawn = _widest(factors, means)
    more = f"The other {len(factors) - len(drawn)} factors move the answer less." if len(drawn) < len(factors) else ""
    scale = _scale(str(rows[0]["question"]), [mean, *(row for of in drawn for row in means[of["factor"]])])
    notes = (*NOTES, *flat_lines({"rows": rows, "factors": drawn}), more, caption)
    figure, panels = _page([readable(of["factor"]) for of in drawn], title, notes)
    for i, (axes, of) in enumerate(zip(panels, drawn, strict=True)):
        axes.set_ylim(scale.low, scale.high)
        axes.axhline(scale.times * mean["estimate"], color="#AAAAAA", lw=0.9, zorder=1)
        place = _categories if _is_named(of, means[of["factor"]]) else _curve
        place(axes, of, means[of["factor"]], mean, scale.times, of["factor"] in logarithmic)
        axes.tick_params(axis="both", labelsize=9)
        axes.set_xlabel(_under(axes, of), size=9)
        if i % ACROSS:
            axes.tick_params(axis="y", labelleft=False)
        else:
            axes.set_ylabel(scale.name)
    return figure


def _widest(factors: Sequence[Row], means: Mapping[str, Sequence[Row]]) -> list[Row]:
    """Factors in their order; of too many for a page those over whose levels the answer moves most."""

    def width(of: Row) -> float:
        answers = [row["estimate"] for row in means[of["factor"]]]
        return float(max(answers) - min(answers))

    kept = {of["factor"] for of in sorted(factors, key=width, reverse=True)[:MAX_PANELS]}
    return [of for of in factors if of["factor"] in kept]


def _scale(question: str, rows: Sequence[Row]) -> _Scale:
    """An axis that holds every interval, of shares and probabilities none beyond all of them."""
    times = 1.0 if is_lead(question) else 100.0
    ends = [times * row[key] for row in rows for key in ("estimate", "low", "high") if row[key] is not None]
    low, high = min(ends), max(ends)
    air = AIR * ((high - low) or 1.0)
    name = METRICS[question].unit
    return _Scale(times, name, low - air, high + air)


# The page


def _page(names: Sequence[str], title: str, notes: Sequence[str]) -> tuple[Figure, list[Axes]]:
    """A page with a panel for each name, at most four beside each other, each row as high as its titles need."""
    across = min(ACROSS, len(names))
    width = WIDE if across > 2 else NARROW
    left, gap = 0.8, 0.22
    panel = (width - left - 0.2 - gap * (across - 1)) / across
    titles = [textwrap.fill(name, int(panel * LETTERS_AN_INCH)) for name in names]
    rows = -(-len(names) // across)
    heads = [_head_inches(titles[row * across : (row + 1) * across]) for row in range(rows)]
    lines = style.caption_lines(width, *notes)
    foot, under = 0.2 + style.LINE_INCHES * len(lines), UNDER_INCHES
    figure = style.new_figure(width, foot + HEADING_INCHES + sum(heads) + rows * (PANEL_INCHES + under))
    top, panels = figure.get_figheight() - HEADING_INCHES, []
    for i, text in enumerate(titles):
        row, column = divmod(i, across)
        bottom = top - sum(heads[: row + 1]) - row * (PANEL_INCHES + under) - PANEL_INCHES
        axes = style.place(figure, left + column * (panel + gap), bottom, panel, PANEL_INCHES)
        axes.set_title(text, loc="left", size=10)
        panels.append(axes)
    style.write_heading(figure, title, "One factor moves alone. Dots: means over races. Band: their 95% interval.")
    style.write_caption(figure, lines)
    return figure, panels


def _head_inches(titles: Sequence[str]) -> float:
    """Room over a row of panels for the tallest of its titles."""
    return 0.14 + 0.165 * max(title.count("\n") + 1 for title in titles)


# A panel


def _is_named(of: Row, means: Sequence[Row]) -> bool:
    """Whether the levels are worlds or a switch, with nothing between them."""
    return any(isinstance(value, (str, bool)) for value in (of["value"], *(row["value"] for row in means)))


def _curve(axes: Axes, of: Row, means: Sequence[Row], mean: Row, times: float, logarithmic: bool) -> None:
    """The answer over the numbers of a factor."""
    values = [row["value"] for row in means]
    if logarithmic:
        axes.set_xscale("log")
        _plain_numbers(axes, [*values, *([of["value"]] if (of["value"] or 0) > 0 else [])])
    colour = style.COLOURS[0]
    known = [row for row in means if row["low"] is not None]
    low, high = ([times * row[key] for row in known] for key in ("low", "high"))
    axes.fill_between([row["value"] for row in known], low, high, color=colour, alpha=BAND_ALPHA, lw=0)
    way: dict[str, Any] = {"color": colour, "marker": "o", "ms": 3.5, "lw": 1.8}
    axes.plot(values, [times * row["estimate"] for row in means], **way)
    if of["value"] is not None and (of["value"] > 0 or not logarithmic):  # nothing has no place on such an axis
        axes.axvline(of["value"], color="#AAAAAA", lw=0.9, zorder=1)
        _own(axes, of["value"], mean, times)


def _plain_numbers(axes: Axes, values: Sequence[float]) -> None:
    """Numbers on a logarithmic axis as a reader would write them, at few values that are round."""
    from matplotlib.ticker import FixedLocator, NullLocator

    low, high = min(values), max(values)
    axes.xaxis.set_minor_locator(NullLocator())
    ticks = _round_numbers(low, high)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.set_xticks(ticks, [value_words(tick) for tick in ticks])


def _round_numbers(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers between two, at most so many: the coarsest series of 1-2-5 that has enough of them."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for series in ((1, 2, 5), (1, 3), (1,)):
        numbers = [digit * 10.0**power for power in decades for digit in series]
        inside = [number for number in numbers if low * (1 - 1e-9) <= number <= high * (1 + 1e-9)]
        if 1 < len(inside) <= most:
            return inside
    return [low, high] if len(inside) < 2 else inside[:: -(-len(inside) // most)]


def _categories(axes: Axes, of: Row, means: Sequence[Row], mean: Row, times: float, _: bool) -> None:
    """The answer in each of a few worlds, side by side."""
    for x, row in enumerate(means):
        if row["low"] is not None:
            axes.vlines(x, times * row["low"], times * row["high"], color=style.COLOURS[0], alpha=0.45, lw=5)
        axes.plot([x], [times * row["estimate"]], marker="o", ms=5, color=style.COLOURS[0], linestyle="none")
        if row["value"] == of["value"]:
            axes.axvline(x, color="#AAAAAA", lw=0.9, zorder=1)
            _own(axes, x, mean, times)
    letters = max(FEWEST_LETTERS, int(LETTERS_AN_INCH * _width(axes) / len(means)))
    axes.set_xlim(-0.6, len(means) - 0.4)
    axes.set_xticks(range(len(means)), [_level_name(row["value"], letters) for row in means])
    axes.grid(axis="x", visible=False)


def _level_name(value: Value, letters: int) -> str:
    """A level under its dots, in lines of no more than so many letters."""
    return textwrap.fill(_spaced(value), letters, max_lines=2, placeholder="…")


def _under(axes: Axes, of: Row) -> str:
    """What stands under the numbers of a panel: their unit, and the scenario's own value."""
    if of["value"] is None:
        return "moves nothing"
    own = f"as it is: {_spaced(of['value'])}"
    if not of["unit"] or isinstance(of["value"], bool):
        return own
    return textwrap.shorten(of["unit"], int(_width(axes) * LETTERS_AN_INCH), placeholder="…") + f"\n{own}"


def _spaced(value: Value) -> str:
    return value_words(value).replace("_", " ").replace("-", " ") if isinstance(value, str) else value_words(value)


def _width(axes: Axes) -> float:
    """Width of a panel in inches."""
    figure = axes.get_figure(root=True)
    assert figure is not None, "axes of ours stand on a page"
    return float(figure.get_figwidth() * axes.get_position().width)


def _own(axes: Axes, x: float, mean: Row, times: float) -> None:
    """The world as it is."""
    if mean["low"] is not None:
        axes.vlines(x, times * mean["low"], times * mean["high"], color="black", lw=1.2, zorder=4)
    axes.plot([x], [times * mean["estimate"]], marker="o", ms=5.5, color="black", linestyle="none", zorder=5)
