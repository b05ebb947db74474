"""The look shared by all figures: colours, lines, axes in calendar years, captions, and how a figure is saved."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# Okabe & Ito 2008, told apart by any colour vision; yellow is too faint on white, so grey takes its place.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#888888")
LINES: tuple[Any, ...] = (
    "-",
    (0, (5, 1.6)),
    (0, (1.2, 1.2)),
    (0, (6, 1.5, 1.2, 1.5)),
    (0, (9, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (2, 2)),
    (0, (1, 2.5)),
)
GREY = "#555555"
FAINT = "#DDDDDD"
DPI = 150
CAPTION_POINTS = 8.0
LINE_INCHES = 0.135  # height of a line of caption
ROW_INCHES = 0.175  # height of a row of a table
KEY_COLUMNS = 5
MONTH_YEARS = 1 / 12  # the shortest axis of time

FONTS: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "text.parse_math": False,  # dollars are dollars
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "grid.color": "#EBEBEB",
    "axes.axisbelow": True,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": "black",
    "ytick.labelcolor": "black",
    "hatch.linewidth": 0.6,
}


def look() -> AbstractContextManager[None]:
    """The context in which figures are built and saved; outside it matplotlib's settings stay the user's own."""
    import matplotlib

    context: AbstractContextManager[None] = matplotlib.rc_context(FONTS)
    return context


def new_figure(width_inches: float, height_inches: float) -> Figure:
    """An empty figure that belongs to no global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_inches, height_inches), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def place(figure: Figure, left: float, bottom: float, width: float, height: float, **options: Any) -> Axes:
    """Axes at a place given in inches from the lower left corner."""
    whole_width, whole_height = figure.get_size_inches()
    box = (left / whole_width, bottom / whole_height, width / whole_width, height / whole_height)
    axes: Axes = figure.add_axes(box, **options)
    return axes


def write_at(figure: Figure, left: float, bottom: float, text: str, **options: Any) -> None:
    """Text at a place given in inches from the lower left corner."""
    whole_width, whole_height = figure.get_size_inches()
    figure.text(left / whole_width, bottom / whole_height, text, **options)


def caption_lines(width_inches: float, *notes: str) -> list[str]:
    """The notes under a figure, broken to its width."""
    letters = int((width_inches - 0.3) * 72 / (CAPTION_POINTS * 0.535))
    return [line for note in notes if note for line in textwrap.wrap(note, letters)]


def write_caption(figure: Figure, lines: Sequence[str]) -> None:
    """Put the notes along the lower edge."""
    text = "\n".join(lines)
    write_at(figure, 0.15, 0.09, text, size=CAPTION_POINTS, color=GREY, va="bottom", linespacing=1.2)


def save(figure: Figure, path: Path) -> Path:
    """Write a PNG whole or not at all, the same bytes for the same figure."""
    make_drawable(figure)
    part = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        figure.savefig(part, format="png", dpi=DPI, metadata={"Software": None})
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def save_all(figures: Mapping[str, Callable[[], Figure]], folder: Path) -> list[Path]:
    """Draw figures one after the other and save each under its name; returns the paths. Raises OSError."""
    with look():
        return [save(draw(), folder / f"{name}.png") for name, draw in figures.items()]


def drawable(text: str) -> str:
    """A text as the font can draw it: a sign that it does not have, or a control character, by its number."""
    known = _signs()
    return "".join(sign if sign in known else sign.encode("unicode_escape").decode() for sign in text)


@cache
def _signs() -> frozenset[str]:
    """The signs that the font has, and the end of a line."""
    from matplotlib.font_manager import findfont, get_font

    charmap = get_font(findfont(FONTS["font.family"])).get_charmap()
    return frozenset({"\n", *(chr(number) for number in charmap if chr(number).isprintable())})


def make_drawable(figure: Figure) -> None:
    """Write every text of a figure so that no scenario's words can spoil it."""
    from matplotlib.text import Text
    from matplotlib.ticker import FuncFormatter

    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        if isinstance(own := axis.get_major_formatter(), FuncFormatter):  # of ticks that have names
            axis.set_major_formatter(FuncFormatter(lambda value, place, own=own: drawable(own(value, place))))
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_text(drawable(text.get_text()))


def year_ticks(start_year: float, end_year: float, most: int = 8) -> list[int]:
    """Round calendar years within a span, at most `most` of them (but always one)."""
    first, last = int(np.ceil(start_year)), int(np.floor(end_year + 1e-9))
    for step in (1, 2, 5, 10, 20, 50, 100):
        years = [year for year in range(first, last + 1) if year % step == 0]
        if 0 < len(years) <= most:
            return years
    return [first]


def spread(wanted: Sequence[float], gap: float, top: float) -> list[float]:
    """Heights near the wanted ones, in their order, at least `gap` apart and, if there is room, within 0..top."""
    order = np.argsort(np.asarray(wanted), kind="stable")
    heights = np.asarray(wanted, dtype=np.float64)[order]
    steps = gap * np.arange(len(heights))
    pushed_up = np.maximum.accumulate(heights - steps) + steps
    pushed_down = np.minimum.accumulate((heights - steps)[::-1])[::-1] + steps
    middle = (pushed_up + pushed_down) / 2  # both keep the gap, so their mean does
    placed = np.empty_like(heights)
    placed[order] = np.maximum(np.minimum(middle, top - steps[::-1]), steps)
    return [float(height) for height in placed]


def label_ends(axes: Axes, ends: Sequence[float], texts: Sequence[str], gap_inches: float = 0.19) -> None:
    """Write a label beside the right end of each line, moved apart where the ends are close."""
    height_inches = axes.get_position().height * _page_inches(axes)[1]
    low, high = axes.get_ylim()
    wanted = [(end - low) / (high - low) for end in ends]
    for i, height in enumerate(spread(wanted, gap_inches / height_inches, 1.0)):
        way: dict[str, Any] = {"color": COLOURS[i], "transform": axes.transAxes, "clip_on": False}
        axes.plot([1.005, 1.03], [wanted[i], height], lw=0.8, **way)
        axes.text(1.04, height, texts[i], va="center", **way)


def key_inches(labels: Sequence[str]) -> float:
    """Height of the key of blocs."""
    return 0.2 * -(-len(labels) // KEY_COLUMNS)


def bloc_key(figure: Figure, labels: Sequence[str]) -> None:
    """Say under the title which line is which bloc, for figures of many small panels."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=COLOURS[i], linestyle=LINES[i], lw=2, label=label) for i, label in enumerate(labels)
    ]
    key(figure, handles, figure.get_figheight() - 0.4, columns=KEY_COLUMNS, fontsize=10, handlelength=3)


def key(figure: Figure, handles: Sequence[Any], top_inches: float, columns: int = 1, **options: Any) -> None:
    """Say what marks and colours mean, from the left edge of the page, its top so many inches above the lower edge."""
    width, height = figure.get_size_inches()
    look: dict[str, Any] = {"frameon": False, "borderpad": 0, "borderaxespad": 0, "labelspacing": 0.35, "fontsize": 9}
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0.15 / width, top_inches / height)}
    figure.legend(handles=handles, ncols=columns, **place, **(look | options))


def rows_axis(axes: Axes, names: Sequence[str], **options: Any) -> None:
    """Make the y axis a row for each name, the first on top."""
    axes.set_ylim(max(len(names), 1) - 0.4, -0.6)
    axes.set_yticks(range(len(names)), names, **options)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)


def label_inches(labels: Iterable[str], points: float = 9) -> float:
    """Room that labels of this size need at an edge of the page, with a little air on both sides."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=FONTS["font.family"], size=points)
    texts = [drawable(label) for label in labels]
    widths = [text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] for text in texts]
    return 0.27 + max(widths, default=0.0) / 72


def broken(name: str, inches: float) -> str:
    """A name in lines that are no longer than this; a word that is longer is cut."""
    letters = len(name)
    text = name
    while letters > 8 and label_inches(text.split("\n"), points=10) > inches:
        letters -= 1
        text = "\n".join(textwrap.wrap(name, letters))
    return text


def count_table(
    axes: Axes, down_inches: float, title: str, columns: Sequence[float], rows: Iterable[tuple[str, str, Sequence[int]]]
) -> None:
    """Numbers under the axes at the places of its ticks, as under a curve in a clinical paper.

    `rows`: label, colour, one count for each column; `down_inches` is how far under the axes the title stands.
    """
    box, (page_width, page_height) = axes.get_position(), _page_inches(axes)
    row, y = ROW_INCHES / (box.height * page_height), -down_inches / (box.height * page_height)
    margin = (0.15 - box.x0 * page_width) / (box.width * page_width)
    axes.text(0, y, title, transform=axes.transAxes, size=9, weight="bold", va="top")
    for label, colour, counts in rows:
        y -= row
        way: dict[str, Any] = {"size": 9, "color": colour, "va": "top"}
        axes.text(margin, y, label, transform=axes.transAxes, **way)
        for x, count in zip(columns, counts, strict=True):
            axes.text(x, y, f"{count:,}", transform=axes.get_xaxis_transform(), ha="center", **way)


def years_of(start_month: int, months: ArrayLike) -> Any:
    """Calendar years of months since the start of the span."""
    return (start_month + np.asarray(months)) / 12


def calendar_axis(axes: Axes, start_year: float, end_year: float, most: int = 8) -> list[int]:
    """Make the x axis calendar years, a month of them at least; returns its ticks."""
    ticks = year_ticks(start_year, end_year, most)
    axes.set_xlim(start_year, max(end_year, start_year + MONTH_YEARS))
    axes.set_xticks(ticks, [str(year) for year in ticks])
    return ticks


def write_heading(figure: Figure, title: str, explanation: str) -> None:
    """Title, and under it how to read the figure."""
    height = figure.get_figheight()
    write_at(figure, 0.15, height - 0.1, " ".join(title.split()), size=12, weight="bold", va="top")
    write_at(figure, 0.15, height - 0.37, explanation, size=9, color=GREY, va="top")


def share_axis(axes: Axes, most: float, name: str) -> None:
    """Shares as percentages on y, the axis no taller than the curves need."""
    from matplotlib.ticker import MaxNLocator

    top = min(1.02, max(1.06 * most, 0.05))
    axes.set_ylim(0, top)
    ticks = [tick for tick in MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(0, top) if 0 <= tick <= top]
    axes.set_yticks(ticks, [f"{100 * tick:g}%" for tick in ticks])
    axes.set_ylabel(name)


def count_axis(axes: Axes, most: float) -> None:
    """Counts on y, in whole numbers from zero."""
    from matplotlib.ticker import MaxNLocator

    top = max(1.06 * most, 1.0)
    axes.set_ylim(0, top)
    axes.set_yticks(
        [tick for tick in MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]).tick_values(0, top) if 0 <= tick <= top]
    )


def _page_inches(axes: Axes) -> tuple[float, float]:
    """Width and height of the page that axes stand on."""
    figure = axes.get_figure(root=True)
    assert figure is not None, "axes of ours stand on a page"
    width, height = figure.get_size_inches()
    return float(width), float(height)
