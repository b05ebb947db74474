"""Pages of panels that share their rows: estimates with intervals, each panel beside a line that means something."""

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
MAX_NAME_INCHES = 3.4  # a longer name is broken
UNDER_INCHES = 0.5  # under a panel stand its numbers and their unit
DASHED: Any = (0, (5, 2.5))

Ends = tuple[float | None, float | None, float | None]  # estimate, low, high


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
        titles = [panel.title for panel in panels]
        figure, places = rows_page(title, explanation, names, titles, (note, caption))
        for axes, panel in zip(places, panels, strict=True):
            _draw(axes, panel)
    return figure


def rows_page(
    title: str,
    explanation: str,
    names: Sequence[str],
    titles: Sequence[str],
    notes: Sequence[str],
    *,
    width: float = WIDTH,
    row_inches: float = ROW_INCHES,
    beside_inches: float = 0.3,
    key_inches: float = 0.0,
) -> tuple[Figure, list[Axes]]:
    """A page with a row for each name, the first on top, and a panel for each title, those at the left with names.

    `beside_inches`: room at the right of each panel; `key_inches`: room for a key under the explanation.
    """
    texts = [style.broken(name, MAX_NAME_INCHES) for name in names]
    left = style.label_inches((line for text in texts for line in text.split("\n")), points=10)
    across, down = min(ACROSS, len(titles)), -(-len(titles) // ACROSS)
    room = (width - left - 0.1) / across
    heads = [style.broken(head, room - beside_inches) for head in titles]
    height = row_inches * (0.35 + 0.65 * _lines(texts)) * max(len(names), 2)
    over = 0.12 + 0.165 * _lines(heads) if any(heads) else 0.0
    lines = style.caption_lines(width, *notes)
    foot, band = 0.2 + style.LINE_INCHES * len(lines), UNDER_INCHES + height + over
    figure = style.new_figure(width, foot + down * band + 0.1 * (down - 1) + 0.62 + key_inches)
    panels = []
    for i, head in enumerate(heads):
        row, column = divmod(i, across)
        bottom = foot + (down - 1 - row) * (band + 0.1) + UNDER_INCHES
        axes = style.place(figure, left + column * room, bottom, room - beside_inches, height)
        axes.set_title(head, loc="left", size=10)
        style.rows_axis(axes, texts if column == 0 else [""] * len(texts))
        panels.append(axes)
    style.write_heading(figure, title, explanation)
    style.write_caption(figure, lines)
    return figure, panels


def dot(
    axes: Axes, numbers: Ends, y: float, colour: str, *, scale: float = 1.0, filled: bool = True, marker: str = "o"
) -> None:
    """An estimate with its interval, where there is one."""
    estimate, low, high = numbers
    if estimate is None:
        return
    if low is not None and high is not None:
        axes.plot([scale * low, scale * high], [y, y], color=colour, lw=1.8, solid_capstyle="butt")
    way: dict[str, Any] = {"color": colour, "mfc": colour if filled else "white", "linestyle": "none", "zorder": 3}
    axes.plot([scale * estimate], [y], marker=marker, ms=5.5, clip_on=False, **way)


def ends(row: Mapping[str, Any]) -> Ends:
    """A row of an analysis as its numbers."""
    return row["estimate"], row["low"], row["high"]


def excludes(row: Mapping[str, Any], value: float) -> bool:
    """Whether a row has an interval and a value lies outside it."""
    return row["low"] is not None and not row["low"] <= value <= row["high"]


def _lines(texts: Sequence[str]) -> int:
    """Lines of the tallest text."""
    return max((text.count("\n") + 1 for text in texts), default=1)


def _draw(axes: Axes, panel: Panel) -> None:
    axes.axvline(panel.scale * panel.line, color=style.GREY, lw=1.2, linestyle=DASHED, zorder=1)
    for y, of in enumerate(panel.numbers):
        if of is None or of["estimate"] is None:
            continue
        colour = style.COLOURS[0 if of["estimate"] > panel.line else 1]
        dot(axes, ends(of), y, colour, scale=panel.scale, filled=excludes(of, panel.line))
    axes.set_xlabel(panel.unit)
    if panel.unit.startswith("% of races"):
        axes.set_xlim(-3, 103)
