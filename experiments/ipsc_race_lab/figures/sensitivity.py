"""The figures of a sensitivity analysis: effects, elementary effects with their floor, indices, convergence.

Each takes the rows of one question and gives one page. Dots are estimates, lines their 95% intervals; kinds of index
are told apart by colour and by the shape of the dot. An index without an estimate keeps its row, empty. Names of
factors are made readable, unless `labels` names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race_lab.analysis.sensitivity import Index, Step, exceeds_noise
from ipsc_race_lab.figures import style
from ipsc_race_lab.figures.panels import DASHED, dot, rows_page
from ipsc_race_lab.metrics.registry import Kind, kind_of
from ipsc_race_lab.wording.names import readable
from ipsc_race_lab.wording.numbers import scale_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


NARROW = 7.2  # inches; of a page of one panel
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
MORRIS = ("mu_star", "sigma", "mu", "mu_star_noise")
NO_ROWS = "Nothing to draw: no index has an estimate"
DOTS = "Dot: estimate. Line: its 95% interval."
WAYS = {  # of a factor that goes up: shape, colour
    "raises the answer": (">", style.COLOURS[0]),
    "lowers it": ("<", style.COLOURS[1]),
    "neither on average": ("o", style.COLOURS[6]),
}
MORRIS_NOTES = (
    "Grey bar: the mean size that stochastic variation alone would show, were the factor without effect, from the "
    "variance of its effects over replications. Hollow: the interval does not lie above it.",
    "Spread: how much the effect varies over the design, freed of stochastic variation: a factor acts alone and in a "
    "straight line where it is near 0. A dummy changes no race: it lies at 0 exactly and tells nothing of variation.",
)

Labels = Mapping[str, str] | None


def tornado_figure(rows: Sequence[Index], title: str, caption: str, labels: Labels = None) -> Figure:
    """Effects as bars from nothing, the largest on top; every row is drawn, a joint effect as `one with other`."""
    ordered = sorted(rows, key=lambda row: -abs(row.estimate or 0.0))
    names = [_row_name(row, labels) for row in ordered]
    figure, axes = _rows_page(names, title, "Bar: estimate. Line: its 95% interval.", (caption,), 0.0)
    scale, unit = _moves(rows)
    for y, row in enumerate(ordered):
        if row.estimate is None:
            continue
        colour = style.COLOURS[0 if row.estimate >= 0 else 1]
        axes.barh(y, scale * row.estimate, height=0.62, color=colour, alpha=0.75, lw=0)
        if row.low is not None and row.high is not None:
            axes.plot([scale * row.low, scale * row.high], [y, y], color="black", lw=1.4, solid_capstyle="butt")
    axes.axvline(0, color=style.GREY, lw=0.9)
    _span(axes, ordered, scale)
    axes.set_xlabel(unit)
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
    note = "Dashed line: upper end of the dummy factor's interval; an index not above it is not significant."
    names = [_name(factor, labels) for factor in factors]
    figure, axes = _rows_page(names, title, DOTS, (note if drawn else "", caption), 0.2 * len(kinds))
    for i, kind in enumerate(kinds):
        shift = 0.46 * ((i + 0.5) / len(kinds) - 0.5)
        colour = style.COLOURS[i]
        if kind in drawn:
            axes.axvline(drawn[kind], color=colour, lw=1.2, linestyle=DASHED, zorder=1)
        for row in (row for row in rows if row.index == kind):
            dot(axes, _ends(row), factors.index(row.factor) + shift, colour, marker=MARKERS[i])
    axes.axvline(0, color=style.GREY, lw=0.9)
    _span(axes, rows, others=drawn.values())
    axes.set_xlabel("index")
    _key(figure, {name: (MARKERS[i], style.COLOURS[i]) for i, name in enumerate(key)})
    return figure


def morris_figure(rows: Sequence[Index], title: str, caption: str, labels: Labels = None) -> Figure:
    """Mean size of the elementary effects of each factor above its floor, and beside it their spread.

    The factor with the largest mean size is on top. The floor is the `mu_star_noise` of a factor: what stochastic
    variation alone would show; a dot is filled where `exceeds_noise` holds. The shape of a dot says which way the
    answer goes, where the interval of the mean effect (`mu`) leaves out nothing.
    """
    by_index = {index: {row.factor: row for row in rows if row.index == index} for index in MORRIS}
    sizes, spreads, means, floors = by_index.values()
    factors = sorted(sizes, key=lambda factor: -(sizes[factor].estimate or 0.0))
    heads = ["Mean size of the effect (mu*)", "Spread of the effect (sigma)"]
    names, notes = [_name(factor, labels) for factor in factors], (*MORRIS_NOTES, caption)
    scale, unit = _moves(rows)
    figure, panels = rows_page(title, DOTS, names, heads, notes, key_inches=0.2 * len(WAYS))
    for y, factor in enumerate(factors):
        floor = floors[factor].estimate if factor in floors else None
        panels[0].barh(y, scale * (floor or 0.0), height=0.62, color=style.FAINT, lw=0, zorder=1)
        marker, colour = WAYS[_way(means.get(factor))]
        is_told = exceeds_noise(sizes[factor].low, floor)
        for axes, row in zip(panels, (sizes[factor], spreads.get(factor)), strict=True):
            if row is not None:
                dot(axes, _ends(row), y, colour, scale=scale, marker=marker, filled=is_told)
    for axes, of in zip(panels, ([*sizes.values(), *floors.values()], [*spreads.values()]), strict=True):
        axes.axvline(0, color=style.GREY, lw=0.9)
        _span(axes, of, scale)
        axes.set_xlabel(unit)
    _key(figure, WAYS)
    return figure


def _way(mean: Index | None) -> str:
    """Which way the answer goes as a factor goes up, a key of `WAYS`."""
    up, down, neither = WAYS
    if mean is None or mean.low is None or mean.high is None:
        return neither
    return up if mean.low > 0 else down if mean.high < 0 else neither


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
        NARROW, "Upright line: 95% interval at each size, side by side for the factors.", more, caption
    )
    texts = [style.broken(_name(factor, labels), 2.2) for factor in shown]
    gap = 0.19 * max((text.count("\n") + 1 for text in texts), default=1)
    bottom, height = 0.2 + style.LINE_INCHES * len(lines) + 0.45, max(3.2, gap * len(texts))
    figure = style.new_figure(NARROW, bottom + height + 0.75)
    right = style.label_inches([line for text in texts for line in text.split("\n")], points=10) + 0.15
    width = NARROW - 0.85 - right
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
    names: Sequence[str], title: str, explanation: str, notes: Sequence[str], key_inches: float
) -> tuple[Figure, Axes]:
    """A page of one panel with a row for each name."""
    figure, (axes,) = rows_page(title, explanation, names, [""], notes, width=NARROW, key_inches=key_inches)
    return figure, axes


def _ends(row: Index) -> tuple[float | None, float | None, float | None]:
    return row.estimate, row.low, row.high


def _moves(rows: Sequence[Index]) -> tuple[float, str]:
    """The scale of effects on an answer, and their unit: those of its metric, the same as in every text."""
    kind = kind_of(rows[0].question) if rows else Kind.AMOUNT
    plain = "months" if kind in (Kind.LEAD, Kind.DURATION) else "change of the mean answer"
    return scale_of(kind), plain if scale_of(kind) == 1.0 else "percentage points"


def _span(axes: Axes, rows: Iterable[Index], scale: float = 1.0, others: Iterable[float] = ()) -> None:
    """An x axis that holds nothing, every estimate and every interval."""
    ends = [scale * end for row in rows for end in (row.estimate, row.low, row.high) if end is not None]
    if not ends:
        _empty(axes, keep_rows=True)
        return
    low, high = min(0.0, *ends, *others), max(0.0, *ends, *others)
    air = 0.04 * ((high - low) or 1.0)
    axes.set_xlim(low - air, high + air)


def _key(figure: Figure, marks: Mapping[str, tuple[str, str]]) -> None:
    """Which shape and colour is what, under the heading."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, marker=shape, lw=1.8, label=name) for name, (shape, colour) in marks.items()
    ]
    style.key(figure, handles, figure.get_figheight() - 0.56)


def _empty(axes: Axes, keep_rows: bool = False) -> None:
    """No estimate is an answer too."""
    axes.set_xticks([])
    if not keep_rows:
        axes.set_yticks([])
    axes.text(0.5, 0.5, NO_ROWS, transform=axes.transAxes, ha="center", va="center", color=style.GREY, size=9)


# Convergence


def _series(steps: Sequence[Step], index: str) -> dict[str, tuple[list[float], list[float], list[float]]]:
    """Estimate, low and high by size of each factor, NaN where there is none."""
    series_of: dict[str, tuple[list[float], list[float], list[float]]] = {}
    for i, step in enumerate(steps):
        for row in step.rows:
            if row.index != index:
                continue
            series = series_of.setdefault(row.factor, tuple([np.nan] * len(steps) for _ in range(3)))  # type: ignore[arg-type]
            for column, value in zip(series, (row.estimate, row.low, row.high), strict=True):
                column[i] = np.nan if value is None else value
    return series_of


def _last(values: Sequence[float]) -> float | None:
    """Where a line ends."""
    known = [value for value in values if not np.isnan(value)]
    return known[-1] if known else None


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
