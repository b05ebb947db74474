"""The figures of a sensitivity analysis: effects, elementary effects, indices with the dummy's line, convergence.

Each takes the rows of one question and gives one page. Dots are estimates, lines their 95% intervals; kinds of index
are told apart by colour and by the shape of the dot. An index without an estimate keeps its row, empty. Names of
factors are made readable, unless `labels` names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race_lab.analysis.sensitivity import Index, Step
from ipsc_race_lab.figures import style
from ipsc_race_lab.figures.dot_labels import Bar, label_dots
from ipsc_race_lab.wording.names import readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


WIDTH = 7.2
ROW_INCHES = 0.27
LONGEST_LABEL = 3.4  # inches; a longer one is broken
MOST_NAMES = 9  # in a plane; the caption names the other dots
MARKERS = ("o", "s", "^", "D")
NAMES = {
    "first": "first order: the factor alone",
    "total": "total: with all its interactions",
    "mu_star": "mean size of the effect",
    "pawn": "PAWN: distance of distributions",
    "delta": "delta: distance of densities",
    "effect": "effect, upper level less lower",
}
AXES = {"total": "total index", "mu_star": "mean size of the effect", "pawn": "PAWN index", "delta": "delta"}
NO_ROWS = "Nothing to draw: no index has an estimate"
DOTS = "Dot: estimate. Line: its 95% interval."

Labels = Mapping[str, str] | None


def tornado_figure(rows: Sequence[Index], title: str, caption: str, labels: Labels = None) -> Figure:
    """Effects as bars from nothing, the largest on top; every row is drawn, a joint effect as `one with other`."""
    ordered = sorted(rows, key=lambda row: -abs(row.estimate or 0.0))
    names = [_row_name(row, labels) for row in ordered]
    figure, axes = _rows_page(names, title, "Bar: estimate. Line: its 95% interval.", caption, 0.0)
    for y, row in enumerate(ordered):
        if row.estimate is None:
            continue
        colour = style.COLOURS[0 if row.estimate >= 0 else 1]
        axes.barh(y, row.estimate, height=0.62, color=colour, alpha=0.75, lw=0)
        if row.low is not None and row.high is not None:
            axes.plot([row.low, row.high], [y, y], color="black", lw=1.4, solid_capstyle="butt")
    axes.axvline(0, color=style.GREY, lw=0.9)
    _span(axes, ordered)
    axes.set_xlabel("change of the mean answer" if {row.index for row in rows} != {"total"} else "share of variance")
    return figure


def bars_figure(
    rows: Sequence[Index],
    title: str,
    caption: str,
    floors: Mapping[str, float | None] | None = None,
    labels: Labels = None,
) -> Figure:
    """Indices of every factor with their intervals, the factor with the largest on top.

    `floors`: for an index, the upper end of the dummy's interval, drawn as a line. Give rows of one to four kinds of
    index of each factor, such as `first` and `total`; the last kind orders the factors.
    """
    kinds, factors = _kinds(rows), _by_size(rows)
    key = [NAMES.get(kind, readable(kind)) for kind in kinds]
    drawn = {kind: floor for kind, floor in (floors or {}).items() if kind in kinds and floor is not None}
    note = "Dashed line: upper end of the dummy factor's interval; an index not above it is not told from nothing."
    names = [_name(factor, labels) for factor in factors]
    figure, axes = _rows_page(names, title, DOTS, caption, 0.25 * len(kinds), note if drawn else "")
    for i, kind in enumerate(kinds):
        shift = 0.46 * ((i + 0.5) / len(kinds) - 0.5)
        colour = style.COLOURS[i]
        if kind in drawn:
            axes.axvline(drawn[kind], color=colour, lw=1.2, linestyle=(0, (5, 2.5)), zorder=1)
        for row in (row for row in rows if row.index == kind):
            _dot(axes, row, factors.index(row.factor) + shift, colour, MARKERS[i])
    axes.axvline(0, color=style.GREY, lw=0.9)
    _span(axes, rows, drawn.values())
    axes.set_xlabel("index")
    _key(figure, key)
    return figure


def morris_figure(
    rows: Sequence[Index], title: str, caption: str, floor: float | None = None, labels: Labels = None
) -> Figure:
    """Mean size of elementary effects against their spread, a dot for each factor.

    Far to the right the factor matters; far up its effect depends on where it or the others stand. The grey lines are
    where the spread is a tenth of, half of and as large as the mean size (Garcia Sanchez et al. 2014): below the first
    a factor acts like a straight line, above the last it curves or interacts. `floor`: the dummy's, as a line.
    """
    sizes = {row.factor: row for row in rows if row.index == "mu_star" and row.estimate is not None}
    spreads = {row.factor: row for row in rows if row.index == "sigma" and row.estimate is not None}
    factors = sorted((one for one in sizes if one in spreads), key=lambda one: -(sizes[one].estimate or 0.0))
    named = [one for one in factors if floor is None or (sizes[one].estimate or 0.0) > floor][:MOST_NAMES]
    unnamed = ", ".join(_name(one, labels) for one in factors if one not in named)
    note = (
        "Grey lines: spread a tenth of, half of and as large as the mean size. Below the lowest a factor acts like a "
        "straight line, above the highest its effect curves or depends on other factors. Lines at a dot: 95% intervals."
    )
    dummy = "Dashed line: upper end of the dummy factor's interval." if floor is not None else ""
    small = f"Grey dots, from the right: {unnamed}." if unnamed else ""
    lines = style.caption_lines(WIDTH, note, dummy, small, caption)
    bottom, height, left = 0.2 + style.LINE_INCHES * len(lines) + 0.45, 4.3, 0.85
    figure = style.new_figure(WIDTH, bottom + height + 0.75)
    axes = style.place(figure, left, bottom, WIDTH - left - 0.25, height)
    if factors:
        _morris_plane(axes, [(sizes[one], spreads[one]) for one in factors], len(named), floor)
        dots = [(sizes[one].estimate or 0.0, spreads[one].estimate or 0.0) for one in factors]
        bars = [bar for one in named for bar in _crosses(sizes[one], spreads[one])]
        label_dots(axes, dots, bars, [_name(one, labels) for one in named], (WIDTH - left - 0.25, height))
    else:
        _empty(axes)
    style.write_heading(figure, title, "Elementary effects: how much each factor matters, and whether it acts alone.")
    style.write_caption(figure, lines)
    return figure


def convergence_figure(
    steps: Sequence[Step],
    title: str,
    caption: str,
    index: str = "total",
    unit: str = "base points",
    labels: Labels = None,
) -> Figure:
    """One index of every factor from growing beginnings of the design, with 95% intervals.

    The seven factors that end highest have a colour; the others are grey, and told only in number. `unit` names what
    the sizes count.
    """
    from matplotlib.transforms import offset_copy

    series = _series(steps, index)
    ends = {factor: _last(of[0]) for factor, of in series.items()}
    ranked = sorted((factor for factor in series if ends[factor] is not None), key=lambda f: -(ends[f] or 0.0))
    shown, others = ranked[: len(style.COLOURS) - 1], ranked[len(style.COLOURS) - 1 :]
    more = f"Grey: the other {len(others)} factors." if others else ""
    lines = style.caption_lines(
        WIDTH, "Upright line: 95% interval at each size, side by side for the factors.", more, caption
    )
    texts = [style.broken(_name(factor, labels), 2.2) for factor in shown]
    gap = 0.19 * max((text.count("\n") + 1 for text in texts), default=1)
    bottom, height = 0.2 + style.LINE_INCHES * len(lines) + 0.45, max(3.2, gap * len(texts))
    figure = style.new_figure(WIDTH, bottom + height + 0.75)
    right = style.label_inches([line for text in texts for line in text.split("\n")], points=10) + 0.15
    width = WIDTH - 0.85 - right
    axes = style.place(figure, 0.85, bottom, width, height)
    if shown:
        sizes = [float(step.size) for step in steps]
        for factor in others:
            axes.plot(sizes, series[factor][0], color="#BBBBBB", lw=1)
        for i, factor in enumerate(shown):
            estimate, low, high = series[factor]
            beside = 4.0 * (i - (len(shown) - 1) / 2)  # points, so that no interval hides another
            aside = offset_copy(axes.transData, figure, x=beside, units="points")
            way: dict[str, Any] = {"color": style.COLOURS[i], "transform": aside, "clip_on": False}
            axes.vlines(sizes, low, high, lw=1.2, **way)
            axes.plot(sizes, estimate, linestyle=style.LINES[i], lw=1.8, marker="o", ms=4, **way)
        _size_axis(axes, [step.size for step in steps], unit)
        drawn = [number for factor in series for column in series[factor] for number in column if np.isfinite(number)]
        air = 0.04 * (max(0.0, *drawn) - min(0.0, *drawn))
        axes.set_ylim(min(0.0, *drawn) - air, max(0.0, *drawn) + air)
        axes.set_ylabel(AXES.get(index, readable(index)))
        style.label_ends(axes, [float(ends[factor] or 0) for factor in shown], texts, gap)
    else:
        _empty(axes)
    style.write_heading(
        figure, title, "The same index from growing parts of the design: flat lines need no more points."
    )
    style.write_caption(figure, lines)
    return figure


# Pages of one row a factor


def _rows_page(
    names: Sequence[str], title: str, explanation: str, caption: str, key_inches: float, note: str = ""
) -> tuple[Figure, Axes]:
    """A page with a row for each name, the first on top, and room for a key."""
    lines = style.caption_lines(WIDTH, note, caption)
    texts = [style.broken(name, LONGEST_LABEL) for name in names]
    rows = [line for text in texts for line in text.split("\n")]
    left = style.label_inches(rows, points=10)
    tall = max((text.count("\n") + 1 for text in texts), default=1)
    bottom, height = 0.2 + style.LINE_INCHES * len(lines) + 0.45, ROW_INCHES * (0.35 + 0.65 * tall) * max(len(names), 2)
    figure = style.new_figure(WIDTH, bottom + height + 0.62 + key_inches)
    axes = style.place(figure, left, bottom, WIDTH - left - 0.25, height)
    axes.set_ylim(max(len(names), 1) - 0.4, -0.6)
    axes.set_yticks(range(len(names)), texts)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    style.write_heading(figure, title, explanation)
    style.write_caption(figure, lines)
    return figure, axes


def _dot(axes: Axes, row: Index, y: float, colour: str, marker: str) -> None:
    """An estimate with its interval."""
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [y, y], color=colour, lw=1.8, solid_capstyle="butt")
    if row.estimate is not None:
        axes.plot([row.estimate], [y], marker=marker, ms=5.5, color=colour, linestyle="none")


def _span(axes: Axes, rows: Iterable[Index], others: Iterable[float] = ()) -> None:
    """An x axis that holds nothing, every estimate and every interval."""
    ends = [end for row in rows for end in (row.estimate, row.low, row.high) if end is not None]
    if not ends:
        _empty(axes, keep_rows=True)
        return
    low, high = min(0.0, *ends, *others), max(0.0, *ends, *others)
    air = 0.04 * ((high - low) or 1.0)
    axes.set_xlim(low - air, high + air)


def _key(figure: Figure, names: Sequence[str]) -> None:
    """Which colour and shape is which kind of index, under the heading."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=style.COLOURS[i], marker=MARKERS[i], lw=1.8) for i in range(len(names))]
    width, height = figure.get_size_inches()
    figure.legend(
        handles,
        names,
        loc="upper left",
        bbox_to_anchor=(0.15 / width, 1 - 0.56 / height),
        frameon=False,
        borderpad=0,
        borderaxespad=0,
        labelspacing=0.35,
        fontsize=9,
    )


def _empty(axes: Axes, keep_rows: bool = False) -> None:
    """No estimate is an answer too."""
    axes.set_xticks([])
    if not keep_rows:
        axes.set_yticks([])
    axes.text(0.5, 0.5, NO_ROWS, transform=axes.transAxes, ha="center", va="center", color=style.GREY, size=9)


# The plane of elementary effects


def _morris_plane(axes: Axes, pairs: Sequence[tuple[Index, Index]], named: int, floor: float | None) -> None:
    """Dots with both intervals, the first `named` of them in colour, and the lines of equal ratio."""
    ends_x, ends_y = (
        [end for pair in pairs for end in (pair[i].estimate, pair[i].high) if end is not None] for i in (0, 1)
    )
    right, top = 1.12 * max(*ends_x, floor or 0.0) or 1.0, 1.12 * max(ends_y) or 1.0
    axes.set_xlim(-0.03 * right, right)
    axes.set_ylim(-0.03 * top, top)
    for ratio in (0.1, 0.5, 1.0):
        reach = min(right, top / ratio)
        axes.plot([0, reach], [0, ratio * reach], color="#CCCCCC", lw=1, zorder=1)
    if floor is not None:
        axes.axvline(floor, color=style.GREY, lw=1.2, linestyle=(0, (5, 2.5)), zorder=1)
    for i, (size, spread) in enumerate(pairs):
        x, y = float(size.estimate or 0), float(spread.estimate or 0)
        colour, faint = (style.COLOURS[0], style.COLOURS[5]) if i < named else (style.COLOURS[7], style.FAINT)
        for xs, ys in _crosses(size, spread):
            axes.plot(xs, ys, color=faint, lw=1.2, zorder=2)
        axes.plot([x], [y], marker="o", ms=6, color=colour, linestyle="none", zorder=3, clip_on=False)
    axes.set_xlabel("mean size of the effect over the range of the factor (mu*)")
    axes.set_ylabel("spread of the effect (sigma)")


def _crosses(size: Index, spread: Index) -> list[Bar]:
    """The intervals of a dot, as ends on x and on y."""
    x, y = float(size.estimate or 0), float(spread.estimate or 0)
    found: list[Bar] = []
    if size.low is not None and size.high is not None:
        found.append(((size.low, size.high), (y, y)))
    if spread.low is not None and spread.high is not None:
        found.append(((x, x), (spread.low, spread.high)))
    return found


# Convergence


def _series(steps: Sequence[Step], index: str) -> dict[str, tuple[list[float], list[float], list[float]]]:
    """Estimate, low and high by size of each factor, NaN where there is none."""
    found: dict[str, tuple[list[float], list[float], list[float]]] = {}
    for i, step in enumerate(steps):
        for row in step.rows:
            if row.index != index:
                continue
            series = found.setdefault(row.factor, tuple([np.nan] * len(steps) for _ in range(3)))  # type: ignore[arg-type]
            for column, value in zip(series, (row.estimate, row.low, row.high), strict=True):
                column[i] = np.nan if value is None else value
    return found


def _last(values: Sequence[float]) -> float | None:
    """Where a line ends."""
    told = [value for value in values if not np.isnan(value)]
    return told[-1] if told else None


def _size_axis(axes: Axes, sizes: Sequence[int], unit: str) -> None:
    """Sizes on a logarithmic axis where they double, each with a tick unless two would touch."""
    from matplotlib.ticker import NullFormatter, NullLocator

    if len(sizes) > 2 and sizes[-1] / sizes[0] >= 4:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_minor_formatter(NullFormatter())
    air = (sizes[-1] / sizes[0]) ** 0.05 if axes.get_xscale() == "log" else 1.05
    axes.set_xlim(sizes[0] / air, sizes[-1] * air)
    at = axes.transData.transform([(size, 0.0) for size in sizes])[:, 0] / style.DPI
    kept: list[int] = []
    for i in range(len(sizes) - 1, -1, -1):
        if not kept or at[kept[-1]] - at[i] > 0.2 + 0.045 * (len(str(sizes[i])) + len(str(sizes[kept[-1]]))):
            kept.append(i)
    axes.set_xticks([sizes[i] for i in kept], [str(sizes[i]) for i in kept])
    axes.set_xlabel(f"{unit} used")


# Names


def _name(factor: str, labels: Labels) -> str:
    return (labels or {}).get(factor) or readable(factor)


def _row_name(row: Index, labels: Labels) -> str:
    """A factor, or two for a joint index."""
    _, joint, other = row.index.partition(":")
    return f"{_name(row.factor, labels)} with {_name(other, labels)}" if joint else _name(row.factor, labels)


def _kinds(rows: Iterable[Index]) -> list[str]:
    """Kinds of index, in the order in which they come; at most as many as there are shapes."""
    kinds = list(dict.fromkeys(row.index for row in rows))
    if len(kinds) > len(MARKERS):
        raise ValueError(f"At most {len(MARKERS)} kinds of index go into one figure, not {len(kinds)}.")
    return kinds


def _by_size(rows: Sequence[Index]) -> list[str]:
    """Factors by the size of the last kind of index that has estimates, the largest first."""
    factors = list(dict.fromkeys(row.factor for row in rows))
    size = {row.factor: row.estimate for row in rows if row.estimate is not None}
    return sorted(factors, key=lambda factor: -size.get(factor, -np.inf))
